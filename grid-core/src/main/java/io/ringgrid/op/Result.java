package io.ringgrid.op;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of an {@link Operation}. Immutable; the value's bytes are shared and must not be changed.
 *
 * @param status what happened, and so what to do next
 * @param value the entry's bytes for FOUND (and for a PUT, REMOVE or TOUCH that wanted the old entry, if there was one);
 *     ADD's sum; SCAN's {@link KeyPage}
 * @param flags the flags that belong to {@code value}
 * @param expiry absolute wall-clock milliseconds that belong to the entry after the operation (for FOUND: of the entry
 *     found); 0 = never
 * @param version the entry's version after the operation, as callers see it; 0 if there is no entry
 * @param number INCREMENT's new value (as unsigned bits for memcached's counting), SIZE's and CLEAR's count; the new length
 *     of the value in bytes for APPEND, PREPEND and OVERWRITE; SCAN's next position, 0 if there is no more; of a GET whose
 *     answer is kept near, the epoch in which the partition's primary read it
 * @param reason for people: why it was refused; empty otherwise
 * @param parts of a TRANSACT that is DONE: one for each of its own
 */
public record Result(
        Status status,
        byte @Nullable [] value,
        int flags,
        long expiry,
        long version,
        long number,
        String reason,
        List<Result> parts) {

    /** Graded by what to do next. The order is part of the wire format: append only. */
    public enum Status {
        /** GET found an entry. */
        FOUND,
        /** The write took effect (on every in-sync copy). */
        DONE,
        /** There is no such entry; a conditional write had no effect. */
        MISSING,
        /** The condition does not hold: an entry is there, or one with another version. No effect. */
        EXISTS,
        /** INCREMENT met a value that is not a decimal 64-bit number. No effect. */
        NOT_A_NUMBER,
        /** INCREMENT would leave the 64-bit range. No effect. */
        OVERFLOW,
        /** The key or value is larger than the cluster's limit. No effect. */
        TOO_LARGE,
        /** No room, and nothing that may be evicted. No effect. */
        OUT_OF_MEMORY,
        /** Surely not executed: nobody could serve it within its deadline, or the quorum is lost. Try later. */
        UNAVAILABLE,
        /** Surely not executed here: ask another member, or again soon. Never leaves a member or client. */
        RETRY,
        /** It may or may not have taken effect, now or later. */
        OUTCOME_UNKNOWN,
        /**
         * Not executed now, and what became of an earlier attempt is no longer known. Never leaves a member or client, which
         * says {@link #OUTCOME_UNKNOWN} instead.
         */
        SESSION_EXPIRED;

        private static final Status[] ALL = values();

        /**
         * The status of this code.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Status of(int code) {
            if (code < 0 || code >= ALL.length) {
                throw new IllegalArgumentException("no status has code " + code);
            }
            return ALL[code];
        }
    }

    /** A result without parts. */
    public Result(
            Status status, byte @Nullable [] value, int flags, long expiry, long version, long number, String reason) {
        this(status, value, flags, expiry, version, number, reason, List.of());
    }

    public static final Result MISSING = of(Status.MISSING);
    public static final Result DONE = of(Status.DONE);

    /** A result that is only a status. */
    public static Result of(Status status) {
        return new Result(status, null, 0, 0, 0, 0, "");
    }

    /** A result that is a status and a number. */
    public static Result number(Status status, long number) {
        return new Result(status, null, 0, 0, 0, number, "");
    }

    /** A refusal, with the reason for people. */
    public static Result refused(Status status, String reason) {
        return new Result(status, null, 0, 0, 0, 0, reason);
    }

    /** A transaction that took place. */
    public static Result of(List<Result> parts) {
        return new Result(Status.DONE, null, 0, 0, 0, 0, "", parts);
    }

    /** The same with another version. */
    public Result withVersion(long newVersion) {
        return new Result(status, value, flags, expiry, newVersion, number, reason, parts);
    }

    /** The same with another number. */
    public Result withNumber(long newNumber) {
        return new Result(status, value, flags, expiry, version, newNumber, reason, parts);
    }

    /** The bytes of its values, those of its parts included. */
    public long bytes() {
        long bytes = value == null ? 0 : value.length;
        for (Result part : parts) {
            bytes += part.bytes();
        }
        return bytes;
    }

    /** A found entry. */
    public static Result found(byte[] value, int flags, long expiry, long version) {
        return new Result(Status.FOUND, value, flags, expiry, version, 0, "");
    }
}
