package io.ringgrid.replica;

import io.ringgrid.store.Store;

/**
 * One step of a partition's stream: what the primary decided, as bytes that every replica applies alike. Immutable; the
 * arrays are shared and must not be changed.
 *
 * @param kind what it does
 * @param seq its number in the stream
 * @param version PUT: the entry's version, stamped by the primary that decided it
 * @param map PUT, REMOVE, CLEAR: which map
 * @param key PUT, REMOVE: the key; otherwise empty
 * @param value PUT: the value; otherwise empty
 * @param flags PUT: the entry's flags
 * @param time PUT: absolute expiry, 0 = never; TICK: what the partition's clock is raised to
 */
public record Mutation(Kind kind, long seq, long version, int map, byte[] key, byte[] value, int flags, long time) {
    private static final byte[] NONE = new byte[0];

    /** What a mutation does. The order is part of the wire format: append only. */
    public enum Kind {
        PUT,
        REMOVE,
        CLEAR,
        TICK;

        private static final Kind[] ALL = values();

        /**
         * The kind of this code.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Kind of(int code) {
            if (code < 0 || code >= ALL.length) {
                throw new IllegalArgumentException("no mutation has code " + code);
            }
            return ALL[code];
        }
    }

    static Mutation remove(long seq, int map, byte[] key) {
        return new Mutation(Kind.REMOVE, seq, 0, map, key, NONE, 0, 0);
    }

    static Mutation clear(long seq, int map) {
        return new Mutation(Kind.CLEAR, seq, 0, map, NONE, NONE, 0, 0);
    }

    static Mutation tick(long seq, long time) {
        return new Mutation(Kind.TICK, seq, 0, 0, NONE, NONE, 0, time);
    }

    /** What it takes in a store at the most, in bytes. */
    int bytes() {
        return kind == Kind.PUT ? key.length + value.length + Store.ENTRY_OVERHEAD : 0;
    }

    /** What it takes in a log or message, in bytes, about. */
    int weight() {
        return key.length + value.length + 64;
    }
}
