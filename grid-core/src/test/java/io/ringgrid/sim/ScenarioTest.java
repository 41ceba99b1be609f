package io.ringgrid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result.Status;
import io.ringgrid.replica.CopyContents;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults that chance rarely brings together, by hand. */
class ScenarioTest {
    private static final long CUT_AT = 4 * Simulation.SECOND;
    private static final long CUT_FOR = 600 * Simulation.MILLI;
    private static final long LOOK_AT = 9 * Simulation.SECOND;
    private static final long HEALED_AT = 12 * Simulation.SECOND;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aPrimaryThatReachesTheLeaderButNoQuorumLosesItsRoles(long seed) {
        Simulation run = new Simulation(seed, Canary.NONE, Faults.none(5));
        List<SimMember> cut = new ArrayList<>();
        List<Id> primaries = new ArrayList<>();
        run.at(CUT_AT, () -> {
            Topology topology = newest(run);
            SimMember lonely = run.alive().stream()
                    .filter(member -> !topology.isVoter(member.id()) && isPrimary(topology, member.id()))
                    .findFirst()
                    .orElseThrow();
            cut.add(lonely);
            for (SimMember other : run.alive()) {
                if (topology.isVoter(other.id())
                        && !other.id().equals(other.local.standing().leader())) {
                    cutOff(run, lonely, other, HEALED_AT);
                }
            }
        });
        run.at(LOOK_AT, () -> newest(run).partitions().forEach(partition -> primaries.add(partition.primary())));

        History history = run.run();

        assertEquals(4, primaries.size());
        assertTrue(!primaries.contains(cut.get(0).id()), "it is still primary after five seconds without a lease");
        assertSound(run, history);
    }

    /**
     * It gets leases, and so asks nobody for anything newer than what it holds. It learns by whatever way; that a lease alone
     * tells it is shown by {@code LeaseRequestTest}.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aVoterThatDoesNotHearTheLeaderLearnsWhatIsCommitted(long seed) {
        Scene scene = Scene.of(seed, Canary.NONE, 3);
        List<SimMember> cut = new ArrayList<>();
        scene.run.at(CUT_AT, () -> {
            cut.add(scene.others(scene.leader()).get(0));
            scene.part(scene.leader(), cut.get(0), HEALED_AT);
        });
        scene.run.at(
                LOOK_AT,
                () -> assertEquals(scene.newest(), cut.get(0).local.committed(), "what it takes for committed is old"));

        assertEquals("", scene.verdict());
    }

    /**
     * It keeps its lease, and nobody but it misses them, so both have to leave for its writes to go on. Each of them comes back
     * to be filled, and that the first one comes and goes gives the second one no more time.
     */
    @ParameterizedTest
    @ValueSource(longs = {0, CUT_FOR})
    void aPrimaryThatReachesNoneOfItsCopiesGoesOnWithoutThem(long apart) {
        for (long seed = 1; seed <= 10; seed++) {
            Scene scene = new Scene(
                    new Simulation(seed, Canary.NONE, Faults.quiet(6, 0, 0).with(Map.of("backups", 2))));
            List<Status> answers = new ArrayList<>();
            scene.run.at(CUT_AT, () -> {
                int partition = IntStream.range(0, 4)
                        .filter(p -> mayLoseItsCopies(scene, p))
                        .findFirst()
                        .orElseThrow();
                SimMember primary = scene.primary(partition);
                List<SimMember> copies = scene.copies(partition);
                copies.remove(primary);
                scene.part(primary, copies.get(0), HEALED_AT);
                scene.run.at(CUT_AT + apart, () -> scene.part(primary, copies.get(1), HEALED_AT));
                for (long after : List.of(0L, CUT_FOR, 2 * CUT_FOR)) {
                    scene.run.at(CUT_AT + after, () -> {
                        Operation put = scene.operation(Kind.PUT, partition);
                        scene.ask(primary, put, result -> answers.add(result.status()));
                    });
                }
            });

            assertEquals("", scene.verdict());
            assertEquals(Status.DONE, answers.get(2), "seed " + seed);
        }
    }

    /** Whether its primary would reach the leader and enough voters without them. */
    private static boolean mayLoseItsCopies(Scene scene, int partition) {
        Topology topology = scene.newest();
        SimMember primary = scene.primary(partition);
        List<SimMember> copies = scene.copies(partition);
        long missed = copies.stream()
                .filter(copy -> copy != primary && topology.isVoter(copy.id()))
                .count();
        return !copies.contains(scene.leader())
                && 2 * missed < topology.voters().size();
    }

    /** To the others it is only silent, and so it is still the leader when the cut is over. */
    @ParameterizedTest
    @CsvSource({"NONE, false", "DEAD_ON_ONE_WORD, true"})
    void aLeaderThatWasCutOffDoesNotTakeTheOthersForDead(Canary canary, boolean loses) {
        Simulation run = new Simulation(1, canary, Faults.none(5)).keepLog();
        run.at(CUT_AT, () -> {
            SimMember leader = leader(run);
            for (SimMember other : run.alive()) {
                if (other != leader) {
                    cutOff(run, leader, other, CUT_AT + CUT_FOR);
                    run.at(CUT_AT + 10 * Simulation.MILLI, () -> {
                        leader.disconnected(other.id());
                        leader.refused(other.id());
                    });
                    run.at(CUT_AT + CUT_FOR, () -> leader.connected(other.id()));
                }
            }
        });

        History history = run.run();

        assertEquals(loses, run.log().stream().anyMatch(line -> line.contains("partition-lost")));
        assertSound(run, history);
    }

    /**
     * It has heard nobody for a second, and has been told of nobody's lease for as long, when it is heard again before
     * another one is elected. The others were well all the time.
     */
    @ParameterizedTest
    @ValueSource(ints = {1000, 1050, 1100, 1150})
    void aLeaderThatWasCutOffTakesNoRolesFromOthers(int millis) {
        int stillLeads = 0;
        for (long seed = 1; seed <= 10; seed++) {
            Scene scene = Scene.of(seed, Canary.NONE, 5);
            List<SimMember> cut = new ArrayList<>();
            List<Partition> before = new ArrayList<>();
            List<Partition> after = new ArrayList<>();
            scene.run.at(CUT_AT, () -> {
                cut.add(scene.leader());
                before.addAll(scene.newest().partitions());
                scene.isolate(cut.get(0), CUT_AT + millis * Simulation.MILLI);
            });
            scene.run.at(CUT_AT + 3 * CUT_FOR, () -> {
                after.addAll(scene.newest().partitions());
            });

            assertEquals("", scene.verdict());
            Id leader = cut.get(0).id();
            boolean deposed = scene.said("leader-elected");
            stillLeads += deposed ? 0 : 1;
            for (int p = 0; p < before.size() && !deposed; p++) {
                Id primary = before.get(p).primary();
                if (!leader.equals(primary)) {
                    assertEquals(primary, after.get(p).primary(), "seed " + seed + ": partition " + p);
                }
            }
        }
        assertTrue(stillLeads > 0, "in each seed another one was elected before");
    }

    /** It was refused everywhere while it was cut off; that says nothing of a leader that falls silent meanwhile. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aVoterThatWasCutOffDoesNotTakeASilentLeaderForDead(long seed) {
        long reconnected = CUT_AT + 3 * CUT_FOR;
        Simulation run = new Simulation(seed, Canary.NONE, Faults.none(3)).keepLog();
        run.at(CUT_AT, () -> {
            SimMember leader = leader(run);
            List<SimMember> voters = new ArrayList<>(run.alive());
            voters.remove(leader);
            SimMember severed = voters.get(0);
            for (SimMember other : List.of(leader, voters.get(1))) {
                long until = other == leader ? LOOK_AT : reconnected;
                cutOff(run, severed, other, until);
                run.at(CUT_AT + 10 * Simulation.MILLI, () -> {
                    severed.disconnected(other.id());
                    severed.refused(other.id());
                });
                run.at(until, () -> severed.connected(other.id()));
            }
            run.at(CUT_AT + CUT_FOR / 3, () -> {
                cutOff(run, leader, voters.get(1), LOOK_AT);
            });
        });

        History history = run.run();

        assertEquals(
                List.of(),
                run.log().stream().filter(line -> line.contains("starts-anew")).toList());
        assertSound(run, history);
    }

    /** Only its primary may take it out of sync: here that one has failed, and so the backup is the last copy. */
    @ParameterizedTest
    @CsvSource({"NONE, true", "LEADER_SHRINKS, false"})
    void aBackupThatPausesWhileItsPrimaryFailsTakesOver(Canary canary, boolean takesOver) {
        Simulation run = new Simulation(1, canary, Faults.none(5));
        List<Id> failed = new ArrayList<>();
        List<Id> primaries = new ArrayList<>();
        int[] chosen = {-1};
        run.at(CUT_AT, () -> {
            Topology topology = newest(run);
            Id leader = leader(run).id();
            for (int p = 0; p < topology.partitions().size() && chosen[0] < 0; p++) {
                List<Id> copies = topology.partitions().get(p).inSync();
                boolean bothVote = copies.stream().allMatch(topology::isVoter);
                chosen[0] = copies.contains(leader) || bothVote ? -1 : p;
            }
            Partition partition = topology.partitions().get(chosen[0]);
            SimMember primary = member(run, id -> id.equals(partition.primary()));
            SimMember backup = member(run, id -> partition.inSync().contains(id) && !id.equals(partition.primary()));
            failed.add(primary.id());
            run.pause(backup, 2 * CUT_FOR);
            run.at(CUT_AT + CUT_FOR / 2, () -> {
                for (SimMember other : run.alive()) {
                    if (other != primary) {
                        cutOff(run, primary, other, HEALED_AT);
                    }
                }
            });
        });
        run.at(
                LOOK_AT,
                () -> primaries.add(newest(run).partitions().get(chosen[0]).primary()));

        History history = run.run();

        assertEquals(takesOver, !failed.equals(primaries), "the partition has another primary meanwhile");
        assertSound(run, history);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aCopyThatDiffersIsFoundAndMadeAnew(long seed) {
        Simulation run = new Simulation(seed, Canary.NONE, Faults.none(3));
        run.at(CUT_AT, () -> {
            Partition partition = newest(run).partitions().get(0);
            run.alive().stream()
                    .filter(member -> partition.inSync().contains(member.id())
                            && !member.id().equals(partition.primary()))
                    .forEach(backup -> CopyContents.spoil(backup.local, 0));
        });

        History history = run.run();

        assertEquals(1, run.differences());
        assertSound(run, history);
    }

    /** With a witness one of two goes on when the other dies, and the witness never alone when one leaves. */
    @ParameterizedTest
    @CsvSource({"NONE, false", "WITNESS_ALONE, true"})
    void ofTwoAndAWitnessOneGoesOnAlone(Canary canary, boolean violates) {
        boolean violated = false;
        for (long seed = 1; seed <= 10; seed++) {
            Simulation run = new Simulation(seed, canary, Faults.none(2));
            run.at(Simulation.SECOND, run::startWitness);
            List<Topology> whole = new ArrayList<>();
            run.at(CUT_AT, () -> {
                whole.add(newest(run));
                leader(run).leave();
            });
            History history;
            try {
                history = run.run();
            } catch (AssertionError caught) {
                violated = true;
                continue;
            }
            assertEquals(3, whole.get(0).voters().size());
            assertEquals(1, newest(run).voters().size());
            assertSound(run, history);
        }
        assertEquals(violates, violated);
    }

    /** Whoever is primary when it is due keeps it: the promise is part of the copy. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aPromisedClearIsKeptThoughItsPrimaryDies(long seed) {
        Scene scene = Scene.quiet(seed, Canary.NONE, 3);
        List<Status> seen = new ArrayList<>();
        scene.run.at(CUT_AT, () -> {
            int partition = scene.partitionWithout(scene.leader());
            SimMember primary = scene.primary(partition);
            SimMember backup = scene.backup(partition);
            Operation clear = new Operation().reset(Kind.CLEAR);
            clear.partition = partition;
            clear.expiry = primary.wall() + 3000;
            scene.ask(primary, scene.operation(Kind.PUT, partition), result -> seen.add(result.status()));
            scene.ask(primary, clear, result -> seen.add(result.status()));
            scene.run.at(CUT_AT + CUT_FOR, () -> scene.run.kill(primary));
            for (long at : List.of(CUT_AT + 2 * Simulation.SECOND, LOOK_AT)) {
                scene.run.at(at, () -> {
                    scene.ask(backup, scene.operation(Kind.GET, partition), result -> seen.add(result.status()));
                });
            }
        });

        assertEquals("", scene.verdict());
        assertEquals(List.of(Status.DONE, Status.DONE, Status.FOUND, Status.MISSING), seen);
    }

    private static void assertSound(Simulation run, History history) {
        assertEquals("", run.notConverged());
        assertEquals(
                Linearizability.Verdict.OK, new Linearizability().check(history).verdict());
    }

    private static void cutOff(Simulation run, SimMember one, SimMember other, long until) {
        run.cut(one, other, until);
        run.cut(other, one, until);
    }

    private static SimMember leader(Simulation run) {
        return run.alive().stream()
                .filter(member -> member.id().equals(member.local.standing().leader()))
                .findFirst()
                .orElseThrow();
    }

    private static SimMember member(Simulation run, Predicate<Id> is) {
        return run.alive().stream()
                .filter(member -> is.test(member.id()))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isPrimary(Topology topology, Id id) {
        return topology.partitions().stream().anyMatch(partition -> id.equals(partition.primary()));
    }

    private static Topology newest(Simulation run) {
        Topology topology = run.newest();
        if (topology == null) {
            throw new AssertionError("no topology");
        }
        return topology;
    }
}
