package io.ringgrid;

import java.time.Duration;
import java.time.Instant;

/**
 * When an entry ends. Immutable.
 *
 * @param kind how {@code millis} is meant
 * @param millis a duration for AFTER, wall-clock milliseconds for AT, else 0
 */
public record Expiry(Kind kind, long millis) {
    /** How an expiry is meant. */
    public enum Kind {
        NEVER,
        KEEP,
        AFTER,
        AT
    }

    /** The entry stays until it is removed or evicted. */
    public static final Expiry NEVER = new Expiry(Kind.NEVER, 0);
    /** The entry keeps the expiry that it has; a new one never expires. */
    public static final Expiry KEEP = new Expiry(Kind.KEEP, 0);

    /**
     * The entry ends this long after the write.
     *
     * @throws IllegalArgumentException if the duration is not positive
     */
    public static Expiry after(Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException("an expiry must lie ahead, not " + duration);
        }
        return new Expiry(Kind.AFTER, Math.max(1, duration.toMillis()));
    }

    /** The entry ends at this moment; one that has passed removes the entry. */
    public static Expiry at(Instant moment) {
        return new Expiry(Kind.AT, Math.max(1, moment.toEpochMilli()));
    }
}
