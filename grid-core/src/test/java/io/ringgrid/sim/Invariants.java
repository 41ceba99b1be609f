package io.ringgrid.sim;

import io.ringgrid.replica.ReplicaState;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Partition;
import java.util.List;
import java.util.Map;

/**
 * What must hold after each event, whatever the clients see of it. Stateless.
 *
 * <ul>
 *   <li>At most one member of a cluster serves a partition under a lease, those that are paused included.
 *   <li>What a primary takes for committed is on all copies that are in sync by the topology that it has adopted.
 *   <li>A member's memory is what its copies take.
 *   <li>A witness is never the only voter.
 * </ul>
 */
final class Invariants {
    private Invariants() {}

    /**
     * Looks at what this member has just done.
     *
     * @throws AssertionError if something does not hold
     */
    static void check(SimMember member, List<SimMember> alive, Map<Id, SimMember> byId) {
        Topology topology = member.local.committed();
        if (topology == null) {
            return;
        }
        checkVoters(topology);
        long bytes = 0;
        boolean leased = member.isLeased();
        for (int p = 0; p < topology.partitions().size(); p++) {
            bytes += ReplicaState.bytes(member.local, p);
            if (ReplicaState.serves(member.local, p)) {
                if (leased) {
                    checkServesAlone(member, p, alive);
                }
                checkCommitted(member, p, topology, byId);
            }
        }
        if (bytes != member.local.space().entryBytes()) {
            throw new AssertionError(member.name + "'s copies take " + bytes + " bytes, and it counts "
                    + member.local.space().entryBytes());
        }
    }

    private static void checkVoters(Topology topology) {
        if (topology.voters().size() == 1 && topology.nextVoters().isEmpty()) {
            Topology.Member voter = topology.member(topology.voters().get(0));
            if (voter != null && voter.isWitness()) {
                throw new AssertionError("a witness is the only voter of " + topology.members());
            }
        }
    }

    private static void checkServesAlone(SimMember member, int partition, List<SimMember> alive) {
        for (int i = 0; i < alive.size(); i++) {
            SimMember other = alive.get(i);
            if (other != member
                    && other.alive
                    && other.stranger == member.stranger
                    && ReplicaState.serves(other.local, partition)
                    && other.isLeased()) {
                throw new AssertionError(
                        "two serve partition " + partition + ": " + member.name + " and " + other.name);
            }
        }
    }

    private static void checkCommitted(SimMember primary, int partition, Topology topology, Map<Id, SimMember> byId) {
        Partition config = topology.partitions().get(partition);
        long committed = ReplicaState.committedSeq(primary.local, partition);
        List<Id> inSync = config.inSync();
        for (int i = 0; i < inSync.size(); i++) {
            Id id = inSync.get(i);
            SimMember copy = byId.get(id);
            if (copy == null || !copy.alive || !copy.local.self().id().equals(id)) {
                continue;
            }
            Topology theirs = copy.local.committed();
            // Who has adopted a newer topology may have been taken out, or be primary itself.
            if (theirs == null || theirs.isNewerThan(topology.term(), topology.version())) {
                continue;
            }
            long applied = ReplicaState.applied(copy.local, partition);
            if (applied < committed) {
                throw new AssertionError("partition " + partition + ": " + primary.name + " takes " + committed
                        + " for committed, and " + copy.name + " in sync has " + applied);
            }
        }
    }
}
