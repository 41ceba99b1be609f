package io.ringgrid.replica;

import io.ringgrid.ring.Id;
import io.ringgrid.topology.LeaseClock;
import io.ringgrid.topology.Register;
import io.ringgrid.topology.Times;

/** What a replica may know of the member that it lives in. Thread-safe: read under a partition's lock. */
interface Surroundings {
    Id self();

    Id cluster();

    Times times();

    LeaseClock lease();

    Register.Standing standing();

    /** When this member's own last pause ended. */
    long wokeAt();

    /** Whether a member's process is gone, or the committed topology suspects it. */
    boolean isDoubtful(Id id);

    /** How full a member's memory is, in thousandths, as it last said. */
    int fillPermille(Id id);

    void noteFill(Id id, int permille);

    /** A write was accepted, or has come from whoever accepted it. */
    void wrote();

    /** Who hears what changes. */
    Changes changes();

    /** The largest value, in bytes. */
    int maxValueBytes();

    /** What one copy may keep of its callers' requests, in bytes. */
    int sessionBytes();
}
