package io.ringgrid.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.store.Store;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Partition;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A simulated cluster whose faults somebody sets by hand, at a moment or when something has come about. */
final class Scene {
    /** How often one looks whether it has come about: less than the fastest message takes. */
    private static final long GLANCE = 20 * Simulation.MICRO;

    final Simulation run;

    Scene(Simulation run) {
        this.run = run;
    }

    /** A cluster of so many members without faults. */
    static Scene of(long seed, Canary canary, int members) {
        return new Scene(new Simulation(seed, canary, Faults.none(members)).keepLog());
    }

    /** The same, of which nobody asks anything. */
    static Scene quiet(long seed, Canary canary, int members) {
        return new Scene(new Simulation(seed, canary, Faults.quiet(members, 0, 0)).keepLog());
    }

    /** Does this as soon as that is so, from this moment on. */
    void when(long from, BooleanSupplier so, Runnable then) {
        run.at(from, () -> {
            if (so.getAsBoolean()) {
                then.run();
            } else {
                when(run.now() + GLANCE, so, then);
            }
        });
    }

    /** From one moment to another this must be so, or the verdict is this. */
    void always(long from, long until, BooleanSupplier so, String otherwise) {
        run.at(from, () -> {
            if (!so.getAsBoolean()) {
                throw new AssertionError(otherwise);
            }
            if (run.now() < until) {
                always(run.now() + Simulation.MILLI, until, so, otherwise);
            }
        });
    }

    Topology newest() {
        Topology topology = run.newest();
        if (topology == null) {
            throw new AssertionError("no topology");
        }
        return topology;
    }

    static Topology held(SimMember member) {
        Topology topology = member.local.held();
        if (topology == null) {
            throw new AssertionError(member.name + " has not joined");
        }
        return topology;
    }

    SimMember leader() {
        return one(member -> member.id().equals(member.local.standing().leader()));
    }

    SimMember member(Id id) {
        return one(member -> member.id().equals(id));
    }

    SimMember one(Predicate<SimMember> is) {
        return run.alive().stream().filter(is).findFirst().orElseThrow();
    }

    List<SimMember> others(SimMember than) {
        return run.alive().stream().filter(member -> member != than).toList();
    }

    /** The first partition of which this member has no copy. */
    int partitionWithout(SimMember member) {
        List<Partition> partitions = newest().partitions();
        for (int p = 0; p < partitions.size(); p++) {
            if (!partitions.get(p).concerns(member.id())) {
                return p;
            }
        }
        throw new AssertionError(member.name + " has a copy of everything");
    }

    SimMember primary(int partition) {
        Id primary = newest().partitions().get(partition).primary();
        return one(member -> member.id().equals(primary));
    }

    SimMember backup(int partition) {
        Partition now = newest().partitions().get(partition);
        return one(member -> now.inSync().contains(member.id()) && !member.id().equals(now.primary()));
    }

    /** Who has a copy in sync, and lives. */
    List<SimMember> copies(int partition) {
        List<SimMember> copies = new ArrayList<>();
        for (Id id : newest().partitions().get(partition).inSync()) {
            run.alive().stream().filter(member -> member.id().equals(id)).forEach(copies::add);
        }
        return copies;
    }

    /** On a key of this partition that no client knows. */
    Operation operation(Kind kind, int partition) {
        byte[] key = keys(partition, 1).get(0);
        return new Operation().reset(kind).key(key, 0, key.length);
    }

    /** So many keys of this partition that no client knows, in the order in which a filling comes to them. */
    List<byte[]> keys(int partition, int count) {
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; keys.size() < count; i++) {
            byte[] key = ("scene" + i).getBytes(UTF_8);
            if (Slots.partitionOf(key, 0, key.length, newest().partitions().size()) == partition) {
                keys.add(key);
            }
        }
        keys.sort((a, b) -> Long.compareUnsigned(Store.hash(0, a, 0, a.length), Store.hash(0, b, 0, b.length)));
        return keys;
    }

    /** Asks a member, now. */
    void ask(SimMember member, Operation op, Consumer<Result> hear) {
        run.later(0, member, () -> member.submit(op, hear));
    }

    /** Nothing passes between the two, until then. */
    void part(SimMember one, SimMember other, long until) {
        run.cut(one, other, until);
        run.cut(other, one, until);
    }

    void isolate(SimMember member, long until) {
        others(member).forEach(other -> part(member, other, until));
    }

    /** Who says that he leads. */
    String leaders() {
        return run.alive().stream()
                .filter(member -> member.id().equals(member.local.standing().leader()))
                .map(member -> member.name)
                .collect(Collectors.joining("+"));
    }

    /** How many each partition has; the least and the most if they differ. */
    String copies() {
        IntSummaryStatistics counts = newest().partitions().stream()
                .mapToInt(partition -> partition.inSync().size())
                .summaryStatistics();
        return counts.getMin() == counts.getMax()
                ? String.valueOf(counts.getMin())
                : counts.getMin() + " to " + counts.getMax();
    }

    /** How many there are, by what its members take for committed. */
    long clusters() {
        return run.alive().stream()
                .map(member -> member.local.committed())
                .filter(Objects::nonNull)
                .map(Topology::cluster)
                .distinct()
                .count();
    }

    boolean said(String report) {
        return run.log().stream().anyMatch(line -> line.contains(report));
    }

    /** Runs it to its end, and says what is wrong; empty if nothing. */
    String verdict() {
        History history;
        try {
            history = run.run();
        } catch (AssertionError wrong) {
            return String.valueOf(wrong.getMessage());
        }
        Linearizability.Report report = new Linearizability().check(history);
        return report.verdict() == Linearizability.Verdict.OK ? run.notConverged() : report.explanation();
    }
}
