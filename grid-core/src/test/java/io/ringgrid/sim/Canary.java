package io.ringgrid.sim;

/** The rules that can be left out or broken, to see whether the simulator notices (PROTOCOL.md 11). */
public enum Canary {
    NONE,
    /** A write is answered before its backup has acknowledged it. */
    ACK_WITHOUT_BACKUP,
    /** Nobody asks whether the lease is valid. */
    READ_WITHOUT_LEASE,
    /** A topology changes roles as soon as it is held. */
    ACT_ON_UNCOMMITTED,
    /** An entry is shown before it is committed. */
    DIRTY_READ,
    /** A miss is told although the removal is not committed. */
    MISS_ON_UNCOMMITTED_DELETE,
    /** A new primary does not wait out the old one's lease. */
    NO_LEASE_WAIT,
    /** A backup accepts mutations of an earlier epoch. */
    OLD_EPOCH,
    /** The lease is counted from the first voters for ever. */
    LEASE_FROM_OLD_VOTERS,
    /** A request that arrives twice is executed twice. */
    EXECUTED_TWICE,
    /** The next topology is proposed before the present one is committed. */
    PROPOSE_EARLY,
    /** Voters are changed in one step, without the joint quorum. */
    NO_JOINT_QUORUM,
    /** A restarted process keeps its identity. */
    SAME_IDENTITY,
    /** A majority of those that are connected counts as a quorum. */
    MAJORITY_OF_VIEW,
    /** A copy is in sync before it has everything. */
    IN_SYNC_EARLY,
    /** A chunk of a filling overwrites a newer entry. */
    CHUNK_OVERWRITES,
    /** A filling starts at the applied instead of the committed seq. */
    FILL_FROM_APPLIED,
    /** A voter votes twice in a term. */
    TWO_VOTES,
    /** The topology that is held but not committed does not close the gate. */
    HELD_IGNORED
}
