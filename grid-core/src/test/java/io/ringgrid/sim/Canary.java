package io.ringgrid.sim;

/** The rules that can be left out or broken, to see whether the simulator notices (PROTOCOL.md 11). */
public enum Canary {
    NONE,
    /** A write is answered before its backup has acknowledged it. */
    ACK_WITHOUT_BACKUP,
    /** Nobody asks whether the lease is valid. */
    READ_WITHOUT_LEASE,
    /** A leader that is cut off takes the others for dead. */
    DEAD_ON_ONE_WORD,
    /** A topology changes roles as soon as it is held. */
    ACT_ON_UNCOMMITTED,
    /** An entry is shown before it is committed. */
    DIRTY_READ,
    /** A miss is told although the removal is not committed. */
    MISS_ON_UNCOMMITTED_DELETE,
    /** A condition that fails on what is not committed yet is told at once. */
    REFUSED_ON_UNCOMMITTED,
    /** A miss by expiry is told before the time that made it one is committed. */
    MISS_BEFORE_TICK,
    /** A copy that is filled does not get the partition's clock. */
    FILLED_WITHOUT_CLOCK,
    /** A new primary does not wait out the old one's lease. */
    NO_LEASE_WAIT,
    /** A backup accepts mutations of an earlier epoch. */
    OLD_EPOCH,
    /** The lease is counted from the first voters for ever. */
    LEASE_FROM_OLD_VOTERS,
    /** A request that arrives twice is executed twice. */
    EXECUTED_TWICE,
    /** What was sent on a connection is read and executed although there is another one by now. */
    FORMER_CONNECTION_READ,
    /** What a client has asked that died before it was answered is taken for not executed. */
    DEATH_UNDOES,
    /** A request that is asked again is executed again. */
    RETRY_EXECUTED_TWICE,
    /** That a request was refused is not written down for whoever is asked again. */
    REFUSAL_NOT_NOTED,
    /** Who has forgotten requests does not care which ones. */
    FORGETTING_FORGOTTEN,
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
    /** A filling is done when the copy has what is committed, though a chunk could contain more. */
    FILLED_UP_TO_COMMITTED,
    /** A filling of the same copy in another epoch goes on where the one before it stood. */
    FILLING_GOES_ON,
    /** An excess copy goes although those that stay may be gone. */
    EXCESS_DROPPED_BLINDLY,
    /** Who leaves goes when its data has moved, with its vote. */
    LEAVES_WITH_VOTE,
    /** Who leaves goes after a second, whatever it still has. */
    LEAVES_AFTER_A_SECOND,
    /** A candidate does not ask before it raises the term. */
    NO_PRE_VOTE,
    /** Who has long been without a lease stays primary. */
    ROLE_WITHOUT_LEASE,
    /** A cluster that was written to dissolves into another one all the same. */
    WRITTEN_DISSOLVES,
    /** A witness may be the only voter. */
    WITNESS_ALONE,
    /** A voter votes twice in a term. */
    TWO_VOTES,
    /** Each primary judges an expiry by its own clock. */
    EXPIRY_BY_OWN_CLOCK,
    /** The topology that is held but not committed does not close the gate. */
    HELD_IGNORED,
    /** A new primary serves with what it has, whatever the other copies have. */
    TAILS_NOT_COMPARED,
    /** A silent backup is dropped by its primary, and by the topology later. */
    DROPPED_LOCALLY,
    /** The leader takes a silent backup out of sync although its primary has not asked. */
    LEADER_SHRINKS,
    /** A member is fresh when its answer arrives, however long that took. */
    FRESH_BY_RECEIPT,
    /** What one did not hear while one was paused counts as another's silence. */
    PAUSE_IS_SILENCE,
    /** A backup lets end by itself what nobody uses. */
    BACKUP_ENDS_IDLE,
    /** A backup whose memory is full evicts by itself. */
    BACKUP_EVICTS,
    /** A primary does not care how full its backups are. */
    FULL_BACKUP_IGNORED,
    /** What a copy lacks that has refused some of it is sent piece by piece. */
    NO_BATCH_AFTER_REFUSAL,
    /** What was read before a change is kept near although the change was heard first. */
    NEAR_UNRESERVED,
    /** An invalidation that never came is not noticed. */
    NEAR_GAP_IGNORED,
    /** What came on a connection is kept near when the connection has ended and there is another one. */
    NEAR_KEPT_OVER_RECONNECT,
    /** Whoever stops being primary does not tell those who follow. */
    NEAR_ROLE_LOST_SILENTLY,
    /** Who holds no lease answers probes as if he did. */
    NEAR_PROBED_WITHOUT_LEASE,
    /** What this process does itself does not end what it keeps. */
    NEAR_OWN_WRITE_UNHEARD
}
