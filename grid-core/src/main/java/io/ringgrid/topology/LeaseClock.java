package io.ringgrid.topology;

/**
 * Until when this member may serve (PROTOCOL.md 3). Thread-safe: the register writes it, any thread asks.
 *
 * <p>The lease counts from the sending of the request. For its holder, elapsed time is the larger of what the monotonic
 * and the wall clock say: the monotonic clock may stand still while a machine sleeps, and a wall clock that jumps can
 * only end a lease early.
 */
public final class LeaseClock {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private record Grant(boolean forever, boolean none, long sentNanos, long sentWall) {}

    private static final Grant NONE = new Grant(false, true, 0, 0);
    private static final Grant FOREVER = new Grant(true, false, 0, 0);

    private final long leaseNanos;
    private volatile Grant grant = NONE;

    /** A clock for leases of this length, which holds none. */
    public LeaseClock(long leaseNanos) {
        this.leaseNanos = leaseNanos;
    }

    /** Whether the lease is valid at this moment of both clocks, which must have been read after what it is to cover. */
    public boolean isValid(long nanos, long wall) {
        Grant now = grant;
        if (now.forever) {
            return true;
        }
        return !now.none && nanos - now.sentNanos < leaseNanos && (wall - now.sentWall) * NANOS_PER_MILLI < leaseNanos;
    }

    void none() {
        grant = NONE;
    }

    void forever() {
        grant = FOREVER;
    }

    void from(long sentNanos, long sentWall) {
        Grant now = grant;
        boolean same = !now.none && !now.forever && now.sentNanos == sentNanos && now.sentWall == sentWall;
        if (!same) {
            grant = new Grant(false, false, sentNanos, sentWall);
        }
    }
}
