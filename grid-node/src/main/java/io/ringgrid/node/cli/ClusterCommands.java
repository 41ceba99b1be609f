package io.ringgrid.node.cli;

import io.ringgrid.client.GridClient;
import io.ringgrid.node.json.Json;
import io.ringgrid.topology.Census;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Member;
import java.util.Locale;
import picocli.CommandLine.Command;

/** The commands about the cluster, as its committed topology tells them. */
final class ClusterCommands {
    private static final double NANOS_PER_MILLI = 1e6;

    private ClusterCommands() {}

    private static String shown(Topology topology, Census census) {
        return census.isSafe()
                ? "safe: every partition has its copies"
                : "not safe: "
                        + Census.lack(census.missing(), topology.settings().partitions(), census.lost());
    }

    private static String state(Member member) {
        return member.state().name().toLowerCase(Locale.ROOT);
    }

    private static Json json(Topology topology, Census census) {
        return new Json()
                .open('{')
                .name("clusterId")
                .value(topology.cluster().toString())
                .name("topologyTerm")
                .value(topology.term())
                .name("topologyVersion")
                .value(topology.version())
                .name("partitions")
                .value(topology.settings().partitions())
                .name("backups")
                .value(topology.settings().backups())
                .name("safe")
                .value(census.isSafe())
                .name("missingCopies")
                .value(census.missing())
                .name("lostPartitions")
                .value(census.lost());
    }

    private static Json members(Json json, Topology topology, Census census) {
        json.open('[');
        for (Member member : topology.members()) {
            json.open('{').name("name").value(member.name());
            json.name("address").value(member.address());
            json.name("id").value(member.id().toString());
            json.name("state").value(state(member));
            json.name("voter").value(topology.isVoter(member.id()));
            json.name("zone").value(member.zone());
            json.name("weight").value(member.weight());
            json.name("primaries").value(census.primaries(member.id()));
            json.name("backups").value(census.backups(member.id()));
            json.close('}');
        }
        return json.close(']');
    }

    @Command(
            name = "cluster",
            description = "Shows the members and what each of them holds.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  scripts/grid cluster --json"})
    static final class Cluster extends Subcommand {
        @Override
        public Integer call() {
            try (GridClient grid = connect()) {
                Topology topology = grid.topology();
                Census census = Census.of(topology);
                if (isJson()) {
                    out().println(members(json(topology, census).name("members"), topology, census)
                            .close('}'));
                    return GridTool.DONE;
                }
                out().printf(
                                "%d members, %d partitions, backups: %d, topology %d.%d%n%s%n%n",
                                topology.members().size(),
                                topology.settings().partitions(),
                                topology.settings().backups(),
                                topology.term(),
                                topology.version(),
                                shown(topology, census));
                String row = "%-16s %-22s %-8s %-6s %9s %8s %-10s %6s%n";
                out().printf(row, "NAME", "ADDRESS", "STATE", "VOTER", "PRIMARIES", "BACKUPS", "ZONE", "WEIGHT");
                for (Member member : topology.members()) {
                    out().printf(
                                    row,
                                    member.name(),
                                    member.address(),
                                    state(member),
                                    topology.isVoter(member.id()) ? "yes" : "no",
                                    census.primaries(member.id()),
                                    census.backups(member.id()),
                                    member.zone().isEmpty() ? "-" : member.zone(),
                                    member.weight());
                }
                return GridTool.DONE;
            }
        }
    }

    @Command(
            name = "members",
            description = "Lists the members: name, address of the native door, state.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  scripts/grid members | cut -f 2"})
    static final class Members extends Subcommand {
        @Override
        public Integer call() {
            try (GridClient grid = connect()) {
                Topology topology = grid.topology();
                if (isJson()) {
                    out().println(members(new Json(), topology, Census.of(topology)));
                } else {
                    topology.members().forEach(member -> out().println(
                                    member.name() + "\t" + member.address() + "\t" + state(member)));
                }
                return GridTool.DONE;
            }
        }
    }

    @Command(
            name = "status",
            description = "Says whether every partition has its copies; status 3 if not.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  until scripts/grid status; do sleep 1; done"})
    static final class Status extends Subcommand {
        @Override
        public Integer call() {
            try (GridClient grid = connect()) {
                Topology topology = grid.topology();
                Census census = Census.of(topology);
                Json json = json(topology, census)
                        .name("members")
                        .value(topology.members().size());
                out().println(
                                isJson()
                                        ? json.close('}')
                                        : shown(topology, census) + "; "
                                                + topology.members().size() + " members");
                return census.isSafe() ? GridTool.DONE : GridTool.FAILED;
            }
        }
    }

    @Command(
            name = "ping",
            description =
                    "Asks each member for a sign of life, and shows how long it took; status 3 if one gives none.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  scripts/grid ping"})
    static final class Ping extends Subcommand {
        @Override
        public Integer call() {
            boolean all = true;
            try (GridClient grid = connect()) {
                Json json = new Json().open('[');
                for (Member member : grid.topology().members()) {
                    long nanos = grid.ping(member.id());
                    all &= nanos >= 0;
                    String millis = String.format(Locale.ROOT, "%.3f", nanos / NANOS_PER_MILLI);
                    json.open('{').name("name").value(member.name());
                    json.name("address").value(member.address());
                    json.name("answers").value(nanos >= 0);
                    if (nanos >= 0) {
                        json.name("micros").value(nanos / 1000);
                    }
                    json.close('}');
                    if (!isJson()) {
                        out().println(member.name() + "\t" + member.address() + "\t"
                                + (nanos >= 0 ? millis + " ms" : "no answer"));
                    }
                }
                if (isJson()) {
                    out().println(json.close(']'));
                }
                return all ? GridTool.DONE : GridTool.FAILED;
            }
        }
    }
}
