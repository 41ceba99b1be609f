package io.ringgrid.node.engine;

import java.util.List;

/**
 * How a member and its cluster are. Immutable.
 *
 * @param name this member's name
 * @param cluster the cluster's name
 * @param clusterId 32 hex digits, or empty before the member has joined
 * @param memberId 32 hex digits: this member's identity, fresh for each process start and each re-join
 * @param ready whether this member serves: joined, and within the quorum's lease
 * @param reason why it is not ready, for people; empty when ready
 * @param safe whether every partition has the copies that it should have: 1 + min(backups, members − 1); who is not
 *     ready does not know, and says no
 * @param missingCopies how many partitions lack a copy or a primary
 * @param lostPartitions how many partitions have no copy left
 * @param topologyTerm the committed topology's term
 * @param topologyVersion the committed topology's version
 * @param partitions the cluster's partition count
 * @param backups how many backups the cluster keeps
 * @param uptimeMillis since this process started
 * @param entries entries in this member's memory, copies included
 * @param usedBytes of this member's memory that entries and their index take, copies included
 * @param maxBytes the limit of this member's memory
 * @param evictions entries that this member's partitions evicted since its start
 * @param expirations entries that this member's partitions let expire since its start
 * @param members of the committed topology, in its order
 */
public record Health(
        String name,
        String cluster,
        String clusterId,
        String memberId,
        boolean ready,
        String reason,
        boolean safe,
        int missingCopies,
        int lostPartitions,
        long topologyTerm,
        long topologyVersion,
        int partitions,
        int backups,
        long uptimeMillis,
        long entries,
        long usedBytes,
        long maxBytes,
        long evictions,
        long expirations,
        List<Member> members) {
    /**
     * One member of the committed topology.
     *
     * @param id 32 hex digits
     * @param name its name
     * @param address host:port of its native door
     * @param state joining, active, suspect or leaving
     * @param voter whether it votes
     * @param leader whether it leads the voters, as far as this member knows
     * @param primaries how many partitions it is primary of
     * @param backups of how many partitions it holds an in-sync copy without being primary
     */
    public record Member(
            String id,
            String name,
            String address,
            String state,
            boolean voter,
            boolean leader,
            int primaries,
            int backups) {}
}
