package io.ringgrid.bench;

/**
 * What a contender is opened for. Immutable.
 *
 * @param memoryBytes the limit of those that have one; the others are not limited
 * @param expiring whether entries end after an hour, for those that must know before
 */
record Room(long memoryBytes, boolean expiring) {
    /** For entries that stay. */
    static Room of(long memoryBytes) {
        return new Room(memoryBytes, false);
    }
}
