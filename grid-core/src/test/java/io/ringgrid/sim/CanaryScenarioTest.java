package io.ringgrid.sim;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result.Status;
import io.ringgrid.replica.StreamMessage;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Rules that chance does not show to be needed, each with the faults by hand that it is there for: the protocol is sound
 * in each seed, and without the rule it is not.
 */
class CanaryScenarioTest {
    private static final int SEEDS = 10;
    private static final long MILLI = Simulation.MILLI;
    private static final long START = 4 * Simulation.SECOND;
    /** Each fills a chunk of a filling. */
    private static final int CHUNK_BYTES = 64 << 10;

    private static final int CHUNKS = 40;
    private static final long HEALED = 12 * Simulation.SECOND;

    @ParameterizedTest
    @CsvSource({
        "TWO_VOTES, 7",
        "NO_JOINT_QUORUM, 2",
        "FRESH_BY_RECEIPT, 5",
        "PAUSE_IS_SILENCE, 5",
        "NO_PRE_VOTE, 5",
        "ROLE_WITHOUT_LEASE, 5",
        "EXCESS_DROPPED_BLINDLY, 5",
        "MISS_BEFORE_TICK, 5",
        "FILLED_UP_TO_COMMITTED, 7"
    })
    void theRuleIsNeededAndEnough(Canary rule, int members) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            assertEquals("", verdict(rule, members, Canary.NONE, seed), rule + " seed " + seed);
        }
        assertTrue(
                LongStream.rangeClosed(1, SEEDS)
                        .anyMatch(seed -> !verdict(rule, members, rule, seed).isEmpty()),
                rule + " was not caught in " + SEEDS + " seeds");
    }

    private static String verdict(Canary rule, int members, Canary leftOut, long seed) {
        Scene scene = rule == Canary.FILLED_UP_TO_COMMITTED
                ? Scene.quiet(seed, leftOut, members)
                : Scene.of(seed, leftOut, members);
        switch (rule) {
            case TWO_VOTES -> twoStandInOneTerm(scene);
            case NO_JOINT_QUORUM -> theOnlyVoterIsCutOffWhileThreeAreToVote(scene);
            case FRESH_BY_RECEIPT -> aPrimaryIsCutOffWhileItsRequestWaits(scene);
            case PAUSE_IS_SILENCE -> aPrimaryWakesAndDies(scene);
            case NO_PRE_VOTE -> aVoterDoesNotHearTheLeader(scene);
            case ROLE_WITHOUT_LEASE -> aPrimaryReachesTheLeaderAndNoQuorum(scene);
            case MISS_BEFORE_TICK -> aPrimaryWhoseBackupIsLateDies(scene);
            case EXCESS_DROPPED_BLINDLY -> whoJoinsDiesAsSoonAsItIsInSync(scene);
            case FILLED_UP_TO_COMMITTED -> aChunkHasWhatTheStreamLacks(scene);
            default -> throw new AssertionError("no scenario for " + rule);
        }
        return scene.verdict();
    }

    /**
     * The leader of five voters dies while two of them are cut from each other and the other two pause: when these wake,
     * both have asked them whether they would be elected, and both stand in the same term. Each of the two then loses its
     * connection to another one of those that do not vote, so that they have different things to propose.
     */
    private static void twoStandInOneTerm(Scene scene) {
        scene.run.at(START, () -> {
            Topology topology = scene.newest();
            SimMember leader = scene.leader();
            List<SimMember> voters = new ArrayList<>(scene.others(leader));
            voters.removeIf(member -> !topology.isVoter(member.id()));
            List<SimMember> others = new ArrayList<>(scene.others(leader));
            others.removeAll(voters);
            scene.part(voters.get(0), voters.get(1), HEALED);
            scene.run.pause(voters.get(2), 500 * MILLI);
            scene.run.pause(voters.get(3), 500 * MILLI);
            scene.run.kill(leader);
            scene.run.at(START + 530 * MILLI, () -> {
                seemsGone(others.get(0), voters.get(0));
                seemsGone(others.get(1), voters.get(1));
            });
        });
    }

    private static void seemsGone(SimMember member, SimMember observer) {
        observer.disconnected(member.id());
        observer.refused(member.id());
    }

    /**
     * Of two members one votes; a third one comes, and all three are to vote. The new voters hold that, the old one hears
     * no answer: it takes it back, and goes on alone. The new ones must not elect one of them.
     */
    private static void theOnlyVoterIsCutOffWhileThreeAreToVote(Scene scene) {
        scene.run.at(START, scene.run::join);
        scene.when(START, () -> !Scene.held(scene.leader()).nextVoters().isEmpty(), () -> {
            SimMember old = scene.leader();
            scene.others(old).forEach(other -> scene.run.cut(other, old, HEALED));
            scene.run.at(scene.run.now() + 3 * MILLI, () -> scene.isolate(old, HEALED));
        });
    }

    /**
     * While the leader pauses for a moment, a primary asks it to remove a backup, is cut off, and dies: its answer to a
     * heartbeat, and its request, were sent when it was well, and are read when it no longer is.
     */
    private static void aPrimaryIsCutOffWhileItsRequestWaits(Scene scene) {
        scene.run.at(START, () -> {
            SimMember leader = scene.leader();
            int partition = scene.partitionWithout(leader);
            SimMember primary = scene.primary(partition);
            SimMember backup = scene.backup(partition);
            long before = primary.local.standing().heardNanos();
            scene.when(START, () -> primary.local.standing().heardNanos() != before, () -> {
                long now = scene.run.now();
                scene.run.pause(leader, 120 * MILLI);
                scene.part(primary, backup, HEALED);
                seemsGone(backup, primary);
                scene.run.at(now + 50 * MILLI, () -> scene.isolate(primary, HEALED));
                scene.run.at(now + 200 * MILLI, () -> scene.run.kill(primary));
            });
        });
    }

    /**
     * A primary has not heard its backup for less than a second when it pauses, and then for more: it knows nothing of the
     * time in between, and the backup, of which only the answers were lost, takes over when the primary dies.
     */
    private static void aPrimaryWakesAndDies(Scene scene) {
        scene.run.at(START, () -> {
            int partition = scene.partitionWithout(scene.leader());
            SimMember primary = scene.primary(partition);
            scene.run.cut(scene.backup(partition), primary, START + 1180 * MILLI);
            scene.run.at(START + 750 * MILLI, () -> scene.run.pause(primary, 300 * MILLI));
            scene.run.at(START + 1175 * MILLI, () -> scene.run.kill(primary));
        });
    }

    /** A voter that is cut from the leader alone must not depose it, neither meanwhile nor when it hears it again. */
    private static void aVoterDoesNotHearTheLeader(Scene scene) {
        scene.run.at(START, () -> {
            SimMember leader = scene.leader();
            long term = scene.newest().term();
            SimMember voter =
                    scene.one(member -> member != leader && scene.newest().isVoter(member.id()));
            scene.part(leader, voter, HEALED);
            scene.always(
                    START,
                    HEALED + Simulation.SECOND,
                    () -> scene.newest().term() == term && scene.leaders().equals(leader.name),
                    "a voter that was cut off has deposed the leader");
        });
    }

    /** It can serve nothing, though the leader hears it: its partitions must be served by others in a moment. */
    private static void aPrimaryReachesTheLeaderAndNoQuorum(Scene scene) {
        scene.run.at(START, () -> {
            Topology topology = scene.newest();
            SimMember leader = scene.leader();
            SimMember lonely = scene.one(member -> !topology.isVoter(member.id())
                    && topology.partitions().stream()
                            .anyMatch(partition -> member.id().equals(partition.primary())));
            for (SimMember other : scene.others(lonely)) {
                if (other != leader && topology.isVoter(other.id())) {
                    scene.part(lonely, other, HEALED);
                }
            }
            scene.always(
                    START + 3 * Simulation.SECOND,
                    HEALED,
                    () -> scene.newest().partitions().stream()
                            .noneMatch(partition -> lonely.id().equals(partition.primary())),
                    "it is primary without a lease");
        });
    }

    /**
     * Whoever joins is filled while the leader does not hear it, and dies as soon as it is in sync: the copy that it was to
     * replace must be there still.
     */
    private static void whoJoinsDiesAsSoonAsItIsInSync(Scene scene) {
        scene.run.at(START, scene.run::join);
        scene.when(START, () -> filledByAnother(scene) >= 0, () -> {
            long now = scene.run.now();
            int partition = filledByAnother(scene);
            Id filling = scene.newest().partitions().get(partition).filling();
            SimMember joiner = scene.one(member -> member.id().equals(filling));
            scene.run.cut(joiner, scene.leader(), HEALED);
            scene.run.clog(scene.primary(partition), joiner, now + 200 * MILLI);
            scene.when(now, () -> scene.copies(partition).contains(joiner), () -> {
                scene.run.at(scene.run.now() + 20 * MILLI, () -> scene.run.kill(joiner));
                scene.always(
                        scene.run.now(),
                        scene.run.now() + 500 * MILLI,
                        () -> scene.others(joiner).stream()
                                        .filter(scene.copies(partition)::contains)
                                        .count()
                                > 1,
                        "the last copy but one was dropped");
            });
        });
    }

    /** A partition that is being filled by somebody else than the leader, or -1. */
    private static int filledByAnother(Scene scene) {
        List<Topology.Partition> partitions = scene.newest().partitions();
        for (int p = 0; p < partitions.size(); p++) {
            if (partitions.get(p).filling() != null && scene.primary(p) != scene.leader()) {
                return p;
            }
        }
        return -1;
    }

    /**
     * A primary says that an entry has ended, does not reach its backup, and dies; to the backup, whose clock is behind, it
     * has not. Whoever has heard that it ended must not find it again.
     */
    private static void aPrimaryWhoseBackupIsLateDies(Scene scene) {
        scene.run.at(START, () -> {
            int partition = scene.partitionWithout(scene.leader());
            SimMember primary = scene.primary(partition);
            SimMember backup = scene.backup(partition);
            backup.jumpWall(-3000);
            Operation put = scene.operation(Kind.PUT, partition);
            put.expiry = primary.wall() + 400;
            boolean[] missed = {false};
            scene.ask(primary, put, result -> {});
            scene.run.at(START + 300 * MILLI, () -> scene.run.cut(primary, backup, HEALED));
            scene.run.at(START + 450 * MILLI, () -> {
                scene.ask(primary, scene.operation(Kind.GET, partition), result -> {
                    missed[0] = result.status() == Status.MISSING && primary.alive;
                });
            });
            scene.run.at(START + 600 * MILLI, () -> scene.run.kill(primary));
            scene.run.at(START + 2000 * MILLI, () -> {
                scene.ask(backup, scene.operation(Kind.GET, partition), result -> {
                    if (missed[0] && result.status() == Status.FOUND) {
                        throw new AssertionError("what had ended is back");
                    }
                });
            });
        });
    }

    /**
     * Something is counted while a copy is filled: the last chunk shows it, what the stream says of it is lost. The primary
     * dies as soon as the copy is in sync, and who has counted asks the copy again. It must know that it was counted.
     */
    private static void aChunkHasWhatTheStreamLacks(Scene scene) {
        scene.run.at(START, () -> {
            int partition = scene.partitionWithout(scene.leader());
            SimMember primary = scene.primary(partition);
            List<byte[]> keys = scene.keys(partition, CHUNKS);
            byte[] value = new byte[CHUNK_BYTES];
            for (byte[] key : keys.subList(0, CHUNKS - 1)) {
                scene.ask(primary, operation(Kind.PUT, key).value(value, 0, value.length), result -> {});
            }
            scene.run.at(START + 300 * MILLI, () -> scene.run.kill(scene.backup(partition)));
            scene.when(START + 300 * MILLI, () -> filled(scene, partition) != null, () -> {
                SimMember copy = Objects.requireNonNull(filled(scene, partition));
                long lostUntil = scene.run.now() + 300 * MILLI;
                scene.run.lose((from, to, message) -> scene.run.now() < lostUntil
                        && to.equals(copy.id())
                        && message instanceof StreamMessage.Mutations);
                Operation count = operation(Kind.INCREMENT, keys.get(CHUNKS - 1));
                count.delta = 1;
                scene.ask(scene.one(member -> member != primary && member != copy), count, result -> {});
                scene.when(scene.run.now(), () -> scene.copies(partition).contains(copy), () -> {
                    scene.run.kill(primary);
                });
                scene.run.at(START + 3000 * MILLI, () -> {
                    scene.ask(copy, operation(Kind.GET, keys.get(CHUNKS - 1)), result -> {
                        if (!new String(result.value(), US_ASCII).equals("1")) {
                            throw new AssertionError("one was counted, and there is " + result);
                        }
                    });
                });
            });
        });
    }

    private static Operation operation(Kind kind, byte[] key) {
        return new Operation().reset(kind).key(key, 0, key.length);
    }

    /** Who is being filled by the only copy, and has taken the first chunk; null if nobody. */
    private static @Nullable SimMember filled(Scene scene, int partition) {
        Topology topology = scene.newest();
        Topology.Partition now = topology.partitions().get(partition);
        return scene.run.alive().stream()
                .filter(member -> now.inSync().size() == 1
                        && member.id().equals(now.filling())
                        && topology.equals(member.local.committed())
                        && member.local.replica(partition).count() > 0)
                .findFirst()
                .orElse(null);
    }
}
