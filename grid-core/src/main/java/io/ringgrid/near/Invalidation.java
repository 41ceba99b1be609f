package io.ringgrid.near;

/**
 * What a member tells one who follows it: this is not to be shown any more. Immutable. Each has a number, contiguous on
 * its connection.
 *
 * @param kind what it concerns
 * @param map KEY, EXPIRED, LOT: the map's id
 * @param partition KEY, EXPIRED, LOT: the partition
 * @param bits KEY: {@link io.ringgrid.store.Store#hash} of map and key; EXPIRED: the partition's clock, in milliseconds
 */
public record Invalidation(Kind kind, int map, int partition, long bits) {
    /** What an invalidation concerns. The order is part of the wire format: append only. */
    public enum Kind {
        /** A key was set or removed. */
        KEY,
        /** All entries whose expiry is not after the clock. */
        EXPIRED,
        /** All entries of a map in a partition, which is no longer followed. */
        LOT,
        /** All entries that came on this connection: nothing is followed any more. */
        ALL;

        private static final Kind[] KINDS = values();

        /**
         * The kind of this code.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Kind of(int code) {
            if (code < 0 || code >= KINDS.length) {
                throw new IllegalArgumentException("no invalidation has code " + code);
            }
            return KINDS[code];
        }
    }
}
