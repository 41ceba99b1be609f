package io.ringgrid.node.engine;

import io.ringgrid.node.config.NodeConfig;
import io.ringgrid.replica.LocalMember;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.Partition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes a {@link Health} of what a member knows. Stateless. */
final class HealthReport {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private HealthReport() {}

    static Health of(NodeConfig config, LocalMember local, String unready, long uptimeNanos) {
        Topology topology = local.committed();
        long entries = 0;
        long evictions = 0;
        long expirations = 0;
        for (int p = 0; p < config.partitions(); p++) {
            entries += local.replica(p).count();
            evictions += local.replica(p).evictions();
            expirations += local.replica(p).expirations();
        }
        int lost = 0;
        int missing = topology == null ? config.partitions() : 0;
        Map<Id, int[]> roles = new HashMap<>();
        if (topology != null) {
            int wanted = 1 + Math.min(config.backups(), topology.members().size() - 1);
            for (Partition partition : topology.partitions()) {
                count(partition, roles);
                lost += partition.primary() == null ? 1 : 0;
                missing += partition.inSync().size() < wanted || partition.primary() == null ? 1 : 0;
            }
        }
        return new Health(
                config.name(),
                config.cluster(),
                topology == null ? "" : topology.cluster().toString(),
                local.self().id().toString(),
                unready.isEmpty(),
                unready,
                missing == 0,
                missing,
                lost,
                topology == null ? 0 : topology.term(),
                topology == null ? 0 : topology.version(),
                config.partitions(),
                config.backups(),
                uptimeNanos / NANOS_PER_MILLI,
                entries,
                local.space().usedBytes(),
                local.space().maxBytes(),
                evictions,
                expirations,
                topology == null ? List.of() : members(topology, local, roles));
    }

    private static void count(Partition partition, Map<Id, int[]> roles) {
        for (Id id : partition.inSync()) {
            int[] counts = roles.computeIfAbsent(id, unknown -> new int[2]);
            counts[id.equals(partition.primary()) ? 0 : 1]++;
        }
    }

    private static List<Health.Member> members(Topology topology, LocalMember local, Map<Id, int[]> roles) {
        List<Health.Member> members = new ArrayList<>();
        for (Member member : topology.members()) {
            int[] counts = roles.getOrDefault(member.id(), new int[2]);
            members.add(new Health.Member(
                    member.id().toString(),
                    member.name(),
                    member.address(),
                    member.state().name().toLowerCase(Locale.ROOT),
                    topology.isVoter(member.id()),
                    member.id().equals(local.standing().leader()),
                    counts[0],
                    counts[1]));
        }
        return members;
    }
}
