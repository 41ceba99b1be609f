package io.ringgrid.op;

import java.util.Arrays;

/**
 * What a caller asks of one key, or of one whole partition: the narrow waist that every door's verbs end in.
 *
 * <p>A reusable cursor over bytes that somebody else owns: not thread-safe, and valid only until the call that it was
 * handed to returns. Who keeps it longer keeps a {@link #copy()}.
 *
 * <p>Every operation is evaluated once, by the primary of its partition, against the entry as it is there:
 *
 * <pre>
 *   GET        the entry                                    FOUND | MISSING
 *   PUT        set the value, if {@link #condition} holds   DONE | MISSING | EXISTS
 *   REMOVE     remove the entry, if the condition holds     DONE | MISSING | EXISTS
 *   INCREMENT  add {@link #delta} to a decimal value        DONE | MISSING | NOT_A_NUMBER | OVERFLOW
 *   TOUCH      set the expiry                               DONE | MISSING | EXISTS
 *   SIZE       how many visible entries a partition has     DONE
 *   CLEAR      remove all entries of a map in a partition   DONE
 * </pre>
 */
public final class Operation {
    /** An {@link #expiry} of this value means: the entry never expires. */
    public static final long NEVER = 0;
    /** An {@link #expiry} of this value means: leave the entry's expiry as it is (a new entry never expires). */
    public static final long KEEP = -1;

    private static final byte[] NONE = new byte[0];

    /** What is asked. The order is part of the wire format: append only. */
    public enum Kind {
        GET,
        PUT,
        REMOVE,
        INCREMENT,
        TOUCH,
        SIZE,
        CLEAR;

        private static final Kind[] ALL = values();

        /**
         * The kind of this code.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Kind of(int code) {
            if (code < 0 || code >= ALL.length) {
                throw new IllegalArgumentException("no operation has code " + code);
            }
            return ALL[code];
        }

        /** Whether executing it twice, or not knowing whether it was executed, can be seen by anybody. */
        public boolean isWrite() {
            return this != GET && this != SIZE;
        }

        /** Whether it concerns a whole partition and not one key. */
        public boolean isPartitionWide() {
            return this == SIZE || this == CLEAR;
        }
    }

    /** When a PUT, REMOVE or TOUCH takes effect. The order is part of the wire format: append only. */
    public enum Condition {
        ALWAYS,
        /** Only if the key is absent; otherwise EXISTS. */
        IF_ABSENT,
        /** Only if the key is present; otherwise MISSING. */
        IF_PRESENT,
        /** Only if the entry's version is {@link #version}; MISSING if absent, EXISTS if another. */
        IF_VERSION;

        private static final Condition[] ALL = values();

        /**
         * The condition of this code.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Condition of(int code) {
            if (code < 0 || code >= ALL.length) {
                throw new IllegalArgumentException("no condition has code " + code);
            }
            return ALL[code];
        }
    }

    /** How INCREMENT counts. The order is part of the wire format: append only. */
    public enum Counting {
        /** A missing key counts from 0; signed 64 bits; OVERFLOW beyond (Redis and Java). */
        SIGNED,
        /** A missing key is MISSING; unsigned 64 bits, wraps above; decrements stop at 0 (memcached). */
        UNSIGNED;

        private static final Counting[] ALL = values();

        /**
         * The counting of this code.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Counting of(int code) {
            if (code < 0 || code >= ALL.length) {
                throw new IllegalArgumentException("no counting has code " + code);
            }
            return ALL[code];
        }
    }

    public Kind kind = Kind.GET;
    /** The map's small id; 0 is {@code default}. */
    public int map;
    /** Which partition a partition-wide operation is for; otherwise derived from the key by whoever routes it. */
    public int partition;

    public byte[] keyBytes = NONE;
    public int keyOffset;
    public int keyLength;

    public byte[] valueBytes = NONE;
    public int valueOffset;
    public int valueLength;

    /** memcached's 32 opaque bits. INCREMENT and TOUCH leave an entry's flags as they are. */
    public int flags;
    /** Absolute, wall-clock milliseconds; or {@link #NEVER}; or {@link #KEEP}. One that has passed removes the entry. */
    public long expiry;

    public Condition condition = Condition.ALWAYS;
    /** For {@link Condition#IF_VERSION}: the version as callers see it. */
    public long version;
    /** For INCREMENT: what to add. UNSIGNED takes a magnitude and {@link #subtract}. */
    public long delta;
    /** For INCREMENT with UNSIGNED: subtract the magnitude. */
    public boolean subtract;

    public Counting counting = Counting.SIGNED;
    /** For PUT and REMOVE: the answer carries the entry as it was before (Redis SET … GET). */
    public boolean wantsOld;

    /** Sets every field to its default, so that the cursor can be used again. */
    public Operation reset(Kind newKind) {
        kind = newKind;
        map = 0;
        partition = 0;
        key(NONE, 0, 0);
        value(NONE, 0, 0);
        flags = 0;
        expiry = NEVER;
        condition = Condition.ALWAYS;
        version = 0;
        delta = 0;
        subtract = false;
        counting = Counting.SIGNED;
        wantsOld = false;
        return this;
    }

    /** Points the key at bytes that stay the caller's. */
    public Operation key(byte[] bytes, int offset, int length) {
        keyBytes = bytes;
        keyOffset = offset;
        keyLength = length;
        return this;
    }

    /** Points the value at bytes that stay the caller's. */
    public Operation value(byte[] bytes, int offset, int length) {
        valueBytes = bytes;
        valueOffset = offset;
        valueLength = length;
        return this;
    }

    /** The key as an array of its own. */
    public byte[] copyKey() {
        return Arrays.copyOfRange(keyBytes, keyOffset, keyOffset + keyLength);
    }

    /** The value as an array of its own. */
    public byte[] copyValue() {
        return Arrays.copyOfRange(valueBytes, valueOffset, valueOffset + valueLength);
    }

    /** An operation that owns its bytes and may outlive the call. */
    public Operation copy() {
        Operation copy = new Operation();
        copy.kind = kind;
        copy.map = map;
        copy.partition = partition;
        copy.key(copyKey(), 0, keyLength);
        copy.value(copyValue(), 0, valueLength);
        copy.flags = flags;
        copy.expiry = expiry;
        copy.condition = condition;
        copy.version = version;
        copy.delta = delta;
        copy.subtract = subtract;
        copy.counting = counting;
        copy.wantsOld = wantsOld;
        return copy;
    }
}
