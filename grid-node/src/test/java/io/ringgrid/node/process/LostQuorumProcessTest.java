package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.GridException;
import io.ringgrid.GridMap;
import io.ringgrid.GridUnavailableException;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.client.GridClient;
import io.ringgrid.node.binary.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.json.JSONObject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A member that has lost the two others: it says so at every door, does nothing, and answers nothing old. */
@Timeout(2 * 60)
final class LostQuorumProcessTest extends ThreeMembersTest {
    private static final String REASON =
            "this member reaches no majority of the voters (3), so it may not serve; it goes on when they are back";
    /** Longer than a lease, and than operations wait for the quorum to come back. */
    private static final int REFUSING_SECONDS = 10;

    private static final int ANSWER_MILLIS = 1000;
    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final int KEYS = 32;
    private static final int JAVA_KEYS = 12;

    private MemberProcess alone;
    private List<MemberProcess> others;

    /** What it answered last. */
    private String heard = "nothing";

    @BeforeEach
    void choose() throws IOException {
        alone = members.get(1);
        others = List.of(members.get(0), members.get(2));
        try (LineConnection resp = alone.resp(ANSWER_MILLIS)) {
            for (int key = 0; key < KEYS; key++) {
                resp.send("SET kept:" + key + " " + key + "\r\n");
                assertEquals("+OK", resp.line());
            }
        }
    }

    @Test
    void whoIsAloneRefusesUntilTheOthersGoOn() throws Exception {
        try (Registers registers = new Registers(alone);
                GridClient grid = connect()) {
            GridMap<String, String> map = grid.map("default", String.class, String.class);
            for (int key = 0; key < JAVA_KEYS; key++) {
                map.put("java:" + key, "kept");
            }
            registers.awaitRounds(2);
            for (MemberProcess other : others) {
                other.signal("STOP");
            }
            awaitRefusing(registers);
            assertRefused();
            Set<String> unknown = assertJavaIsRefused(map.withDeadline(DEADLINE));
            assertRefused();
            long[] floor = registers.acknowledged();

            for (MemberProcess other : others) {
                other.signal("CONT");
            }
            Await.until(
                    () -> "all is served, not " + registers.askAnew(alone) + "; it shows "
                            + alone.shown("/health/ready"),
                    () -> registers.askAnew(alone) == Registers.COUNT);
            MemberProcess.awaitWhole(members);
            for (MemberProcess member : members) {
                try (LineConnection resp = member.resp(ANSWER_MILLIS)) {
                    resp.send(Registers.gets());
                    assertEquals(Registers.COUNT, Registers.notOlder(resp, floor), member.name);
                }
                assertKept(member);
            }
            for (int key = 0; key < JAVA_KEYS; key++) {
                String value = map.get("java:" + key);
                boolean mayBeNew = unknown.contains("java:" + key);
                assertTrue("kept".equals(value) || (mayBeNew && "new".equals(value)), "java:" + key + " is " + value);
            }
            registers.awaitRounds(2);
        }
    }

    @Test
    void whoIsLeftOverGoesOnRefusing() throws Exception {
        try (Registers registers = new Registers(alone)) {
            registers.awaitRounds(1);
            // At once: were the first one's death agreed upon, two members would be enough.
            for (MemberProcess other : others) {
                other.signal("KILL");
            }
            awaitRefusing(registers);
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(4);
            do {
                assertRefused();
                assertEquals(0, registers.askAnew(alone), "it answers again");
            } while (System.nanoTime() - until < 0);
        }
    }

    private GridClient connect() {
        return GridClient.connect(MemberProcess.HOST + ":" + alone.nativePort);
    }

    /** Waits until it says that it does not serve, and does not; what it answers before is not old. */
    private void awaitRefusing(Registers registers) {
        Await.until(
                () -> "it knows that it is alone; it shows " + alone.shown("/health/ready"),
                REFUSING_SECONDS,
                () -> alone.shown("/health/ready").equals("503 not ready: " + REASON + "\n"));
        Await.until(
                () -> "it refuses at once; it answers " + registers.askAnew(alone) + " registers, and last " + heard,
                REFUSING_SECONDS,
                () -> registers.askAnew(alone) == 0 && refusesAtOnce());
    }

    private boolean refusesAtOnce() {
        try (LineConnection resp = alone.resp(ANSWER_MILLIS)) {
            for (int key = 0; key < KEYS; key++) {
                resp.send("GET kept:" + key + "\r\n");
                heard = resp.line();
                if (!heard.equals("-CLUSTERDOWN not executed: " + REASON)) {
                    return false;
                }
            }
            return true;
        } catch (IOException late) {
            heard = late.toString();
            return false;
        }
    }

    /** Whoever owns a key, nothing is read or written, and this is said at once. */
    private void assertRefused() throws IOException {
        assertEquals("200 live\n", alone.shown("/health/live"));
        assertEquals("503 not ready: " + REASON + "\n", alone.shown("/health/ready"));
        assertEquals("503 not safe: " + REASON + "\n", alone.shown("/cluster/safe"));
        JSONObject cluster = alone.cluster();
        assertFalse(cluster.getBoolean("ready"));
        assertFalse(cluster.getBoolean("safe"));
        assertEquals(REASON, cluster.getString("reason"));
        try (LineConnection memcached = alone.memcached(ANSWER_MILLIS);
                LineConnection resp = alone.resp(ANSWER_MILLIS)) {
            for (int i = 0; i < KEYS; i++) {
                String key = "kept:" + i;
                for (String command : List.of(
                        "get " + key,
                        "gets " + key,
                        "set " + key + " 0 0 3\r\nnew",
                        "add " + key + "+ 0 0 3\r\nnew",
                        "replace " + key + " 0 0 3\r\nnew",
                        "incr " + key + " 1",
                        "touch " + key + " 1",
                        "delete " + key)) {
                    memcached.send(command + "\r\n");
                    assertEquals(
                            "SERVER_ERROR temporarily unavailable: not executed: " + REASON, memcached.line(), command);
                }
                for (String command : List.of(
                        "GET " + key,
                        "MGET " + key,
                        "EXISTS " + key,
                        "TTL " + key,
                        "SET " + key + " new",
                        "MSET " + key + " new",
                        "INCR " + key,
                        "EXPIRE " + key + " 1",
                        "DEL " + key)) {
                    resp.send(command + "\r\n");
                    assertEquals("-CLUSTERDOWN not executed: " + REASON, resp.line(), command);
                }
            }
            memcached.send("flush_all\r\n");
            assertEquals("SERVER_ERROR temporarily unavailable: not executed: " + REASON, memcached.line());
            resp.send("DBSIZE\r\nFLUSHALL\r\nPING\r\n");
            assertEquals("-CLUSTERDOWN not executed: " + REASON, resp.line());
            assertEquals("-CLUSTERDOWN not executed: " + REASON, resp.line());
            assertEquals("+PONG", resp.line());
        }
    }

    /**
     * Reads fail within their deadline, and so do writes: those that went out to a stopped member with an unknown outcome, and none of them
     * any more when its silence has been noticed. Returns the keys that may have been written.
     */
    private static Set<String> assertJavaIsRefused(GridMap<String, String> map) {
        refusals(map::get).forEach((key, refusal) -> assertEquals(GridUnavailableException.class, refusal.getClass()));
        Set<String> unknown = new HashSet<>();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(REFUSING_SECONDS);
        boolean sure;
        do {
            assertTrue(System.nanoTime() - until < 0, "writes are still sent to who does not answer");
            Set<String> sent = new HashSet<>();
            refusals(key -> map.put(key, "new")).forEach((key, refusal) -> {
                if (refusal instanceof OutcomeUnknownException) {
                    sent.add(key);
                } else {
                    assertEquals(GridUnavailableException.class, refusal.getClass());
                }
            });
            assertTrue(sent.size() < JAVA_KEYS, "what is this member's own is surely not executed");
            unknown.addAll(sent);
            sure = sent.isEmpty();
        } while (!sure);
        return unknown;
    }

    /** What all keys' calls, made at once, end with. */
    private static Map<String, GridException> refusals(Consumer<String> call) {
        Map<String, GridException> refusals = new ConcurrentHashMap<>();
        List<Thread> threads = new ArrayList<>();
        long asked = System.nanoTime();
        for (int i = 0; i < JAVA_KEYS; i++) {
            String key = "java:" + i;
            Thread thread = new Thread(() -> {
                try {
                    call.accept(key);
                } catch (GridException refusal) {
                    refusals.put(key, refusal);
                }
            });
            thread.start();
            threads.add(thread);
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - asked);
        assertTrue(millis < DEADLINE.toMillis() + ANSWER_MILLIS, () -> "it took " + millis + " ms");
        assertEquals(JAVA_KEYS, refusals.size(), "a key was served without a quorum");
        return refusals;
    }

    /** What was refused had no effect. */
    private static void assertKept(MemberProcess member) throws IOException {
        try (LineConnection memcached = member.memcached(ANSWER_MILLIS)) {
            for (int key = 0; key < KEYS; key++) {
                String value = Integer.toString(key);
                memcached.send("get kept:" + key + " kept:" + key + "+\r\n");
                assertEquals("VALUE kept:" + key + " 0 " + value.length(), memcached.line());
                assertEquals(value, memcached.line());
                assertEquals("END", memcached.line());
            }
        }
    }
}
