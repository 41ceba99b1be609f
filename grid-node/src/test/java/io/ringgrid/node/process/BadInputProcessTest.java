package io.ringgrid.node.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.binary.RawClient;
import io.ringgrid.node.conformance.Original;
import io.ringgrid.node.conformance.Peer;
import io.ringgrid.node.conformance.Transcript;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Counting;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.ByteWriter;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.OperationCodec;
import io.ringgrid.wire.Refused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Bad input at every door of a member, while others are served there. Whoever sends it hears the right error or is
 * closed, and is never kept waiting; afterwards the member holds on to nothing, and its log knows of nothing unexpected.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class BadInputProcessTest extends ServedMemberTest {
    private static final long SEED = Long.getLong("ringgrid.seed", 20260101);
    private static final int NOISY_CONNECTIONS = 200;
    private static final int MAX_NOISE_BYTES = 100_000;
    private static final int NOISE_MAP = 1;
    private static final int HALF_CONNECTIONS = 50;

    private static final int MAX_KEY_BYTES = 64 << 10;
    private static final int MAX_VALUE_BYTES = 8 << 20;
    private static final Hello CLIENT = Hello.client("");

    @Test
    void whatIsWrongIsSaid() throws IOException {
        play("memcached-bad-input.txt", new Peer(member.memcachedPort), Original.memcached());
        play("redis-bad-input.txt", new Peer(member.respPort), Original.redis());
        Peer http = new Peer(member.httpPort);
        for (Transcript transcript : Transcript.read("http-bad-input.txt")) {
            transcript.assertHeard(transcript.ours(), http.exchangeUntilClosed(transcript.sent()), "our door");
        }
        closesByItself();
        theNativeDoorClosesBeforeTheHandshake();
        theNativeDoorClosesAfterTheHandshake();
        theNativeDoorRefuses();
        assertUnhurt();
    }

    private static void play(String file, Peer door, @Nullable Original original) throws IOException {
        try (original) {
            for (Transcript transcript : Transcript.read(file)) {
                if (original != null) {
                    byte[] heard = original.peer().exchange(transcript.sent());
                    transcript.assertHeard(transcript.original(), heard, "the original");
                }
                transcript.assertHeard(transcript.ours(), door.exchange(transcript.sent()), "our door");
            }
        }
    }

    /** What can only be closed is closed at once, although the client does not say that it has ended. */
    private void closesByItself() throws IOException {
        Peer memcached = new Peer(member.memcachedPort);
        assertEquals("", untilClosed(memcached, "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"));
        assertEquals("", untilClosed(memcached, "set " + "k".repeat(MAX_KEY_BYTES + 1)));
        assertEquals("", untilClosed(memcached, "\u0080\0\0\0"));
        Peer redis = new Peer(member.respPort);
        assertEquals("-ERR Protocol error: invalid bulk length\r\n", untilClosed(redis, "*2\r\n$3\r\nGET\r\n$-5\r\n"));
        assertEquals("-ERR Protocol error: invalid multibulk length\r\n", untilClosed(redis, "*2147483648\r\n"));
        assertEquals(
                "-ERR Protocol error: too big inline request\r\n", untilClosed(redis, "x".repeat(MAX_KEY_BYTES + 1)));
        assertEquals("", untilClosed(redis, "POST / HTTP/1.1\r\nHost: a\r\n\r\n"));
    }

    private static String untilClosed(Peer peer, String sent) throws IOException {
        return new String(peer.exchangeUntilClosed(sent.getBytes(ISO_8859_1)), ISO_8859_1);
    }

    private void theNativeDoorClosesBeforeTheHandshake() throws IOException {
        Peer door = new Peer(member.nativePort);
        for (int length : new int[] {-1, Integer.MIN_VALUE, 0, 8, Frame.HANDSHAKE_LIMIT, Integer.MAX_VALUE}) {
            byte[] frame = new ByteWriter(4).i32(length).toByteArray();
            assertEquals("", untilClosed(door, new String(frame, ISO_8859_1)), "a frame of " + length);
        }
        for (String foreign : List.of(
                "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n",
                "get k\r\n",
                "set k 0 0 1\r\nx\r\n",
                "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
                "PING\r\n")) {
            assertEquals("", untilClosed(door, foreign), foreign);
        }
        for (int type : new int[] {Frame.REQUEST, Frame.PEER, Frame.PING, 99}) {
            try (RawClient client = new RawClient(member.nativePort)) {
                client.send(type, 1, out -> {});
                assertNull(client.receive(), () -> "a frame of type " + type + " before the handshake");
            }
        }
    }

    private void theNativeDoorClosesAfterTheHandshake() throws IOException {
        for (int length : new int[] {-1, Integer.MIN_VALUE, 0, 8, Integer.MAX_VALUE}) {
            try (RawClient client = client()) {
                client.send(new ByteWriter(4).i32(length).toByteArray());
                assertNull(answer(client), () -> "a frame of " + length + " after the handshake");
            }
        }
        for (int type : new int[] {Frame.HELLO, Frame.REQUEST, Frame.OPEN_MAP, Frame.PEER, Frame.ANSWER, 99}) {
            try (RawClient client = client()) {
                client.send(type, 1, out -> out.u8(1));
                assertNull(answer(client), () -> "a frame of type " + type);
            }
        }
        try (RawClient client = client()) {
            byte[] request = encoded(operation(Kind.GET, "k", 0));
            // The length of the key stands behind 48 bytes.
            request[48] = (byte) 0xff;
            client.send(Frame.REQUEST, 1, out -> out.bool(true).raw(request, 0, request.length));
            assertNull(answer(client), "a key of negative length");
        }
    }

    /** What comes next, but for what members tell each client when their topology changes. */
    private static RawClient.@Nullable Received answer(RawClient client) throws IOException {
        RawClient.Received received = client.receive();
        while (received != null && received.type() == Frame.TOPOLOGY) {
            received = client.receive();
        }
        return received;
    }

    private static byte[] encoded(Operation operation) {
        ByteWriter out = new ByteWriter(128);
        OperationCodec.encode(operation, out);
        return out.toByteArray();
    }

    private void theNativeDoorRefuses() throws IOException {
        try (RawClient stranger = new RawClient(member.nativePort)) {
            stranger.send(Frame.HELLO, 0, Hello.client("another")::encode);
            Refused refused =
                    Refused.decode(new ByteReader(stranger.expect(Frame.REFUSED).body()));
            assertTrue(refused.reason().endsWith("not to 'another'"), refused.reason());
            assertNull(stranger.receive());
        }
        String largeKey = "k".repeat(MAX_KEY_BYTES + 1);
        assertEquals(
                Result.refused(Status.TOO_LARGE, "a key has 1 to 65536 bytes, not 65537"),
                answer(operation(Kind.PUT, largeKey, 1)));
        assertEquals(
                Result.refused(Status.TOO_LARGE, "a key has 1 to 65536 bytes, not 0"),
                answer(operation(Kind.REMOVE, "", 0)));
        assertEquals(
                Result.refused(Status.TOO_LARGE, "a value has at most 8388608 bytes, not 8388609"),
                answer(operation(Kind.PUT, "k", MAX_VALUE_BYTES + 1)));
        assertEquals(
                Status.DONE,
                answer(operation(Kind.PUT, "k".repeat(MAX_KEY_BYTES), 1)).status());
    }

    /** What the first member that is not asked in vain, because it is another one's key, answers. */
    private Result answer(Operation operation) throws IOException {
        for (MemberProcess each : members) {
            try (RawClient client = RawClient.welcomed(each.nativePort, CLIENT)) {
                client.expect(Frame.TOPOLOGY);
                client.request(1, true, operation);
                Result result = client.expect(Frame.ANSWER).result();
                if (result.status() != Status.RETRY) {
                    return result;
                }
            }
        }
        throw new AssertionError("no member is the primary of this key");
    }

    private RawClient client() throws IOException {
        RawClient client = RawClient.welcomed(member.nativePort, CLIENT);
        client.expect(Frame.TOPOLOGY);
        return client;
    }

    private static Operation operation(Kind kind, String key, int valueLength) {
        byte[] bytes = key.getBytes(UTF_8);
        return new Operation().reset(kind).key(bytes, 0, bytes.length).value(new byte[valueLength], 0, valueLength);
    }

    /** A complete request, in the words of one door, and how its answer begins. */
    private record Whole(int port, byte[] request, String answer) {}

    private List<Whole> wholes(String key) {
        String http = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";
        String redis = "*3\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n$5\r\nhello\r\n";
        return List.of(
                new Whole(member.memcachedPort, ("set " + key + " 0 0 5\r\nhello\r\n").getBytes(UTF_8), "STORED\r\n"),
                new Whole(member.respPort, redis.getBytes(UTF_8), "+OK\r\n"),
                new Whole(member.httpPort, http.getBytes(UTF_8), "HTTP/1.1 200 OK\r\n"));
    }

    @Test
    void halfCommandsHaveNoEffect() throws IOException {
        List<Half> halves = new ArrayList<>();
        for (int i = 0; i < HALF_CONNECTIONS; i++) {
            for (Whole whole : wholes("open:" + i)) {
                halves.add(new Half(whole, 1 + i % (whole.request.length - 1)));
            }
        }
        try (Socket silent = new Peer(member.nativePort).connect()) {
            silent.getOutputStream().write(0);
            others.awaitRounds(20);
            for (Whole whole : wholes("half")) {
                for (int length = 1; length < whole.request.length; length++) {
                    giveUp(whole, length);
                }
            }
            giveUpHalfRequests();
            Peer redis = new Peer(member.respPort);
            assertEquals(":0\r\n", text(redis.exchange("EXISTS half\r\n".getBytes(UTF_8))));
            for (Half half : halves) {
                half.complete();
            }
            assertEquals(-1, silent.getInputStream().read(), "half a handshake");
        }
        assertUnhurt();
    }

    private static void giveUp(Whole whole, int length) throws IOException {
        byte[] half = Arrays.copyOf(whole.request, length);
        String sent = text(half);
        boolean refuses = sent.startsWith("GET /") && sent.contains("\r\n");
        String heard = text(new Peer(whole.port).exchange(half));
        assertTrue(refuses ? heard.startsWith("HTTP/1.1 400 ") : heard.isEmpty(), () -> sent + " was told " + heard);
        try (Socket reset = new Peer(whole.port).connect()) {
            reset.setSoLinger(true, 0);
            reset.getOutputStream().write(half);
        }
    }

    private void giveUpHalfRequests() throws IOException {
        byte[] request = encoded(operation(Kind.PUT, "half", 5));
        ByteWriter frame = new ByteWriter(128);
        int start = Frame.begin(frame, Frame.REQUEST, 1);
        frame.bool(true).raw(request, 0, request.length);
        Frame.end(frame, start);
        byte[] whole = frame.toByteArray();
        for (int length = 1; length < whole.length; length++) {
            for (MemberProcess each : members) {
                try (RawClient client = RawClient.welcomed(each.nativePort, CLIENT)) {
                    client.send(Arrays.copyOf(whole, length));
                }
            }
        }
    }

    /** Half a request on a connection that stays open. */
    private static final class Half {
        private final Whole whole;
        private final int sent;
        private final Socket socket;

        Half(Whole whole, int sent) throws IOException {
            this.whole = whole;
            this.sent = sent;
            socket = new Peer(whole.port).connect();
            socket.getOutputStream().write(whole.request, 0, sent);
        }

        void complete() throws IOException {
            try (socket) {
                socket.getOutputStream().write(whole.request, sent, whole.request.length - sent);
                byte[] answer = socket.getInputStream().readNBytes(whole.answer.length());
                assertEquals(whole.answer, text(answer));
            }
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    @Test
    void noiseHurtsNobody() throws IOException {
        System.out.println("noise of seed " + SEED);
        Random random = new Random(SEED);
        List<String> memcached = List.of(
                "set noise:1 0 0 5\r\nhello\r\n", "get noise:1 noise:2\r\n", "incr noise:2 7\r\n", "version\r\n");
        List<String> redis = List.of(
                "*3\r\n$3\r\nSET\r\n$7\r\nnoise:1\r\n$5\r\nhello\r\n",
                "*2\r\n$4\r\nMGET\r\n$7\r\nnoise:1\r\n",
                "INCRBY noise:2 7\r\n",
                "*4\r\n$6\r\nEXPIRE\r\n$7\r\nnoise:1\r\n$2\r\n10\r\n$2\r\nNX\r\n");
        List<String> http = List.of(
                "GET /cluster HTTP/1.1\r\nHost: a\r\n\r\n",
                "POST /cluster HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "HEAD /health/ready HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        try (RawClient client = client()) {
            client.send(Frame.OPEN_MAP, 1, out -> out.string("noise"));
            client.expect(Frame.TOPOLOGY);
            Result map = client.expect(Frame.MAP).result();
            assertEquals(Result.number(Status.DONE, NOISE_MAP), map, "a map that may be cleared by accident");
        }
        for (int i = 0; i < NOISY_CONNECTIONS; i++) {
            new Peer(member.memcachedPort).exchange(noise(random, memcached));
            new Peer(member.respPort).exchange(noise(random, redis));
            new Peer(member.httpPort).exchange(noise(random, http));
            new Peer(member.nativePort).exchange(nativeNoise(random));
        }
        operationsAtRandom(random);
        assertUnhurt();
    }

    /** Bytes at random, or requests with some of their bytes replaced at random. */
    private static byte[] noise(Random random, List<String> requests) {
        byte[] noise = new byte[1 + random.nextInt(MAX_NOISE_BYTES)];
        if (random.nextBoolean()) {
            random.nextBytes(noise);
            return noise;
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (text.size() < noise.length) {
            text.writeBytes(requests.get(random.nextInt(requests.size())).getBytes(UTF_8));
        }
        byte[] valid = Arrays.copyOf(text.toByteArray(), noise.length);
        for (int errors = 1 + noise.length / 500; errors > 0; errors--) {
            valid[random.nextInt(valid.length)] = (byte) random.nextInt(256);
        }
        return valid;
    }

    /** Bytes at random, without or behind a handshake; or requests of which some bytes are replaced at random. */
    private static byte[] nativeNoise(Random random) {
        byte[] noise = noise(random, List.of("\0"));
        ByteWriter out = new ByteWriter(MAX_NOISE_BYTES);
        if (random.nextBoolean()) {
            int hello = Frame.begin(out, Frame.HELLO, 0);
            CLIENT.encode(out);
            Frame.end(out, hello);
            for (int i = 0; out.size() < noise.length; i++) {
                Operation operation = operationAtRandom(random);
                operation.map = NOISE_MAP;
                byte[] request = encoded(operation);
                request[random.nextInt(request.length)] = (byte) random.nextInt(256);
                int start = Frame.begin(out, Frame.REQUEST, i + 1);
                out.bool(true).raw(request, 0, request.length);
                Frame.end(out, start);
            }
        }
        return out.raw(noise, 0, noise.length).toByteArray();
    }

    /** Operations whose fields are of the right kind, and may mean nothing: each of them is answered. */
    private void operationsAtRandom(Random random) throws IOException {
        try (RawClient client = client()) {
            for (int i = 1; i <= 2000; i++) {
                client.request(i, true, operationAtRandom(random));
                RawClient.Received answer = client.expect(Frame.ANSWER);
                assertEquals(i, answer.correlation());
                assertNotNull(answer.result());
            }
        }
    }

    private static Operation operationAtRandom(Random random) {
        Kind kind = Kind.of(random.nextInt(Kind.CLEAR.ordinal()));
        Operation operation = operation(kind, "random:" + random.nextInt(20), random.nextInt(50));
        if (random.nextBoolean()) {
            byte[] number = Long.toString(anyLong(random)).getBytes(UTF_8);
            operation.value(number, 0, number.length);
        }
        operation.condition = Condition.of(random.nextInt(4));
        operation.counting = Counting.of(random.nextInt(2));
        operation.subtract = random.nextBoolean();
        operation.wantsOld = random.nextBoolean();
        operation.partition = random.nextInt(1 << 14);
        operation.flags = random.nextInt();
        operation.expiry = anyLong(random);
        operation.version = anyLong(random);
        operation.delta = anyLong(random);
        return operation;
    }

    private static long anyLong(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Long.MAX_VALUE;
            case 3 -> Long.MIN_VALUE;
            case 4 -> System.currentTimeMillis() + random.nextInt(1000);
            default -> random.nextLong();
        };
    }
}
