package io.ringgrid.node.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.LocalEngine;
import io.ringgrid.node.transport.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every door for people's clients has to stand, beside its original where that is installed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ConformanceTest {
    protected static final long SEED = 20260101;

    private final OpenDoors doors = new OpenDoors();
    protected final LocalEngine engine = new LocalEngine();
    protected final LocalEngine lateEngine = new LocalEngine(true, SEED, Limits.DEFAULT.maxValueBytes());
    private @Nullable Peer ours;
    private @Nullable Peer late;
    private @Nullable Original original;

    /** An open door. */
    public record OpenDoor(int port, Runnable close) {}

    protected abstract OpenDoor open(EventLoopGroup eventLoops, InetSocketAddress bind, Engine behind, Limits limits);

    protected abstract @Nullable Original startOriginal() throws IOException;

    protected abstract String transcriptFile();

    /** A request that empties the cache, and its reply. */
    protected abstract String emptying();

    protected abstract String emptied();

    /** Stores {@code value} as {@code key} and hears that it is stored. */
    protected abstract String storing(String key, String value);

    protected abstract String stored();

    /** Asks for {@code key}. */
    protected abstract String asking(String key);

    protected abstract String asked(String key, String value);

    /** Requests that declare more than they send, each for a connection of its own. */
    protected abstract List<String> declaringTooMuch();

    @BeforeAll
    void start() throws IOException {
        ours = open(engine, Limits.DEFAULT);
        late = open(lateEngine, Limits.DEFAULT);
        original = startOriginal();
    }

    @AfterAll
    void stop() throws Exception {
        if (original != null) {
            original.close();
        }
        doors.close();
        engine.close();
        lateEngine.close();
    }

    protected final Peer open(Engine behind, Limits limits) {
        return doors.open((loops, bind) -> open(loops, bind, behind, limits));
    }

    /** Our door, before an engine that answers at once. */
    protected final Peer ours() {
        return Objects.requireNonNull(ours);
    }

    /** Our door, before an engine that answers late and in any order. */
    protected final Peer late() {
        return Objects.requireNonNull(late);
    }

    /** Both of our doors, and the original if it is there. */
    protected final List<Peer> peers() {
        List<Peer> peers = new ArrayList<>(List.of(ours(), late()));
        if (original != null) {
            peers.add(original.peer());
        }
        return peers;
    }

    protected static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    protected static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    protected final void empty(Peer peer) throws IOException {
        assertEquals(emptied(), text(peer.exchange(bytes(emptying()))));
    }

    List<Transcript> transcripts() {
        return Transcript.read(transcriptFile());
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void saysWhatTheOriginalSays(Transcript transcript) throws IOException {
        if (original != null) {
            empty(original.peer());
            transcript.assertHeard(transcript.original(), original.peer().exchange(transcript.sent()), "the original");
        }
        empty(ours());
        transcript.assertHeard(transcript.ours(), ours().exchange(transcript.sent()), "our door");
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void saysTheSameForEverySplit(Transcript transcript) throws IOException {
        Random random = new Random(SEED + transcript.line());
        int longest = transcript.sent().length > 100_000 ? 100_000 : 20;
        for (int round = 0; round < 3; round++) {
            empty(late());
            byte[] heard = late().exchange(transcript.sent(), random, longest);
            transcript.assertHeard(transcript.ours(), heard, "random pieces, answers late");
        }
        if (transcript.sent().length < 20_000) {
            empty(late());
            transcript.assertHeard(transcript.ours(), late().exchange(transcript.sent(), null, 1), "byte by byte");
        }
    }

    @Test
    void randomBytesHurtNobodyElse() throws IOException {
        Random random = new Random(SEED);
        for (int round = 0; round < 200; round++) {
            byte[] noise = new byte[1 + random.nextInt(5000)];
            random.nextBytes(noise);
            if (random.nextBoolean()) {
                // Noise that looks more like a request.
                String alphabet = "*$\r\n 0123 getsetGETSET\"'\\x-";
                for (int i = 0; i < noise.length; i++) {
                    noise[i] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
                }
            }
            ours().exchange(noise);
        }
        assertServes(ours());
    }

    @Test
    void halfRequestsThenAnEnd() throws IOException {
        Random random = new Random(SEED);
        List<Transcript> transcripts = transcripts();
        for (int round = 0; round < 300; round++) {
            byte[] sent = transcripts.get(random.nextInt(transcripts.size())).sent();
            byte[] half = Arrays.copyOf(sent, random.nextInt(Math.min(sent.length, 100_000)));
            if (random.nextBoolean()) {
                late().exchange(half);
            } else {
                try (Socket socket = late().connect()) {
                    socket.setSoLinger(true, 0);
                    socket.getOutputStream().write(half);
                }
            }
        }
        assertServes(late());
    }

    private void assertServes(Peer peer) throws IOException {
        assertEquals(
                stored() + asked("served", "yes"),
                text(peer.exchange(bytes(storing("served", "yes") + asking("served")))));
    }

    @Test
    void memoryGrowsWithWhatWasReceivedNotWithWhatWasDeclared() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        long before = usedMemory();
        try {
            for (int round = 0; round < 100; round++) {
                for (String request : declaringTooMuch()) {
                    Socket socket = ours().connect();
                    sockets.add(socket);
                    socket.getOutputStream().write(bytes(request));
                }
            }
            assertServes(ours());
            long grown = usedMemory() - before;
            assertTrue(grown < 64 << 20, grown + " bytes for " + sockets.size() + " connections");
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static long usedMemory() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void whoDoesNotReadIsNotAskedFor() throws IOException {
        int requests = 300;
        String value = "v".repeat(1 << 20);
        AtomicInteger asked = new AtomicInteger();
        try (LocalEngine counting = new LocalEngine()) {
            Peer peer = open(counting, Limits.DEFAULT);
            assertEquals(stored(), text(peer.exchange(bytes(storing("big", value)))));
            counting.refuse(operation -> {
                asked.incrementAndGet();
                return null;
            });
            try (Socket socket = peer.connect();
                    Socket other = peer.connect()) {
                socket.setReceiveBufferSize(64 << 10);
                socket.getOutputStream().write(bytes(asking("big").repeat(requests)));
                for (int i = 0; i < 200; i++) {
                    other.getOutputStream().write(bytes(asking("none")));
                    assertTrue(other.getInputStream().read(new byte[100]) > 0);
                }
                int served = asked.get() - 200;
                assertTrue(served > 0 && served < 50, served + " of " + requests + " answers for who reads none");
                String reply = asked("big", value);
                assertEquals((long) reply.length() * requests, readBytes(socket, (long) reply.length() * requests));
                assertEquals(200 + requests, asked.get());
            }
        }
    }

    private static long readBytes(Socket socket, long wanted) throws IOException {
        byte[] buffer = new byte[64 << 10];
        InputStream in = socket.getInputStream();
        long read = 0;
        while (read < wanted) {
            int length = in.read(buffer, 0, (int) Math.min(buffer.length, wanted - read));
            if (length < 0) {
                return read;
            }
            read += length;
        }
        return read;
    }

    @Test
    void tooManyConnectionsAreToldSo() throws IOException {
        Peer peer = open(engine, new Limits(2, 1024, 1 << 20, 256 << 20, 1 << 20, 1 << 20));
        try (Socket first = peer.connect();
                Socket second = peer.connect()) {
            for (Socket socket : List.of(first, second)) {
                socket.getOutputStream().write(bytes(storing("a", "b")));
                assertTrue(socket.getInputStream().read(new byte[100]) > 0);
            }
            String refusal = text(peer.exchangeUntilClosed(new byte[0]));
            assertTrue(
                    refusal.matches("(ERROR Too many open connections|-ERR max number of clients reached)\r\n"),
                    refusal);
        }
    }
}
