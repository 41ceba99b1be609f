package io.ringgrid;

import java.time.Duration;
import java.time.Instant;

/**
 * When an entry ends. Immutable.
 *
 * @param kind how {@code millis} is meant
 * @param millis a duration for AFTER, wall-clock milliseconds for AT, else 0
 * @param idleMillis after how long without being read or written the entry ends as well; 0 = however long
 */
public record Expiry(Kind kind, long millis, long idleMillis) {
    /** How an expiry is meant. */
    public enum Kind {
        NEVER,
        KEEP,
        AFTER,
        AT
    }

    /** The entry stays until it is removed or evicted. */
    public static final Expiry NEVER = new Expiry(Kind.NEVER, 0, 0);
    /** The entry keeps the expiry that it has; a new one never expires. */
    public static final Expiry KEEP = new Expiry(Kind.KEEP, 0, 0);

    /**
     * The entry ends this long after the write.
     *
     * @throws IllegalArgumentException if the duration is not positive
     */
    public static Expiry after(Duration duration) {
        return new Expiry(Kind.AFTER, millis(duration), 0);
    }

    /**
     * The entry ends when nobody has read or written it for this long. What a near-cache answers is not read there, and a
     * member that takes over counts anew.
     *
     * @throws IllegalArgumentException if the duration is not positive
     */
    public static Expiry whenIdle(Duration duration) {
        return NEVER.orIdle(duration);
    }

    /**
     * The same, or when nobody has read or written the entry for this long, whichever comes first.
     *
     * @throws IllegalArgumentException if the duration is not positive, or this is {@link #KEEP}
     */
    public Expiry orIdle(Duration duration) {
        if (kind == Kind.KEEP) {
            throw new IllegalArgumentException("an entry that keeps its expiry keeps how long it may be idle, too");
        }
        return new Expiry(kind, millis, millis(duration));
    }

    private static long millis(Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException("an expiry must lie ahead, not " + duration);
        }
        return Math.max(1, duration.toMillis());
    }

    /** The entry ends at this moment; one that has passed removes the entry. */
    public static Expiry at(Instant moment) {
        return new Expiry(Kind.AT, Math.max(1, moment.toEpochMilli()), 0);
    }
}
