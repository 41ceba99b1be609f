package io.ringgrid.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.GridMap;
import io.ringgrid.GridRequestException;
import io.ringgrid.node.GridNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The doors' transcripts, word by word, before two real members that share the keys; and one entry through all doors. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealMembersConformanceTest {
    private List<GridNode> members = List.of();
    private @Nullable RealMembers cluster;

    @BeforeAll
    void start() throws IOException {
        RealMembers started = RealMembers.start(2);
        cluster = started;
        members = started.members();
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    static Stream<Transcript> memcached() {
        return Transcript.read("memcached.txt").stream();
    }

    static Stream<Transcript> redis() {
        return Transcript.read("redis.txt").stream();
    }

    @ParameterizedTest
    @MethodSource("memcached")
    void memcachedDoor(Transcript transcript) throws IOException {
        for (GridNode member : members) {
            play(transcript, new Peer(assertNotNullPort(member.memcachedPort())), "flush_all\r\n", "OK\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource("redis")
    void respDoor(Transcript transcript) throws IOException {
        for (GridNode member : members) {
            play(transcript, new Peer(assertNotNullPort(member.respPort())), "flushall\r\n", "+OK\r\n");
        }
    }

    private static int assertNotNullPort(@Nullable Integer port) {
        assertNotNull(port);
        return port;
    }

    private static void play(Transcript transcript, Peer peer, String emptying, String emptied) throws IOException {
        byte[] request = emptying.getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(emptied, new String(peer.exchange(request), StandardCharsets.ISO_8859_1));
        transcript.assertHeard(transcript.ours(), peer.exchange(transcript.sent()), "our door");
    }

    @Test
    void oneCounterThroughEveryDoor() throws IOException {
        GridMap<String, Long> counters = members.get(0).map("default", String.class, Long.class);
        counters.remove("one");
        assertEquals(1, counters.increment("one", 1));
        Peer redis = new Peer(assertNotNullPort(members.get(1).respPort()));
        assertEquals(":3\r\n", text(redis.exchange("incrby one 2\r\n".getBytes(StandardCharsets.ISO_8859_1))));
        Peer memcached = new Peer(assertNotNullPort(members.get(0).memcachedPort()));
        assertEquals("7\r\n", text(memcached.exchange("incr one 4\r\n".getBytes(StandardCharsets.ISO_8859_1))));
        assertEquals(7L, counters.get("one"));
    }

    @Test
    void theVersionIsTheCasUnique() throws IOException {
        GridMap<String, String> map = members.get(0).map("default", String.class, String.class);
        long version = map.put("casual", "a");
        Peer memcached = new Peer(assertNotNullPort(members.get(1).memcachedPort()));
        assertEquals(
                "VALUE casual 0 1 " + version + "\r\na\r\nEND\r\n",
                text(memcached.exchange("gets casual\r\n".getBytes(StandardCharsets.ISO_8859_1))));
        assertTrue(map.replaceIfVersion("casual", "b", version));
        Assertions.assertFalse(map.replaceIfVersion("casual", "c", version));
    }

    @Test
    void aMapIsTheSameOnBothMembersAndApartFromOthers() {
        GridMap<String, String> here = members.get(0).map("users", String.class, String.class);
        GridMap<String, String> there = members.get(1).map("users", String.class, String.class);
        here.put("ada", "Lovelace");
        assertEquals("Lovelace", there.get("ada"));
        Assertions.assertNull(
                members.get(1).map("others", String.class, String.class).get("ada"));
        Assertions.assertThrows(GridRequestException.class, () -> here.put("x".repeat(70_000), "too long a key"));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
