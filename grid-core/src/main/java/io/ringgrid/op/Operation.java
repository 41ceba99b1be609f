package io.ringgrid.op;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks of one key, of several keys of one partition, or of one whole partition: the narrow waist that every
 * door's verbs end in.
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
 *   CLEAR      remove all entries of a map in a partition,  DONE
 *              now or at the moment {@link #expiry}
 *   APPEND     put the value behind the entry's             DONE | MISSING | EXISTS | TOO_LARGE
 *   PREPEND    put the value before the entry's             DONE | MISSING | EXISTS | TOO_LARGE
 *   OVERWRITE  write the value over the entry's, from byte  DONE | TOO_LARGE
 *              {@link #delta} on, zeros before it
 *   ADD        add the value to the entry's, both decimal   DONE | NOT_A_NUMBER | OVERFLOW
 *              fractions as text
 *   SCAN       a page of a map's keys in a partition: about DONE
 *              {@link #delta} from position {@link #version} on
 *   TRANSACT   all of {@link #parts}, at one moment         DONE | MISSING | EXISTS
 * </pre>
 *
 * <p>Three are for the parts of a TRANSACT alone, whose keys are all of one partition and whose own key is any of them:
 *
 * <pre>
 *   CHECK      if the condition does not hold, the whole    DONE | MISSING | EXISTS
 *              transaction has no effect and this result;
 *              stands before all other parts
 *   COPY       set the entry to that of the key {@code      DONE | MISSING | EXISTS
 *              value} of map {@link #delta}, if the condition
 *              holds for the one that is there; MISSING if
 *              there is none to copy
 *   RENAME     COPY, and remove the entry that was copied   DONE | MISSING | EXISTS
 * </pre>
 *
 * A part may be a TRANSACT of its own: its checks stop nothing but itself.
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
        CLEAR,
        APPEND,
        PREPEND,
        OVERWRITE,
        ADD,
        SCAN,
        TRANSACT,
        CHECK,
        COPY,
        RENAME;

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
            return this != GET && this != SIZE && this != SCAN && this != CHECK;
        }

        /** Whether there may be more to keep afterwards. */
        public boolean isGrowth() {
            return isWrite() && this != REMOVE && this != CLEAR && this != TOUCH;
        }

        /** Whether it concerns a whole partition and not one key. */
        public boolean isPartitionWide() {
            return this == SIZE || this == CLEAR || this == SCAN;
        }

        /** Whether it can stand in a TRANSACT alone. */
        public boolean isPartOnly() {
            return this == CHECK || this == COPY || this == RENAME;
        }

        /** Whether it needs room for an entry: it may be refused when memory is full. */
        public boolean isPut() {
            return isWrite() && this != REMOVE && !isPartitionWide();
        }
    }

    /** When a PUT, REMOVE, TOUCH, APPEND or PREPEND takes effect. The order is part of the wire format: append only. */
    public enum Condition {
        ALWAYS,
        /** Only if the key is absent; otherwise EXISTS. */
        IF_ABSENT,
        /** Only if the key is present; otherwise MISSING. */
        IF_PRESENT,
        /** Only if the entry's version is {@link #version}; MISSING if absent, EXISTS if another. */
        IF_VERSION,
        /** TOUCH: only if the entry never expires; otherwise EXISTS, as below. */
        IF_LASTING,
        /** TOUCH: only if the entry has an expiry. */
        IF_EXPIRING,
        /** TOUCH: only if the new expiry is later than the entry's; never is later than everything. */
        IF_LATER,
        /** TOUCH: only if the new expiry is sooner than the entry's. */
        IF_SOONER,
        /** TOUCH: only if both of the above. */
        IF_EXPIRING_AND_SOONER;

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

    /** Somebody who keeps what a GET finds. */
    public interface Keeper {
        /** Somebody elsewhere. */
        Keeper REMOTE = new Keeper() {};
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

    /** memcached's 32 opaque bits. All but PUT leave the flags of an entry that is there as they are. */
    public int flags;
    /**
     * Absolute, wall-clock milliseconds; or {@link #NEVER}; or {@link #KEEP}. One that has passed removes the entry.
     * APPEND and PREPEND give it to a new entry only. For CLEAR it is when to clear ({@link #NEVER}: at once); each
     * CLEAR replaces what an earlier one has promised.
     */
    public long expiry;

    /**
     * After how many milliseconds without being read or written the entry ends; 0 = however long; {@link #KEEP}: as it is,
     * which is what a TOUCH says unless told otherwise. A PUT that keeps the entry's expiry keeps this too.
     */
    public long idle;

    public Condition condition = Condition.ALWAYS;
    /** For {@link Condition#IF_VERSION}: the version as callers see it. For SCAN: where to go on; 0 to begin. */
    public long version;
    /**
     * For INCREMENT: what to add; UNSIGNED takes a magnitude and {@link #subtract}. For OVERWRITE: from which byte on. For
     * SCAN: how many keys, about. For COPY and RENAME: the other key's map.
     */
    public long delta;
    /** For INCREMENT with UNSIGNED: subtract the magnitude. */
    public boolean subtract;

    public Counting counting = Counting.SIGNED;
    /**
     * The answer carries value and flags as they were before: for PUT and REMOVE (Redis SET … GET), and for TOUCH, which
     * leaves them as they are (memcached gat, Redis GETEX).
     */
    public boolean wantsOld;

    /** For TRANSACT: what to do, in this order; not changed any more when the operation is handed over. */
    public List<Operation> parts = List.of();

    /**
     * For GET: who keeps the answer near, and so asks to be told of each change from then on; the result's number is then
     * the epoch in which the partition's primary read it. To others only whether there is one is said.
     */
    public @Nullable Keeper keeper;

    /** For a write that another member or a client sends: which one it is. What enters at its primary has none. */
    public @Nullable Attempt attempt;

    /** Sets every field to its default, so that the cursor can be used again. */
    public Operation reset(Kind newKind) {
        kind = newKind;
        map = 0;
        partition = 0;
        key(NONE, 0, 0);
        value(NONE, 0, 0);
        flags = 0;
        expiry = NEVER;
        idle = newKind == Kind.TOUCH ? KEEP : 0;
        condition = Condition.ALWAYS;
        version = 0;
        delta = 0;
        subtract = false;
        counting = Counting.SIGNED;
        wantsOld = false;
        parts = List.of();
        keeper = null;
        attempt = null;
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

    /** The bytes of its keys and values, those of its parts included. */
    public long bytes() {
        long bytes = (long) keyLength + valueLength;
        for (Operation part : parts) {
            bytes += part.bytes();
        }
        return bytes;
    }

    /** The greatest id of a map that it names. */
    public int highestMap() {
        int highest = kind == Kind.COPY || kind == Kind.RENAME ? Math.max(map, (int) delta) : map;
        for (Operation part : parts) {
            highest = Math.max(highest, part.highestMap());
        }
        return highest;
    }

    /** An operation that owns its bytes and may outlive the call. */
    public Operation copy() {
        return copyOf(
                copyKey(), copyValue(), parts.stream().map(Operation::copy).toList());
    }

    /** The same operation as another attempt; its bytes are shared. */
    public Operation attempt(Attempt which) {
        Operation copy = copyOf(keyBytes, valueBytes, parts);
        copy.key(keyBytes, keyOffset, keyLength).value(valueBytes, valueOffset, valueLength);
        copy.attempt = which;
        return copy;
    }

    private Operation copyOf(byte[] itsKey, byte[] itsValue, List<Operation> itsParts) {
        Operation copy = new Operation();
        copy.kind = kind;
        copy.map = map;
        copy.partition = partition;
        copy.key(itsKey, 0, keyLength);
        copy.value(itsValue, 0, valueLength);
        copy.flags = flags;
        copy.expiry = expiry;
        copy.idle = idle;
        copy.condition = condition;
        copy.version = version;
        copy.delta = delta;
        copy.subtract = subtract;
        copy.counting = counting;
        copy.wantsOld = wantsOld;
        copy.keeper = keeper;
        copy.attempt = attempt;
        copy.parts = itsParts;
        return copy;
    }
}
