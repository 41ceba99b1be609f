package io.ringgrid.replica;

import io.ringgrid.store.Store;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step of a partition's stream: what the primary decided, as bytes that every replica applies alike. Immutable; the
 * arrays are shared and must not be changed.
 *
 * @param kind what it does
 * @param seq its number in the stream
 * @param version PUT: the entry's version, stamped by the primary that decided it
 * @param map PUT, REMOVE, CLEAR, CLEAR_LATER: which map
 * @param key PUT, REMOVE: the key; otherwise empty
 * @param value PUT: the value; otherwise empty
 * @param flags PUT: the entry's flags
 * @param time PUT: absolute expiry, 0 = never; TICK: what the partition's clock is raised to; CLEAR_LATER: when
 * @param row what its caller is to hear if he asks again, or null; of a part always null
 * @param idle PUT: after how many milliseconds without use the entry ends; 0 = however long
 * @param parts COMPOUND: PUTs and REMOVEs of as many keys, all of this one's seq: what is one step can never be half of one
 */
public record Mutation(
        Kind kind,
        long seq,
        long version,
        int map,
        byte[] key,
        byte[] value,
        int flags,
        long time,
        long idle,
        List<Mutation> parts,
        @Nullable Row row) {
    private static final byte[] NONE = new byte[0];

    /** What a mutation does. The order is part of the wire format: append only. */
    public enum Kind {
        PUT,
        REMOVE,
        CLEAR,
        TICK,
        COMPOUND,
        /** A CLEAR is promised: whoever is primary at that moment decides it then. */
        CLEAR_LATER,
        /** Nothing changes but what is known of a session. */
        NOTE;

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

    /** A mutation that is one thing. */
    public Mutation(Kind kind, long seq, long version, int map, byte[] key, byte[] value, int flags, long time) {
        this(kind, seq, version, map, key, value, flags, time, 0, List.of(), null);
    }

    /** Several at one step; all of this seq. */
    static Mutation compound(long seq, List<Mutation> parts) {
        return new Mutation(Kind.COMPOUND, seq, 0, 0, NONE, NONE, 0, 0, 0, parts, null);
    }

    static Mutation put(long seq, long version, int map, byte[] key, byte[] value, int flags, long expiry, long idle) {
        return new Mutation(Kind.PUT, seq, version, map, key, value, flags, expiry, idle, List.of(), null);
    }

    static Mutation remove(long seq, int map, byte[] key) {
        return new Mutation(Kind.REMOVE, seq, 0, map, key, NONE, 0, 0);
    }

    static Mutation clear(long seq, int map) {
        return new Mutation(Kind.CLEAR, seq, 0, map, NONE, NONE, 0, 0);
    }

    static Mutation clearLater(long seq, int map, long when) {
        return new Mutation(Kind.CLEAR_LATER, seq, 0, map, NONE, NONE, 0, when);
    }

    static Mutation tick(long seq, long time) {
        return new Mutation(Kind.TICK, seq, 0, 0, NONE, NONE, 0, time);
    }

    static Mutation note(long seq, Row row) {
        return new Mutation(Kind.NOTE, seq, 0, 0, NONE, NONE, 0, 0, 0, List.of(), row);
    }

    /** The same, which answers this request. */
    Mutation answering(Row request) {
        return new Mutation(kind, seq, version, map, key, value, flags, time, idle, parts, request);
    }

    /** What it takes in a store at the most, in bytes. */
    long bytes() {
        return kind == Kind.PUT ? Store.mostBytes(key.length, value.length, idle) : 0;
    }

    /** What it takes in a log or message, in bytes, about. */
    int weight() {
        int weight = key.length + value.length + 64 + (row == null ? 0 : row.bytes());
        for (Mutation part : parts) {
            weight += part.weight();
        }
        return weight;
    }
}
