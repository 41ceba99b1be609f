package io.ringgrid.topology;

/**
 * The protocol's times, in nanoseconds (PROTOCOL.md 2 and 3). Immutable. They belong together: all of them scale by one
 * factor, for slow networks and loaded machines.
 *
 * @param heartbeat between a leader's heartbeats, and between a member's lease requests
 * @param lease how long a granted lease lasts from the sending of its request
 * @param fresh how young an echo must be for its member to count as present
 * @param electionMin the shortest silence of a leader after which a voter stands for election
 * @param electionMax the longest one
 * @param silence after which the leader suspects a member, or a primary asks for its backup's removal
 * @param gap between a member's own ticks, from which on it counts as having been paused
 * @param discovery how long a new member looks for others before it founds a cluster
 * @param patience how long a suspect stays a member, so that it may come back with its data
 * @param abandon after which a suspect goes even if it holds the last copy of a partition
 * @param session how long the requests of a caller that is not heard of are remembered; ten times the usual deadline
 */
public record Times(
        long heartbeat,
        long lease,
        long fresh,
        long electionMin,
        long electionMax,
        long silence,
        long gap,
        long discovery,
        long patience,
        long abandon,
        long session) {
    private static final long MILLI = 1_000_000;

    /** The times of PROTOCOL.md. */
    public static final Times DEFAULT = scaled(1);

    public Times {
        if (!(heartbeat * 2 < fresh && fresh < lease && lease < electionMin && electionMin < electionMax)) {
            throw new IllegalArgumentException(
                    "times must rise: 2 heartbeats < fresh < lease < electionMin < electionMax");
        }
        if (silence < lease || gap >= lease || patience < silence || abandon < patience) {
            throw new IllegalArgumentException("times must rise: gap < lease <= silence <= patience <= abandon");
        }
    }

    /** The times of PROTOCOL.md, times this factor. */
    public static Times scaled(int factor) {
        long unit = factor * MILLI;
        return new Times(
                50 * unit,
                300 * unit,
                150 * unit,
                900 * unit,
                1800 * unit,
                1000 * unit,
                200 * unit,
                500 * unit,
                10_000 * unit,
                60_000 * unit,
                60_000 * unit);
    }

    /** The same times, but for how long callers are remembered. */
    public Times withSession(long nanos) {
        return new Times(
                heartbeat, lease, fresh, electionMin, electionMax, silence, gap, discovery, patience, abandon, nanos);
    }

    /** How long a new primary waits out the old one's lease: clocks may drift apart by 1 %. */
    public long leaseAndDrift() {
        return lease + lease / 100 + 5 * MILLI;
    }
}
