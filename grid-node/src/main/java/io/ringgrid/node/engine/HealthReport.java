package io.ringgrid.node.engine;

import io.ringgrid.node.config.NodeConfig;
import io.ringgrid.replica.LocalMember;
import io.ringgrid.topology.Census;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
        Census census = topology == null ? null : Census.of(topology);
        int missing = census == null ? config.partitions() : census.missing();
        return new Health(
                config.name(),
                config.cluster(),
                topology == null ? "" : topology.cluster().toString(),
                local.self().id().toString(),
                unready.isEmpty(),
                unready,
                unready.isEmpty() && missing == 0,
                missing,
                census == null ? 0 : census.lost(),
                topology == null ? 0 : topology.term(),
                topology == null ? 0 : topology.version(),
                config.partitions(),
                config.backups(),
                uptimeNanos / NANOS_PER_MILLI,
                entries,
                local.space().entryBytes(),
                local.space().maxBytes(),
                evictions,
                expirations,
                topology == null || census == null ? List.of() : members(topology, local, census));
    }

    private static List<Health.Member> members(Topology topology, LocalMember local, Census census) {
        List<Health.Member> members = new ArrayList<>();
        for (Member member : topology.members()) {
            members.add(new Health.Member(
                    member.id().toString(),
                    member.name(),
                    member.address(),
                    member.state().name().toLowerCase(Locale.ROOT),
                    topology.isVoter(member.id()),
                    member.id().equals(local.standing().leader()),
                    census.primaries(member.id()),
                    census.backups(member.id())));
        }
        return members;
    }
}
