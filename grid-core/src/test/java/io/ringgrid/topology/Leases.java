package io.ringgrid.topology;

/** Leases that a test grants and ends by itself. Stateless. */
public final class Leases {
    private Leases() {}

    /** A lease that is not held yet. */
    public static LeaseClock none() {
        return new LeaseClock(Times.DEFAULT.lease());
    }

    /** It is held from now on, until it is ended. */
    public static void grant(LeaseClock lease) {
        lease.forever();
    }

    /** It is not held any more. */
    public static void end(LeaseClock lease) {
        lease.none();
    }
}
