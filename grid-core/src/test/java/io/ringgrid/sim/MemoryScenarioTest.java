package io.ringgrid.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result.Status;
import io.ringgrid.topology.Topology.Partition;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Members that are written more than they can hold: they evict, and nothing waits for ever. */
class MemoryScenarioTest {
    private static final int SEEDS = 10;
    private static final int FAR_SEEDS = 60;
    private static final long START = 4 * Simulation.SECOND;
    private static final long UNTIL = 7 * Simulation.SECOND;
    private static final int KEYS = 200;
    private static final int LEAST_WRITES = 1000;
    /** Of each member. */
    private static final long SIXTEEN_KIB = 16 << 10;

    /**
     * Each is primary of half of the partitions and backup of the others, and each refuses what the other one has written.
     * What makes room in a copy comes behind what was refused, as one message that is judged as a whole; without it
     * ({@code NO_BATCH_AFTER_REFUSAL}) both wait for each other.
     */
    @ParameterizedTest
    @CsvSource({"NONE, false", "NO_BATCH_AFTER_REFUSAL, true"})
    void twoFullMembersThatBackEachOtherUpNeverDeadlock(Canary canary, boolean deadlock) {
        if (!deadlock) {
            LongStream.rangeClosed(1, SEEDS).forEach(seed -> assertEquals("", twoFullMembers(seed, canary)));
        } else {
            assertTrue(LongStream.rangeClosed(1, SEEDS)
                    .anyMatch(seed -> !twoFullMembers(seed, canary).isEmpty()));
        }
    }

    private static String twoFullMembers(long seed, Canary canary) {
        Scene scene = new Scene(new Simulation(seed, canary, Faults.quiet(2, 0, 0, SIXTEEN_KIB)));
        scene.run.at(START, () -> {
            List<Partition> partitions = scene.newest().partitions();
            assertEquals(
                    2, partitions.stream().map(Partition::primary).distinct().count());
            scene.always(
                    START,
                    UNTIL,
                    () -> scene.newest().partitions().equals(partitions),
                    "a full backup was taken out of sync");
        });
        int[] done = write(scene, seed, 16, 1000);
        String verdict = scene.verdict();
        return verdict.isEmpty() && done[0] < LEAST_WRITES ? "only " + done[0] + " writes" : verdict;
    }

    /**
     * What is filled comes in chunks of what may be more than there is room for, while all members are below the mark from
     * which on they evict: the primary then makes room all the same.
     */
    @Test
    void aJoinerIsFilledHoweverLittleRoomItHas() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            for (int members = 2; members <= 3; members++) {
                Scene scene = new Scene(new Simulation(seed, Canary.NONE, Faults.quiet(members, 0, 0, Faults.LITTLE)));
                write(scene, seed, 4, 1400);
                scene.run.at(UNTIL - 500 * Simulation.MILLI, scene.run::join);
                assertEquals("", scene.verdict(), "seed " + seed + ", " + members + " members");
            }
        }
    }

    /**
     * A copy refuses while the next messages are on their way to it. What comes behind the gap is acknowledged without a refusal; its
     * primary must go on evicting for it, or the copy, which cannot go on, is taken for silent.
     */
    @Test
    void fullMembersFarApartKeepTheirBackups() {
        for (long seed = 1; seed <= FAR_SEEDS; seed++) {
            Scene scene = new Scene(new Simulation(seed, Canary.NONE, Faults.quiet(3, 0, 0, Faults.LITTLE)));
            SplittableRandom random = new SplittableRandom(seed);
            scene.run.at(START, () -> {
                List<Partition> partitions = scene.newest().partitions();
                scene.always(
                        START,
                        UNTIL,
                        () -> scene.newest().partitions().equals(partitions),
                        "a full backup was taken out of sync");
                clogNowAndThen(scene, random);
            });
            write(scene, seed, 16, 1000);
            assertEquals("", scene.verdict(), "seed " + seed);
        }
    }

    private static void clogNowAndThen(Scene scene, SplittableRandom random) {
        List<SimMember> alive = scene.run.alive();
        SimMember from = alive.get(random.nextInt(alive.size()));
        SimMember to = scene.others(from).get(random.nextInt(alive.size() - 1));
        scene.run.clog(from, to, scene.run.now() + random.nextLong(40 * Simulation.MILLI));
        if (scene.run.now() < UNTIL) {
            scene.run.at(scene.run.now() + random.nextLong(20 * Simulation.MILLI), () -> clogNowAndThen(scene, random));
        }
    }

    /** So many write values of up to so many bytes, one after another, and each is answered; how many have succeeded. */
    private static int[] write(Scene scene, long seed, int writers, int mostBytes) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] done = {0};
        for (int writer = 0; writer < writers; writer++) {
            scene.run.at(START, () -> write(scene, random, mostBytes, done));
        }
        return done;
    }

    private static void write(Scene scene, SplittableRandom random, int mostBytes, int[] done) {
        List<SimMember> alive = scene.run.alive();
        byte[] key = ("full" + random.nextInt(KEYS)).getBytes(UTF_8);
        byte[] value = new byte[1 + random.nextInt(mostBytes)];
        Operation put = new Operation().reset(Kind.PUT).key(key, 0, key.length).value(value, 0, value.length);
        scene.ask(alive.get(random.nextInt(alive.size())), put, result -> {
            if (result.status() == Status.DONE) {
                done[0]++;
            } else if (result.status() != Status.OUT_OF_MEMORY) {
                throw new AssertionError("a write among full members: " + result);
            }
            if (scene.run.now() < UNTIL) {
                scene.run.at(scene.run.now() + Simulation.MILLI, () -> write(scene, random, mostBytes, done));
            }
        });
    }
}
