package io.ringgrid.store;

/**
 * What the entries of one map may come to on one member that is their primary, and what goes when that is reached. Immutable.
 *
 * @param eviction what goes then, and when memory is short
 * @param maxEntries how many there may be, at least 1; {@link #UNLIMITED} = as many as memory takes
 * @param maxBytes how much they may take ({@link Account#bytes}), at least 1; {@link #UNLIMITED} = as much as there is
 */
public record MapLimit(Eviction eviction, long maxEntries, long maxBytes) {
    /** No limit but that of the member's memory. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    /** What a map has that nothing is said of. */
    public static final MapLimit USUAL = new MapLimit(Eviction.DENSITY, UNLIMITED, UNLIMITED);

    /** Checks. */
    public MapLimit {
        if (maxEntries < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "a map of at most " + maxEntries + " entries and " + maxBytes + " bytes");
        }
    }

    /** So many entries of each member, by the usual choice. */
    public static MapLimit entries(long most) {
        return new MapLimit(Eviction.DENSITY, most, UNLIMITED);
    }

    /** The same limits by another choice. */
    public MapLimit by(Eviction other) {
        return new MapLimit(other, maxEntries, maxBytes);
    }

    boolean isLimited() {
        return maxEntries != UNLIMITED || maxBytes != UNLIMITED;
    }
}
