package io.ringgrid.topology;

import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.Settings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The messages of the register (PROTOCOL.md 10). All immutable. */
public sealed interface RegisterMessage extends PeerMessage {

    /**
     * The leader is there, and says what is committed.
     *
     * @param cluster whose
     * @param term the leader's
     * @param sentNanos the leader's clock at the sending; the answer echoes it
     * @param committedTerm of the newest committed topology
     * @param committedVersion of the newest committed topology
     * @param topology what the leader holds, if the receiver is not known to hold it
     */
    record Heartbeat(
            Id cluster,
            long term,
            long sentNanos,
            long committedTerm,
            long committedVersion,
            @Nullable Topology topology)
            implements RegisterMessage {}

    /**
     * An answer to a heartbeat.
     *
     * @param cluster whose
     * @param term the answerer's, which may be higher: then it is a refusal
     * @param echoNanos the heartbeat's {@code sentNanos}
     * @param heldTerm of the topology that the answerer holds
     * @param heldVersion of the topology that the answerer holds
     * @param wrote whether the answerer ever accepted a write as a primary, or got one as a copy
     * @param leased whether the answerer has a lease
     * @param settledVersion of the committed topology that it acts on, if it serves all of which it is primary by it; else 0
     * @param heard from a voter: the other members of which it has heard lately
     */
    record HeartbeatAck(
            Id cluster,
            long term,
            long echoNanos,
            long heldTerm,
            long heldVersion,
            boolean wrote,
            boolean leased,
            long settledVersion,
            List<Id> heard)
            implements RegisterMessage {}

    /**
     * Asks for a vote.
     *
     * @param term the candidate's
     * @param topology what the candidate holds
     * @param pre only asks whether the vote would be given
     * @param handed the leader itself asked the candidate to stand
     */
    record VoteRequest(long term, Topology topology, boolean pre, boolean handed) implements RegisterMessage {}

    /**
     * A vote.
     *
     * @param cluster whose
     * @param term of the request
     * @param pre as in the request
     * @param granted whether it is given
     */
    record Vote(Id cluster, long term, boolean pre, boolean granted) implements RegisterMessage {}

    /**
     * What the sender holds: a refusal, or news for somebody who is behind.
     *
     * @param topology held
     * @param committed whether the sender knows that it is committed
     */
    record Held(Topology topology, boolean committed) implements RegisterMessage {}

    /**
     * Asks to become a member.
     *
     * @param member who
     * @param settings that the joiner was configured with
     */
    record Join(Member member, Settings settings) implements RegisterMessage {}

    /**
     * A joiner can never be a member.
     *
     * @param reason naming the setting
     */
    record JoinRefused(String reason) implements RegisterMessage {}

    /**
     * Asks to leave gracefully.
     *
     * @param cluster which
     */
    record Leave(Id cluster) implements RegisterMessage {}

    /**
     * The leaver is no longer needed.
     *
     * @param cluster which
     */
    record Bye(Id cluster) implements RegisterMessage {}

    /**
     * The leader asks a voter to stand for election now.
     *
     * @param cluster whose
     * @param term the leader's
     */
    record StandForElection(Id cluster, long term) implements RegisterMessage {}

    /**
     * Asks for a lease, and for anything newer than what the sender holds.
     *
     * @param cluster whose
     * @param sentNanos the asker's monotonic clock
     * @param sentWall the asker's wall clock
     * @param heldTerm of the topology that the asker holds
     * @param heldVersion of the topology that the asker holds
     */
    record LeaseRequest(Id cluster, long sentNanos, long sentWall, long heldTerm, long heldVersion)
            implements RegisterMessage {}

    /**
     * Grants a lease, and says what is committed: who does not hear the leader hears that from nobody else.
     *
     * @param cluster whose
     * @param sentNanos of the request
     * @param sentWall of the request
     * @param committedTerm of the newest topology that the voter knows to be committed
     * @param committedVersion of the newest topology that the voter knows to be committed
     */
    record Lease(Id cluster, long sentNanos, long sentWall, long committedTerm, long committedVersion)
            implements RegisterMessage {}

    /**
     * A primary asks that a silent copy be taken out.
     *
     * @param cluster whose
     * @param term in which it is valid
     * @param heardNanos the newest heartbeat's {@code sentNanos} when it was asked
     * @param partition which
     * @param epoch of the primary
     * @param copy whose copy
     */
    record RemoveBackup(Id cluster, long term, long heardNanos, int partition, int epoch, Id copy)
            implements RegisterMessage {}

    /**
     * A primary reports that a copy is filled and acknowledges everything.
     *
     * @param cluster whose
     * @param term in which it is valid
     * @param heardNanos the newest heartbeat's {@code sentNanos} when it was asked
     * @param partition which
     * @param epoch of the primary
     * @param copy whose copy
     */
    record Filled(Id cluster, long term, long heardNanos, int partition, int epoch, Id copy)
            implements RegisterMessage {}

    /**
     * Asks the leader for a map of this name.
     *
     * @param cluster whose
     * @param name the map's
     */
    record CreateMap(Id cluster, String name) implements RegisterMessage {}

    /**
     * A leader looks at a stranger: which of two clusters that met goes on?
     *
     * @param cluster the sender's
     * @param wrote whether any of its members is known to have accepted, or to hold, a write
     */
    record Probe(Id cluster, boolean wrote) implements RegisterMessage {}
}
