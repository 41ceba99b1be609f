package io.ringgrid.op;

/**
 * Which request of whom a write is, so that it takes effect once however often it is sent. Immutable.
 *
 * @param session of whoever asks: drawn at random when it starts; not 0
 * @param number of the request; a session's rise
 * @param below requests of this session on this partition with lower numbers have been answered: nobody asks them again
 * @param again whether an earlier attempt of this request may have been executed
 * @param since of a repeated one: what the receiver's own monotonic clock said, in nanoseconds, when the sender last heard
 *     of it before it sent the first attempt; {@link #UNHEARD} if it had not
 */
public record Attempt(long session, long number, long below, boolean again, long since) {
    /** A {@link #since} of nobody. */
    public static final long UNHEARD = Long.MIN_VALUE;
}
