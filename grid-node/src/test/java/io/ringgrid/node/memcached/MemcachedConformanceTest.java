package io.ringgrid.node.memcached;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import io.ringgrid.node.binary.Await;
import io.ringgrid.node.conformance.ConformanceTest;
import io.ringgrid.node.conformance.Original;
import io.ringgrid.node.conformance.Peer;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.LocalEngine;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The same bytes to memcached and to our door. */
class MemcachedConformanceTest extends ConformanceTest {
    @Override
    protected OpenDoor open(EventLoopGroup eventLoops, InetSocketAddress bind, Engine behind, Limits limits) {
        MemcachedDoor door = MemcachedDoor.open(eventLoops, bind, behind, limits, null);
        return new OpenDoor(door.port(), door::close);
    }

    @Override
    protected @Nullable Original startOriginal() throws IOException {
        return Original.memcached();
    }

    @Override
    protected String transcriptFile() {
        return "memcached.txt";
    }

    @Override
    protected String emptying() {
        return "flush_all\r\n";
    }

    @Override
    protected String emptied() {
        return "OK\r\n";
    }

    @Override
    protected String storing(String key, String value) {
        return "set " + key + " 0 0 " + value.length() + "\r\n" + value + "\r\n";
    }

    @Override
    protected String stored() {
        return "STORED\r\n";
    }

    @Override
    protected String asking(String key) {
        return "get " + key + "\r\n";
    }

    @Override
    protected String asked(String key, String value) {
        return "VALUE " + key + " 0 " + value.length() + "\r\n" + value + "\r\nEND\r\n";
    }

    @Override
    protected List<String> declaringTooMuch() {
        return List.of("set a 0 0 8388608\r\nx", "set a 0 0 2147483645\r\nx", "get " + "a ".repeat(500));
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n";
    }

    @Test
    void casSeesEveryChange() throws IOException {
        for (Peer peer : peers()) {
            empty(peer);
            peer.exchange(bytes("set a 5 0 1\r\nx\r\n"));
            String first = version(peer, "a");
            assertEquals("STORED\r\n", text(peer.exchange(bytes("cas a 6 0 1 " + first + "\r\ny\r\n"))));
            assertEquals("EXISTS\r\n", text(peer.exchange(bytes("cas a 7 0 1 " + first + "\r\nz\r\n"))));
            assertEquals("VALUE a 6 1\r\ny\r\nEND\r\n", text(peer.exchange(bytes("get a\r\n"))));
            String second = version(peer, "a");
            peer.exchange(bytes("delete a\r\n"));
            assertEquals("NOT_FOUND\r\n", text(peer.exchange(bytes("cas a 7 0 1 " + second + "\r\nz\r\n"))));
            peer.exchange(bytes("set a 0 0 1\r\n1\r\n"));
            String third = version(peer, "a");
            peer.exchange(bytes("incr a 1\r\n"));
            assertEquals("EXISTS\r\n", text(peer.exchange(bytes("cas a 7 0 1 " + third + "\r\nz\r\n"))));
            assertTrue(!third.equals(first) && !third.equals(second), "a version is never used again");
        }
    }

    private static String version(Peer peer, String key) throws IOException {
        String reply = text(peer.exchange(bytes("gets " + key + "\r\n")));
        Matcher matcher = Pattern.compile("VALUE " + key + " \\d+ \\d+ (\\d+)\r\n(?s:.*)END\r\n")
                .matcher(reply);
        assertTrue(matcher.matches(), reply);
        return matcher.group(1);
    }

    @Test
    void answersThousandsOfPipelinedCommandsInOrder() throws IOException {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        StringBuilder expected = new StringBuilder();
        Random random = new Random(SEED);
        int[] counters = new int[50];
        for (int i = 0; i < counters.length; i++) {
            sent.writeBytes(bytes("set k" + i + " 0 0 1 noreply\r\n0\r\n"));
        }
        for (int i = 0; i < 20_000; i++) {
            int k = random.nextInt(counters.length);
            switch (random.nextInt(4)) {
                case 0 -> {
                    counters[k]++;
                    sent.writeBytes(bytes("incr k" + k + " 1\r\n"));
                    expected.append(counters[k]).append("\r\n");
                }
                case 1 -> {
                    counters[k]++;
                    sent.writeBytes(bytes("incr k" + k + " 1 noreply\r\n"));
                }
                case 2 -> {
                    sent.writeBytes(bytes("get none k" + k + " none\r\n"));
                    expected.append(asked("k" + k, Integer.toString(counters[k])));
                }
                default -> {
                    sent.writeBytes(bytes("nonsense\r\n"));
                    expected.append("ERROR\r\n");
                }
            }
        }
        for (Peer peer : peers()) {
            assertEquals(expected.toString(), text(peer.exchange(sent.toByteArray())), "port " + peer.port());
        }
    }

    @Test
    void aGetOfMoreKeysThanTheWindowHasSlots() throws IOException {
        StringBuilder sets = new StringBuilder();
        StringBuilder get = new StringBuilder("get");
        StringBuilder expected = new StringBuilder();
        String value = "v".repeat(1500);
        for (int i = 0; i < 5000; i++) {
            sets.append("set many%d 0 0 1500 noreply\r\n%s\r\n".formatted(i, value));
            get.append(" many").append(i);
            expected.append("VALUE many%d 0 1500\r\n%s\r\n".formatted(i, value));
        }
        expected.append("END\r\n");
        for (Peer peer : peers()) {
            assertEquals("", text(peer.exchange(bytes(sets.toString()))));
            assertEquals(expected.toString(), text(peer.exchange(bytes(get + "\r\n"))), "port " + peer.port());
        }
        String touch = get.toString().replaceFirst("get", "gat 100");
        for (Peer peer : List.of(ours(), late())) {
            assertEquals(expected.toString(), text(peer.exchange(bytes(touch + "\r\n"))), "port " + peer.port());
        }
    }

    @Test
    void getAndTouchMovesTheExpiry() throws IOException {
        for (Peer peer : peers()) {
            empty(peer);
            assertEquals("STORED\r\n", text(peer.exchange(bytes("set a 3 100 1\r\nx\r\n"))));
            assertEquals("VALUE a 3 1\r\nx\r\nEND\r\n", text(peer.exchange(bytes("gat 1 a\r\n"))));
            Await.until("it expires", () -> {
                try {
                    return text(peer.exchange(bytes("get a\r\n"))).equals("END\r\n");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    @Test
    void gatsTellsTheUniqueThatCasTakes() throws IOException {
        for (Peer peer : peers()) {
            empty(peer);
            peer.exchange(bytes("set a 0 0 1\r\nx\r\n"));
            Matcher reply = Pattern.compile("VALUE a 0 1 (\\d+)\r\nx\r\nEND\r\n")
                    .matcher(text(peer.exchange(bytes("gats 100 a\r\n"))));
            assertTrue(reply.matches());
            assertEquals("STORED\r\n", text(peer.exchange(bytes("cas a 0 0 1 " + reply.group(1) + "\r\ny\r\n"))));
        }
    }

    @Test
    void whatWouldGrowTooLargeIsNotStored() throws IOException {
        try (LocalEngine small = new LocalEngine(false, SEED, 10)) {
            Peer peer = open(small, new Limits(10, 1024, 1 << 20, 256 << 20, 1 << 20, 10));
            assertEquals(
                    "STORED\r\nSTORED\r\nNOT_STORED\r\nSERVER_ERROR object too large for cache\r\n"
                            + asked("a", "xxxxxxxxxx"),
                    text(peer.exchange(bytes(lines(
                            "set a 0 0 5",
                            "xxxxx",
                            "append a 0 0 5",
                            "xxxxx",
                            "prepend a 0 0 1",
                            "x",
                            "append a 0 0 11",
                            "xxxxxxxxxxx",
                            "get a")))));
        }
    }

    @Test
    void aFailedKeyEndsTheReplyWithAnError() throws IOException {
        assertEquals("SERVER_ERROR temporarily unavailable: no quorum\r\n", refused(Status.UNAVAILABLE, "get a\r\n"));
        assertEquals(
                "VALUE ok 0 1\r\nx\r\nSERVER_ERROR temporarily unavailable: no quorum\r\nEND\r\n",
                refused(Status.UNAVAILABLE, "get ok a ok a\r\nget none\r\n"));
        assertEquals(
                "VALUE ok 0 1\r\nx\r\nSERVER_ERROR outcome unknown: no quorum\r\nEND\r\n",
                refused(Status.OUTCOME_UNKNOWN, "gat 100 ok a ok\r\nget none\r\n"));
        assertEquals("SERVER_ERROR temporarily unavailable: no quorum\r\n", refused(Status.RETRY, "delete a\r\n"));
        assertEquals(
                "SERVER_ERROR outcome unknown: no quorum\r\n",
                refused(Status.OUTCOME_UNKNOWN, "set a 0 0 1\r\nx\r\nset a 0 0 1 noreply\r\nx\r\n"));
        assertEquals(
                "SERVER_ERROR out of memory storing object\r\n", refused(Status.OUT_OF_MEMORY, "add a 0 0 1\r\nx\r\n"));
        assertEquals("SERVER_ERROR object too large for cache\r\n", refused(Status.TOO_LARGE, "set a 0 0 1\r\nx\r\n"));
    }

    private String refused(Status status, String sent) throws IOException {
        try (LocalEngine refusing = new LocalEngine()) {
            Peer peer = open(refusing, Limits.DEFAULT);
            peer.exchange(bytes("set ok 0 0 1\r\nx\r\n"));
            refusing.refuse(operation -> operation.keyLength == 1 ? Result.refused(status, "no quorum") : null);
            return text(peer.exchange(bytes(sent)));
        }
    }

    @Test
    void aDelayedFlushComesAndALaterOneReplacesIt() throws IOException {
        for (Peer peer : peers()) {
            empty(peer);
            assertEquals(
                    "STORED\r\nOK\r\n" + asked("a", "x"),
                    text(peer.exchange(bytes("set a 0 0 1\r\nx\r\nflush_all 2\r\nget a\r\n"))));
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (!text(peer.exchange(bytes("get a\r\n"))).equals("END\r\n")) {
                assertTrue(System.nanoTime() < deadline, "the flush never came");
            }
        }
    }

    @Test
    void theBinaryProtocolIsRefusedAtOnce() throws IOException {
        assertEquals("", text(ours().exchangeUntilClosed(bytes("\u0080\0\0\0"))));
    }

    @Test
    void linesWithoutEndAreCut() throws IOException {
        assertEquals("", text(ours().exchangeUntilClosed(bytes("x".repeat(17 << 10)))));
        assertEquals("", text(ours().exchangeUntilClosed(bytes("get " + "x".repeat(9 << 20)))));
    }

    @Test
    void statsAreTrue() throws IOException {
        try (LocalEngine counted = new LocalEngine()) {
            Peer peer = open(counted, Limits.DEFAULT);
            try (Socket waiting = peer.connect()) {
                waiting.getOutputStream().write(bytes("version\r\n"));
                assertTrue(waiting.getInputStream().read(new byte[100]) > 0);
                List<String> sent = List.of(
                        "set a 0 0 5",
                        "hello",
                        "get a b a",
                        "incr a 1",
                        "incr b 1",
                        "set n 0 0 1",
                        "1",
                        "incr n 1",
                        "delete n",
                        "delete n",
                        "cas a 0 0 1 0",
                        "x",
                        "stats");
                String stats = text(peer.exchange(bytes(String.join("\r\n", sent) + "\r\n")));
                for (String line : List.of(
                        "pid " + ProcessHandle.current().pid(),
                        "version 1.6.18",
                        "curr_connections 2",
                        "total_connections 2",
                        "cmd_get 3",
                        "cmd_set 3",
                        "get_hits 2",
                        "get_misses 1",
                        "incr_hits 1",
                        "incr_misses 1",
                        "delete_hits 1",
                        "delete_misses 1",
                        "cas_badval 1",
                        "curr_items 1",
                        "bytes 312",
                        "limit_maxbytes 268435456")) {
                    assertTrue(stats.contains("STAT " + line + "\r\n"), line + " is not in " + stats);
                }
                assertTrue(stats.endsWith("\r\nEND\r\n"), stats);
            }
        }
    }

    @Test
    void furtherReportsAndTheirReset() throws IOException {
        try (LocalEngine counted = new LocalEngine()) {
            Peer peer = open(counted, Limits.DEFAULT);
            assertEquals("END\r\n", text(peer.exchange(bytes("stats items\r\n"))));
            String sent = lines("set a 0 0 5", "hello", "gat 0 a b", "append a 0 0 1", "!", "add a 0 0 1", "x");
            peer.exchange(bytes(sent));
            String asked = lines("stats", "stats items", "stats slabs", "stats settings", "stats conns");
            String reports = text(peer.exchange(bytes(asked)));
            int bytesRead = sent.length() + asked.length() + "stats items\r\n".length();
            for (String line : List.of(
                    "cmd_get 0",
                    "cmd_touch 2",
                    "touch_hits 1",
                    "touch_misses 1",
                    "cmd_set 3",
                    "total_items 2",
                    "bytes_read " + bytesRead,
                    "items:1:number 1",
                    "items:1:mem_requested 248",
                    "1:used_chunks 1",
                    "1:touch_hits 1",
                    "active_slabs 1",
                    "tcpport " + peer.port(),
                    "inter 127.0.0.1",
                    "auth_enabled_ascii no",
                    "item_size_max 8388608",
                    "0:addr tcp:127.0.0.1:" + peer.port(),
                    "0:state conn_listening",
                    "1:listen_addr tcp:127.0.0.1:" + peer.port(),
                    "1:state conn_parse_cmd",
                    "1:secs_since_last_cmd 0")) {
                assertTrue(reports.contains("STAT " + line + "\r\n"), line + " is not in " + reports);
            }
            assertEquals("RESET\r\n", text(peer.exchange(bytes("stats reset\r\n"))));
            String after = text(peer.exchange(bytes("stats\r\n")));
            for (String line : List.of("cmd_set 0", "touch_hits 0", "total_connections 1", "curr_items 1")) {
                assertTrue(after.contains("STAT " + line + "\r\n"), line + " is not in " + after);
            }
        }
    }

    @Test
    void flushConcernsWhatWasSentBeforeAndNothingSentAfter() throws IOException {
        for (int round = 0; round < 200; round++) {
            assertEquals(
                    "STORED\r\nOK\r\nEND\r\nSTORED\r\n" + asked("f", "y"),
                    text(late().exchange(
                                    bytes("set f 0 0 1\r\nx\r\nflush_all\r\nget f\r\nset f 0 0 1\r\ny\r\nget f\r\n"))));
        }
    }
}
