package io.ringgrid.node.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.binary.Await;
import io.ringgrid.node.conformance.Original;
import io.ringgrid.node.conformance.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** memcached's clients of other languages, with three members; {@code src/test/python/memcached_clients.py} asks. */
@Tag("process")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class MemcachedClientsProcessTest {
    private static final int KEYS = 300;
    private static final int FLUSH_SECONDS = 30;
    private static final int DISTURBED_AT_MOST = 5;

    private List<MemberProcess> members = List.of();
    /** Until the promised flush: long against what has to happen before, on this machine. */
    private long flushSeconds;

    @BeforeAll
    void start(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path directory) throws IOException {
        members = MemberProcess.cluster(3, directory);
        long start = System.nanoTime();
        for (MemberProcess member : members) {
            member.start();
        }
        MemberProcess.awaitWhole(members);
        flushSeconds = Math.max(FLUSH_SECONDS, 4 * TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
    }

    @AfterAll
    void stop() {
        members.forEach(MemberProcess::close);
    }

    @ParameterizedTest
    @Order(1)
    @ValueSource(strings = {"pymemcache", "pylibmc", "python-memcache", "django"})
    void isSatisfied(String client) throws Exception {
        run(client);
    }

    @Test
    @Order(1)
    void anApplicationMovesFromAnOldMemcached() throws Exception {
        try (Original old = Original.memcached()) {
            if (old != null) {
                run("fallback", "127.0.0.1:" + old.peer().port());
            }
        }
    }

    /**
     * Nothing fails meanwhile, so no error is allowed. But on a machine that is too busy a member may be silent for so long
     * that it loses its partitions, and then errors are allowed: a check during which the topology has changed is begun anew.
     */
    private void run(String check, String... more) throws IOException, InterruptedException {
        for (int disturbed = 0; ; disturbed++) {
            MemberProcess.awaitWhole(members);
            long before = topology();
            PythonProcess run = begin(check, more);
            if (run.succeeds()) {
                return;
            }
            long after = topology();
            if (after == before || disturbed == DISTURBED_AT_MOST) {
                run.succeed();
            }
            System.out.println(check + " was disturbed: the topology was " + before + " and is " + after);
        }
    }

    private long topology() {
        return members.get(0).cluster().getLong("topologyVersion");
    }

    private PythonProcess begin(String check, String... more) throws IOException {
        String addresses = members.stream()
                .map(member -> MemberProcess.HOST + ":" + member.memcachedPort)
                .collect(Collectors.joining(","));
        return new PythonProcess(
                "memcached_clients.py",
                Stream.concat(Stream.of(check, addresses), Stream.of(more)).toArray(String[]::new));
    }

    /** The promise was given to all copies, also to those that are filled later, and not to the member that was asked. */
    @Test
    @Order(2)
    void aDelayedFlushComesThoughWhoWasAskedIsGone() throws Exception {
        MemberProcess asked = members.get(0);
        Peer other = new Peer(members.get(2).memcachedPort);
        StringBuilder sets = new StringBuilder();
        for (int key = 0; key < KEYS; key++) {
            sets.append("set flushed-%d 0 0 1 noreply\r\nx\r\n".formatted(key));
        }
        exchange(other, sets.toString());
        long promised = System.nanoTime();
        assertEquals("OK\r\n", exchange(new Peer(asked.memcachedPort), "flush_all " + flushSeconds + "\r\n"));
        asked.kill();
        asked.start();
        MemberProcess.awaitWhole(members);
        MemberProcess second = members.get(1);
        second.kill();
        Await.until(() -> "all keys are readable, not " + present(other), () -> present(other) == KEYS);
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - promised);
        assertTrue(seconds < flushSeconds, "too slow a machine: " + seconds + " s before the flush was due");
        Await.until(
                () -> "the flush has come; there are " + present(other),
                (int) flushSeconds + 10,
                () -> present(other) == 0);
        assertTrue(System.nanoTime() - promised >= TimeUnit.SECONDS.toNanos(flushSeconds), "it came too soon");
        second.start();
        MemberProcess.awaitWhole(members);
    }

    /** How many of the keys are there; -1 if that is not known. */
    private static int present(Peer peer) {
        StringBuilder get = new StringBuilder("get");
        for (int key = 0; key < KEYS; key++) {
            get.append(" flushed-").append(key);
        }
        try {
            String reply = exchange(peer, get + "\r\n");
            return reply.endsWith("END\r\n") ? reply.split("VALUE ", -1).length - 1 : -1;
        } catch (IOException e) {
            return -1;
        }
    }

    private static String exchange(Peer peer, String sent) throws IOException {
        return new String(peer.exchange(sent.getBytes(US_ASCII)), US_ASCII);
    }
}
