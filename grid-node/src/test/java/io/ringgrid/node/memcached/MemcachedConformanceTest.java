package io.ringgrid.node.memcached;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.ringgrid.node.conformance.Original;
import io.ringgrid.node.conformance.Peer;
import io.ringgrid.node.conformance.Transcript;
import io.ringgrid.node.engine.LocalEngine;
import io.ringgrid.node.transport.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same bytes to memcached and to our door. */
class MemcachedConformanceTest {
    private static final long SEED = 20260101;

    private static EventLoopGroup loops;
    private static LocalEngine engine;
    private static LocalEngine lateEngine;
    private static MemcachedDoor door;
    private static MemcachedDoor lateDoor;
    private static @Nullable Original original;

    @BeforeAll
    static void open() throws IOException {
        loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        engine = new LocalEngine();
        lateEngine = new LocalEngine(true, SEED, Limits.DEFAULT.maxValueBytes());
        door = MemcachedDoor.open(loops, loopback(), engine, Limits.DEFAULT);
        lateDoor = MemcachedDoor.open(loops, loopback(), lateEngine, Limits.DEFAULT);
        original = Original.memcached();
    }

    @AfterAll
    static void close() {
        if (original != null) {
            original.close();
        }
        door.close();
        lateDoor.close();
        loops.shutdownGracefully().syncUninterruptibly();
        engine.close();
        lateEngine.close();
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static Peer ours() {
        return new Peer(door.port());
    }

    private static Peer late() {
        return new Peer(lateDoor.port());
    }

    static List<Transcript> transcripts() {
        return Transcript.read("memcached.txt");
    }

    private static void emptied(Peer peer) throws IOException {
        assertEquals("OK\r\n", text(peer.exchange(bytes("flush_all\r\n"))));
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void saysWhatMemcachedSays(Transcript transcript) throws IOException {
        if (original != null) {
            emptied(original.peer());
            assertHeard(transcript, transcript.original(), original.peer().exchange(transcript.sent()), "memcached");
        }
        emptied(ours());
        assertHeard(transcript, transcript.ours(), ours().exchange(transcript.sent()), "our door");
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void saysTheSameForEverySplit(Transcript transcript) throws IOException {
        Random random = new Random(SEED + transcript.line());
        int longest = transcript.sent().length > 100_000 ? 100_000 : 20;
        for (int round = 0; round < 3; round++) {
            emptied(late());
            byte[] heard = late().exchange(transcript.sent(), random, longest);
            assertHeard(transcript, transcript.ours(), heard, "random pieces, answers late");
        }
        if (transcript.sent().length < 20_000) {
            emptied(late());
            assertHeard(transcript, transcript.ours(), late().exchange(transcript.sent(), null, 1), "byte by byte");
        }
    }

    private static void assertHeard(Transcript transcript, byte[] expected, byte[] heard, String who) {
        assertEquals(Transcript.shown(expected), Transcript.shown(heard), who + ", " + transcript);
    }

    @Test
    void casSeesEveryChange() throws IOException {
        casSeesEveryChange(ours());
        casSeesEveryChange(late());
        if (original != null) {
            casSeesEveryChange(original.peer());
        }
    }

    private static void casSeesEveryChange(Peer peer) throws IOException {
        emptied(peer);
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

    private static String version(Peer peer, String key) throws IOException {
        String reply = text(peer.exchange(bytes("gets " + key + "\r\n")));
        Matcher matcher = Pattern.compile("VALUE " + key + " \\d+ \\d+ (\\d+)\r\n(?s:.*)END\r\n")
                .matcher(reply);
        if (!matcher.matches()) {
            fail("no version in " + reply);
        }
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
                    String value = Integer.toString(counters[k]);
                    expected.append("VALUE k%d 0 %d\r\n%s\r\nEND\r\n".formatted(k, value.length(), value));
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
    }

    private static List<Peer> peers() {
        List<Peer> peers = new ArrayList<>(List.of(ours(), late()));
        if (original != null) {
            peers.add(original.peer());
        }
        return peers;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }
}
