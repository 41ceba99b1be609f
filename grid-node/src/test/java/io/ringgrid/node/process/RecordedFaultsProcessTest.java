package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.binary.Await;
import io.ringgrid.node.process.Recording.Outcome;
import io.ringgrid.sim.Linearizability;
import io.ringgrid.sim.Linearizability.Report;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.json.JSONObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Real processes under the simulator's judge: sixteen clients by memcached, Redis and Java share a few keys while members
 * are stopped and killed, one at a time, and all that they have heard must be linearizable.
 *
 * <p>One seed draws what is asked and what fails, {@code -Dringgrid.seed=…} that of another run; what the processes make
 * of it is theirs.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class RecordedFaultsProcessTest extends ThreeMembersTest {
    private static final int OF_MEMCACHED = 6;
    private static final int OF_REDIS = 5;
    private static final int OF_JAVA = 5;

    private static final long FAULTS_SECONDS = 28;
    private static final int ANSWERS_BESIDE_A_FAULT = 300;
    private static final int SHORTEST_MILLIS = 500;
    private static final int LONGEST_MILLIS = 8000;

    private static final int HARMLESS_PAUSES = 6;
    private static final int HARMLESS_MILLIS = 800;
    /** What two signals may take. */
    private static final int SIGNALS_MILLIS = 60;

    private static final long REST_MILLIS = 2000;

    private final long seed =
            Long.getLong("ringgrid.seed", RandomGenerator.getDefault().nextLong());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final Recording recording = new Recording();
    private final List<RecordedClient> clients = new ArrayList<>();

    @BeforeEach
    void startClients() {
        System.out.println("seed " + seed);
        for (int i = 0; i < OF_MEMCACHED; i++) {
            clients.add(new RecordedMemcached("memcached-" + i, recording, random.split(), members));
        }
        for (int i = 0; i < OF_REDIS; i++) {
            clients.add(new RecordedRedis("redis-" + i, recording, random.split(), members));
        }
        for (int i = 0; i < OF_JAVA; i++) {
            clients.add(new RecordedJava("java-" + i, recording, random.split(), members));
        }
        clients.forEach(RecordedClient::start);
    }

    @AfterEach
    void stopClients() {
        clients.forEach(RecordedClient::close);
    }

    @Test
    void whateverFailsAllThatIsHeardIsLinearizable() throws Exception {
        List<String> faults = new ArrayList<>();
        long start = System.nanoTime();
        // The first two are a kill and a long pause, whatever is drawn.
        for (int i = 0; i < 2 || System.nanoTime() - start < TimeUnit.SECONDS.toNanos(FAULTS_SECONDS); i++) {
            awaitAnswers();
            MemberProcess victim = members.get(random.nextInt(members.size()));
            if (i == 0 || (i > 1 && random.nextInt(5) < 2)) {
                victim.kill();
                faults.add("kill " + victim.name);
                awaitAnswers();
                victim.start();
            } else {
                int least = i == 1 ? LONGEST_MILLIS / 2 : SHORTEST_MILLIS;
                int millis = least + random.nextInt(LONGEST_MILLIS - least);
                pause(victim, millis);
                faults.add("stop " + victim.name + " for " + millis + " ms");
            }
            MemberProcess.awaitWhole(members);
        }
        awaitAnswers();
        System.out.println(faults);
        judge();
    }

    @Test
    void aShortPauseCommitsNoTopology() throws Exception {
        List<String> committed = new ArrayList<>();
        List<Long> measured = new ArrayList<>();
        String before = restingTopology();
        for (int i = 0; measured.size() < HARMLESS_PAUSES && i < 2 * HARMLESS_PAUSES; i++) {
            MemberProcess victim = members.get(i % members.size());
            long millis = pause(victim, 300 + random.nextInt(HARMLESS_MILLIS - SIGNALS_MILLIS - 300));
            awaitAnswers();
            String after = restingTopology();
            // What took longer, since the machine was busy, proves nothing.
            if (millis <= HARMLESS_MILLIS) {
                measured.add(millis);
                if (!after.equals(before)) {
                    committed.add(victim.name + " stopped for " + millis + " ms: " + before + ", then " + after);
                }
            }
            before = after;
        }
        System.out.println("stopped for, in ms: " + measured);
        assertAll(
                () -> assertEquals(List.of(), committed),
                () -> assertTrue(measured.size() >= members.size(), () -> "too few were short enough: " + measured),
                this::judge);
    }

    /** Stops a member for this long; returns how many milliseconds it was at the most. */
    private static long pause(MemberProcess victim, int millis) throws IOException, InterruptedException {
        long start = System.nanoTime();
        victim.signal("STOP");
        long stopped = System.nanoTime();
        Await.until("the time is over", () -> System.nanoTime() - stopped >= TimeUnit.MILLISECONDS.toNanos(millis));
        victim.signal("CONT");
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    /** Waits until so many more operations were answered. */
    private void awaitAnswers() {
        long before = recording.answered();
        Await.until("clients are served", () -> recording.answered() - before >= ANSWERS_BESIDE_A_FAULT);
        clients.forEach(RecordedClient::check);
    }

    /** Which topology all members know, once that has been so for a while. */
    private String restingTopology() {
        MemberProcess.awaitWhole(members);
        List<String> last = new ArrayList<>(List.of("none"));
        long[] since = {System.nanoTime()};
        Await.until("the topology is at rest", 30, () -> {
            String now = topologies();
            if (!now.equals(last.get(0))) {
                last.set(0, now);
                since[0] = System.nanoTime();
            }
            return System.nanoTime() - since[0] >= TimeUnit.MILLISECONDS.toNanos(REST_MILLIS);
        });
        return last.get(0);
    }

    private String topologies() {
        StringBuilder text = new StringBuilder();
        for (MemberProcess member : members) {
            JSONObject cluster = member.cluster();
            text.append(text.length() == 0 ? "" : ", ")
                    .append(member.name)
                    .append(" term ")
                    .append(cluster.getLong("topologyTerm"))
                    .append(" version ")
                    .append(cluster.getLong("topologyVersion"));
        }
        return text.toString();
    }

    /** Reads each key through each door once more, and judges everything. */
    private void judge() {
        clients.forEach(RecordedClient::end);
        clients.forEach(RecordedClient::check);
        MemberProcess.awaitWhole(members);
        for (MemberProcess member : members) {
            List<MemberProcess> alone = List.of(member);
            readAll(new RecordedMemcached("memcached of " + member.name, recording, random.split(), alone));
            readAll(new RecordedRedis("redis of " + member.name, recording, random.split(), alone));
        }
        readAll(new RecordedJava("java", recording, random.split(), members));
        long start = System.nanoTime();
        Report report = new Linearizability().check(recording.history);
        System.out.printf(
                "%s: %s in %.1f s and %d states%n",
                recording, report.verdict(), (System.nanoTime() - start) / 1e9, report.states());
        report.assertOk();
        for (MemberProcess member : members) {
            assertTrue(
                    member.shown("/metrics").lines().anyMatch("ringgrid_copies_differing_total 0"::equals),
                    () -> member.name + " has copies that differ");
        }
    }

    private static void readAll(RecordedClient reader) {
        try (reader) {
            for (String key : RecordedClient.keys()) {
                Await.until(key + " is read at the end", () -> reader.read(key) == Outcome.ANSWERED);
            }
        }
    }
}
