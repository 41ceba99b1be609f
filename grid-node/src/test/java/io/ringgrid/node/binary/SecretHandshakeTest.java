package io.ringgrid.node.binary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.GridUnavailableException;
import io.ringgrid.client.GridClient;
import io.ringgrid.ring.Id;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.ByteWriter;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.Refused;
import io.ringgrid.wire.Secret;
import io.ringgrid.wire.Welcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The native door with a secret: who proves it is let in, and nobody else hears anything of the cluster. */
class SecretHandshakeTest {
    private static final String TEXT = "0123456789abcdef";
    private static final Secret SECRET = Secret.of(TEXT);
    private static final Secret OTHER = Secret.of("0123456789abcdeg");
    private static final Hello CLIENT = Hello.client(FakeCluster.NAME);

    private final FakeCluster cluster = new FakeCluster(new Id(1, 1));
    private final FakeMember member = new FakeMember(cluster, new Id(1, 2), "kept", 0, DoorLimits.DEFAULT, SECRET);
    private final FakeMember open = cluster.start("open");

    @AfterEach
    void close() {
        member.close();
        cluster.close();
    }

    private static byte[] body(Hello hello, int nonceBytes) {
        ByteWriter out = new ByteWriter(256);
        hello.encode(out);
        return nonceBytes == 0
                ? out.toByteArray()
                : out.bytes(new byte[nonceBytes]).toByteArray();
    }

    private static void send(RawClient client, int type, byte[] body) throws IOException {
        client.send(type, 0, out -> out.raw(body, 0, body.length));
    }

    private static String refusal(RawClient client) throws IOException {
        String reason = Refused.decode(
                        new ByteReader(client.expect(Frame.REFUSED).body()))
                .reason();
        assertNull(client.receive(), "the connection ends");
        return reason;
    }

    @Test
    void bothSidesProveIt() throws IOException {
        cluster.agree(List.of(member), partition -> member);
        try (RawClient client = new RawClient(member.port())) {
            byte[] hello = body(CLIENT, Secret.NONCE_BYTES);
            send(client, Frame.HELLO, hello);
            byte[] challenge = client.expect(Frame.CHALLENGE).body();
            assertEquals(Secret.NONCE_BYTES, challenge.length);
            send(client, Frame.PROOF, SECRET.dialerProof(hello, challenge));
            ByteReader in = new ByteReader(client.expect(Frame.WELCOME).body());
            ByteWriter welcome = new ByteWriter(256);
            Welcome.decode(in).encode(welcome);
            assertTrue(Secret.isSame(SECRET.doorProof(hello, challenge, welcome.toByteArray()), in.bytes()));
            client.expect(Frame.TOPOLOGY);
        }
    }

    @Test
    void whoDoesNotProveItHearsNothingOfTheCluster() throws IOException {
        for (Hello hello : List.of(CLIENT, Hello.client("red"), Hello.client(""))) {
            try (RawClient client = new RawClient(member.port())) {
                send(client, Frame.HELLO, body(hello, 0));
                assertEquals(
                        "this cluster has a secret: give it to the client, as in GridClient.builder().secret(...)",
                        refusal(client));
            }
            try (RawClient client = new RawClient(member.port())) {
                byte[] said = body(hello, Secret.NONCE_BYTES);
                send(client, Frame.HELLO, said);
                send(
                        client,
                        Frame.PROOF,
                        OTHER.dialerProof(said, client.expect(Frame.CHALLENGE).body()));
                assertEquals(
                        "that was another secret than this member's: compare both sides' secrets", refusal(client));
            }
        }
        try (RawClient stranger = new RawClient(member.port())) {
            send(stranger, Frame.HELLO, body(Hello.member(FakeCluster.NAME, Id.NONE, new Id(9, 9), "h", 1), 0));
            assertEquals(
                    "this cluster has a secret: start the member with --secret-file and the file of the others",
                    refusal(stranger));
        }
        assertEquals(List.of(), member.heard());
    }

    @Test
    void aProofIsWorthNothingOnAnotherConnection() throws IOException {
        byte[] hello = body(CLIENT, Secret.NONCE_BYTES);
        byte[] proof;
        try (RawClient client = new RawClient(member.port())) {
            send(client, Frame.HELLO, hello);
            proof = SECRET.dialerProof(hello, client.expect(Frame.CHALLENGE).body());
            send(client, Frame.PROOF, proof);
            client.expect(Frame.WELCOME);
        }
        try (RawClient client = new RawClient(member.port())) {
            send(client, Frame.HELLO, hello);
            client.expect(Frame.CHALLENGE);
            send(client, Frame.PROOF, proof);
            assertEquals("that was another secret than this member's: compare both sides' secrets", refusal(client));
        }
    }

    @Test
    void whatBelongsElsewhereEndsTheConnection() throws IOException {
        for (int type : new int[] {Frame.REQUEST, Frame.HELLO, Frame.PING, Frame.PEER, Frame.OPEN_MAP}) {
            try (RawClient client = new RawClient(member.port())) {
                send(client, Frame.HELLO, body(CLIENT, Secret.NONCE_BYTES));
                client.expect(Frame.CHALLENGE);
                send(client, type, body(CLIENT, Secret.NONCE_BYTES));
                assertNull(client.receive(), "a frame of type " + type);
            }
        }
        try (RawClient client = new RawClient(member.port())) {
            send(client, Frame.HELLO, body(CLIENT, 8));
            assertNull(client.receive(), "a short nonce");
        }
        try (RawClient client = new RawClient(open.port())) {
            send(client, Frame.HELLO, body(CLIENT, Secret.NONCE_BYTES));
            assertEquals(
                    "this member has no secret: start it with the secret-file of the others, or dial it without a secret",
                    refusal(client));
        }
    }

    private static GridClient.Builder client(FakeMember member) {
        return GridClient.builder().contacts("127.0.0.1:" + member.port()).deadline(Duration.ofSeconds(1));
    }

    @Test
    void clientsProveItToo() {
        cluster.agree(List.of(member), partition -> member);
        try (GridClient grid = client(member)
                .deadline(Duration.ofSeconds(20))
                .secret(TEXT.toCharArray())
                .connect()) {
            grid.map("default").put("k", new byte[] {1});
        }
        assertRefused(client(member), "this cluster has a secret");
        assertRefused(client(member).secret("0123456789abcdeg"), "that was another secret");
        assertRefused(client(open).secret(TEXT), "this member has no secret");
    }

    /** One who listens there and lets everybody in does not get to hear what a client has to say. */
    @Test
    void aWelcomeWithoutAProofIsNone() throws IOException {
        Welcome welcome = new Welcome(Hello.VERSION, new Id(1, 1), new Id(1, 3), "impostor", "127.0.0.1", 1);
        for (int extra : new int[] {0, 32}) {
            ByteWriter out = new ByteWriter(256);
            int start = Frame.begin(out, Frame.WELCOME, 0);
            welcome.encode(out);
            if (extra > 0) {
                out.bytes(new byte[extra]);
            }
            Frame.end(out, start);
            CompletableFuture<Void> answering;
            try (ServerSocket impostor = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
                answering = CompletableFuture.runAsync(() -> answerAll(impostor, out));
                GridClient.Builder client = GridClient.builder()
                        .contacts("127.0.0.1:" + impostor.getLocalPort())
                        .deadline(Duration.ofSeconds(1))
                        .secret(TEXT);
                assertRefused(client, "that member did not prove that it knows the secret");
            }
            answering.join();
        }
    }

    private static void answerAll(ServerSocket door, ByteWriter answer) {
        List<Socket> heard = new ArrayList<>();
        try {
            while (true) {
                Socket socket = door.accept();
                heard.add(socket);
                socket.getOutputStream().write(answer.toByteArray());
            }
        } catch (IOException closed) {
            heard.forEach(SecretHandshakeTest::hangUp);
        }
    }

    private static void hangUp(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertRefused(GridClient.Builder client, String reason) {
        GridUnavailableException e = assertThrows(GridUnavailableException.class, client::connect);
        assertTrue(String.valueOf(e.getMessage()).contains(reason), e::getMessage);
    }
}
