package io.ringgrid.node.binary;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.client.net.LinkLimits;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.topology.Topology;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.ByteWriter;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.Refused;
import io.ringgrid.wire.TopologyCodec;
import io.ringgrid.wire.Welcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NativeDoorTest {
    private static final Hello CLIENT = Hello.client(FakeCluster.NAME);
    private static final Id OTHER = new Id(0xABCDEF0123456789L, 1);

    private final FakeCluster cluster = new FakeCluster(new Id(1, 1));
    private final FakeMember member = cluster.start("a");

    @AfterEach
    void close() {
        cluster.close();
    }

    private FakeMember memberWith(DoorLimits limits) {
        return new FakeMember(cluster, new Id(1, 99), "limited", 0, limits);
    }

    private void agree() {
        cluster.agree(List.of(member), partition -> member);
    }

    private static Operation op(Operation.Kind kind, String key, byte[] value) {
        byte[] bytes = key.getBytes(UTF_8);
        Operation op = new Operation().reset(kind).key(bytes, 0, bytes.length).value(value, 0, value.length);
        op.partition = Slots.partitionOf(bytes, 0, bytes.length, FakeCluster.PARTITIONS);
        return op;
    }

    private static Operation get(String key) {
        return op(Operation.Kind.GET, key, new byte[0]);
    }

    private static Operation put(String key, String value) {
        return op(Operation.Kind.PUT, key, value.getBytes(UTF_8));
    }

    /** A client that has its welcome and the topology behind it. */
    private RawClient client() throws IOException {
        RawClient client = RawClient.welcomed(member.port(), CLIENT);
        client.expect(Frame.TOPOLOGY);
        return client;
    }

    @Test
    void requestsAreExecutedAndAnswered() throws IOException {
        agree();
        try (RawClient client = client()) {
            client.request(5, true, put("k", "v"));
            RawClient.Received put = client.expect(Frame.ANSWER);
            assertEquals(5, put.correlation());
            assertEquals(Status.DONE, put.result().status());
            client.request(6, true, get("k"));
            Result found = client.expect(Frame.ANSWER).result();
            assertArrayEquals("v".getBytes(UTF_8), found.value());
            assertEquals(put.result().version(), found.version());
        }
    }

    @Test
    void welcomeSaysWhoItIs() throws IOException {
        agree();
        try (RawClient client = new RawClient(member.port())) {
            client.send(Frame.HELLO, 0, CLIENT::encode);
            Welcome welcome =
                    Welcome.decode(new ByteReader(client.expect(Frame.WELCOME).body()));
            assertEquals(new Welcome(1, new Id(1, 1), member.id(), "a", "127.0.0.1", member.port()), welcome);
        }
    }

    @Test
    void theTopologyComesAfterTheWelcomeAndAtEachChange() throws IOException {
        try (RawClient client = RawClient.welcomed(member.port(), CLIENT)) {
            Topology first = cluster.agree(List.of(member), partition -> member);
            assertEquals(
                    first,
                    TopologyCodec.decode(
                            new ByteReader(client.expect(Frame.TOPOLOGY).body())));
            Topology second = cluster.agree(List.of(member), partition -> null);
            assertEquals(
                    second,
                    TopologyCodec.decode(
                            new ByteReader(client.expect(Frame.TOPOLOGY).body())));
            try (RawClient late = RawClient.welcomed(member.port(), CLIENT)) {
                assertEquals(
                        second,
                        TopologyCodec.decode(
                                new ByteReader(late.expect(Frame.TOPOLOGY).body())));
            }
        }
    }

    @Test
    void mapsAreOpened() throws IOException {
        agree();
        try (RawClient client = client()) {
            client.send(Frame.OPEN_MAP, 3, out -> out.string("users"));
            client.expect(Frame.TOPOLOGY);
            RawClient.Received map = client.expect(Frame.MAP);
            assertEquals(3, map.correlation());
            assertEquals(Result.number(Status.DONE, 1), map.result());
            client.send(Frame.OPEN_MAP, 4, out -> out.string("x".repeat(256)));
            assertNull(client.receive());
        }
    }

    @Test
    void aPongTellsBothClocks() throws IOException {
        member.engine().wallOffset = 1_000_000_000L;
        try (RawClient client = RawClient.welcomed(member.port(), CLIENT)) {
            client.send(Frame.PING, 8, out -> {});
            RawClient.Received pong = client.expect(Frame.PONG);
            assertEquals(8, pong.correlation());
            ByteReader body = new ByteReader(pong.body());
            long ahead = body.i64() - System.currentTimeMillis();
            assertTrue(Math.abs(ahead - 1_000_000_000L) < 10_000, ahead + " ms ahead");
            long ago = System.nanoTime() - body.i64();
            assertTrue(ago >= 0 && ago < 10_000_000_000L, ago + " ns ago");
            body.end();
        }
    }

    @Test
    void aRequestNumberThatDoesNotRiseIsDropped() throws IOException {
        agree();
        try (RawClient client = client()) {
            client.request(5, true, op(Operation.Kind.INCREMENT, "n", new byte[0]));
            client.request(5, true, op(Operation.Kind.INCREMENT, "n", new byte[0]));
            client.request(4, true, op(Operation.Kind.INCREMENT, "n", new byte[0]));
            client.request(6, true, op(Operation.Kind.INCREMENT, "n", new byte[0]));
            assertEquals(5, client.expect(Frame.ANSWER).correlation());
            assertEquals(6, client.expect(Frame.ANSWER).correlation());
            assertEquals(2, member.engine().asked.get());
        }
    }

    @Test
    void whatOvertookARefusalIsRefusedUntilTheNextFirst() throws IOException {
        agree();
        try (RawClient client = client()) {
            member.engine().mode = FakeEngine.Mode.REFUSE;
            client.request(1, true, put("k", "1"));
            assertEquals(Status.RETRY, client.expect(Frame.ANSWER).result().status());
            member.engine().mode = FakeEngine.Mode.NORMAL;
            client.request(2, false, put("k", "2"));
            assertEquals(Status.RETRY, client.expect(Frame.ANSWER).result().status());
            client.request(3, true, put("k", "1"));
            client.request(4, false, put("k", "2"));
            assertEquals(Status.DONE, client.expect(Frame.ANSWER).result().status());
            assertEquals(Status.DONE, client.expect(Frame.ANSWER).result().status());
        }
    }

    @Test
    void aRefusalThatComesLaterFencesToo() throws IOException {
        agree();
        try (RawClient client = client()) {
            member.engine().mode = FakeEngine.Mode.HOLD;
            client.request(1, true, put("k", "1"));
            Await.until("the operation is held", () -> member.engine().held() == 1);
            member.engine().mode = FakeEngine.Mode.NORMAL;
            member.engine().release(Result.of(Status.RETRY));
            assertEquals(Status.RETRY, client.expect(Frame.ANSWER).result().status());
            client.request(2, false, put("k", "2"));
            assertEquals(Status.RETRY, client.expect(Frame.ANSWER).result().status());
        }
    }

    @Test
    void answersComeInAnyOrder() throws IOException {
        agree();
        try (RawClient client = client()) {
            member.engine().mode = FakeEngine.Mode.HOLD;
            client.request(1, true, put("k", "v"));
            Await.until("the operation is held", () -> member.engine().held() == 1);
            member.engine().mode = FakeEngine.Mode.NORMAL;
            client.request(2, true, get("other"));
            assertEquals(2, client.expect(Frame.ANSWER).correlation());
            member.engine().release();
            assertEquals(1, client.expect(Frame.ANSWER).correlation());
        }
    }

    @Test
    void membersAreKnownByTheirHandshakeAlone() throws IOException {
        agree();
        Hello hello = Hello.member(FakeCluster.NAME, Id.NONE, OTHER, "10.0.0.9", 7800);
        try (RawClient other = RawClient.welcomed(member.port(), hello)) {
            other.send(Frame.PEER, 7, out -> out.raw("hi".getBytes(UTF_8), 0, 2));
            other.request(1, true, put("k", "v"));
            assertEquals(Status.DONE, other.expect(Frame.ANSWER).result().status());
            assertEquals(List.of("abcdef01 met at 10.0.0.9:7800", "abcdef01 7 hi"), member.heard());
        }
    }

    @Test
    void whoIsOfAnotherClusterHearsSoAndIsClosed() throws IOException {
        try (RawClient client = new RawClient(member.port())) {
            client.send(Frame.HELLO, 0, Hello.client("red")::encode);
            Refused refused =
                    Refused.decode(new ByteReader(client.expect(Frame.REFUSED).body()));
            assertEquals("this member belongs to the cluster 'fake', not to 'red'", refused.reason());
            assertNull(client.receive());
        }
    }

    @Test
    void whatIsNotOurProtocolIsClosedAndNothingElse() throws IOException {
        agree();
        try (RawClient good = client()) {
            byte[] hello = frame(Frame.HELLO, CLIENT);
            assertClosed("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(UTF_8));
            assertClosed("get key\r\n".getBytes(UTF_8));
            assertClosed(new ByteWriter(8).i32(5000).toByteArray());
            assertClosed(new ByteWriter(64).i32(9).u8(Frame.REQUEST).i64(1).toByteArray());
            assertClosed(new ByteWriter(64)
                    .raw(hello, 0, hello.length)
                    .i32(9)
                    .u8(Frame.REQUEST)
                    .i64(1)
                    .toByteArray());
            assertClosed(new ByteWriter(64)
                    .raw(hello, 0, hello.length)
                    .i32(9)
                    .u8(99)
                    .i64(1)
                    .toByteArray());
            assertClosed(new ByteWriter(64)
                    .raw(hello, 0, hello.length)
                    .i32(9)
                    .u8(Frame.PEER)
                    .i64(1)
                    .toByteArray());
            assertClosed(new ByteWriter(64)
                    .raw(hello, 0, hello.length)
                    .i32(Integer.MAX_VALUE)
                    .toByteArray());
            Random random = new Random(1);
            for (int i = 0; i < 200; i++) {
                byte[] noise = new byte[4 + random.nextInt(300)];
                random.nextBytes(noise);
                noise[0] |= 1;
                assertClosed(noise);
            }
            good.request(1, true, put("k", "v"));
            assertEquals(Status.DONE, good.expect(Frame.ANSWER).result().status());
            Await.until("the others are forgotten", () -> member.door().connections() == 1);
        }
    }

    private static byte[] frame(int type, Hello hello) {
        ByteWriter out = new ByteWriter(64);
        int start = Frame.begin(out, type, 0);
        hello.encode(out);
        Frame.end(out, start);
        return out.toByteArray();
    }

    private void assertClosed(byte[] bytes) throws IOException {
        try (RawClient client = new RawClient(member.port())) {
            client.send(bytes);
            RawClient.Received last = client.receive();
            while (last != null) {
                assertTrue(last.type() != Frame.ANSWER, "answered");
                last = client.receive();
            }
        }
    }

    @Test
    void aHandshakeMustComeInTime() throws IOException {
        LinkLimits link = new LinkLimits(1 << 20, 8 << 20, 1000, 100, 1000, 5000, 20, 500);
        try (FakeMember limited = memberWith(DoorLimits.DEFAULT.with(link));
                RawClient client = new RawClient(limited.port())) {
            long start = System.nanoTime();
            client.send(new byte[] {0, 0, 0});
            assertNull(client.receive());
            assertTrue(System.nanoTime() - start > 50_000_000);
        }
    }

    @Test
    void whoIsIdleForTooLongIsClosed() throws IOException {
        LinkLimits link = new LinkLimits(1 << 20, 8 << 20, 1000, 1000, 20, 100, 20, 500);
        DoorLimits limits = new DoorLimits(link, 10, 10, 1000, 100);
        try (FakeMember limited = memberWith(limits);
                RawClient client = RawClient.welcomed(limited.port(), CLIENT)) {
            assertNull(client.receive());
        }
    }

    @Test
    void oneConnectionTooManyIsClosed() throws IOException {
        DoorLimits limits = new DoorLimits(LinkLimits.DEFAULT, 2, 10, 1000, 30_000);
        try (FakeMember limited = memberWith(limits);
                RawClient first = RawClient.welcomed(limited.port(), CLIENT)) {
            try (RawClient second = RawClient.welcomed(limited.port(), CLIENT);
                    RawClient third = new RawClient(limited.port())) {
                assertNull(third.receive());
                second.send(Frame.PING, 1, out -> {});
                second.expect(Frame.PONG);
            }
            Await.until("there is room again", () -> limited.door().connections() == 1);
            RawClient.welcomed(limited.port(), CLIENT).close();
            first.send(Frame.PING, 1, out -> {});
            first.expect(Frame.PONG);
        }
    }

    /** 100 answers of 1 MiB may not gather in a door that keeps 8 MiB at most, and all of them come in the end. */
    @Test
    void aClientThatDoesNotReadIsNotReadFrom() throws Exception {
        LinkLimits link = new LinkLimits(2 << 20, 8 << 20, 1000, 5000, 1000, 5000, 20, 500);
        try (FakeMember limited = memberWith(new DoorLimits(link, 10, 1024, 1 << 20, 30_000))) {
            cluster.agree(List.of(limited), partition -> limited);
            try (RawClient client = RawClient.welcomed(limited.port(), CLIENT)) {
                client.expect(Frame.TOPOLOGY);
                client.request(1, true, op(Operation.Kind.PUT, "k", new byte[1 << 20]));
                client.expect(Frame.ANSWER);
                for (int i = 2; i <= 101; i++) {
                    client.request(i, false, get("k"));
                }
                Await.until("the door has begun", () -> limited.engine().asked.get() > 1);
                for (int i = 2; i <= 101; i++) {
                    RawClient.Received answer = client.expect(Frame.ANSWER);
                    assertEquals(i, answer.correlation());
                    assertTrue(
                            limited.engine().asked.get() - i < 25,
                            "read ahead: " + limited.engine().asked.get());
                }
            }
        }
    }

    @Test
    void aClientWithTooManyUnansweredRequestsIsNotReadFrom() throws IOException {
        try (FakeMember limited = memberWith(new DoorLimits(LinkLimits.DEFAULT, 10, 4, 1 << 20, 30_000))) {
            cluster.agree(List.of(limited), partition -> limited);
            try (RawClient client = RawClient.welcomed(limited.port(), CLIENT)) {
                client.expect(Frame.TOPOLOGY);
                limited.engine().mode = FakeEngine.Mode.HOLD;
                for (int i = 1; i <= 50; i++) {
                    client.request(i, false, get("k"));
                }
                Await.until("four are held", () -> limited.engine().held() == 4);
                for (int answered = 0; answered < 50; ) {
                    Await.until("some are held", () -> limited.engine().held() > 0);
                    int released = limited.engine().release();
                    assertTrue(released <= 4, released + " at once");
                    for (int i = 0; i < released; i++) {
                        assertEquals(++answered, client.expect(Frame.ANSWER).correlation());
                    }
                }
                assertEquals(50, limited.engine().asked.get());
            }
        }
    }

    @Test
    void aMemberWithTooManyUnansweredRequestsIsAnsweredRetryAndStillHeard() throws IOException {
        Hello hello = Hello.member(FakeCluster.NAME, Id.NONE, OTHER, "10.0.0.9", 7800);
        try (FakeMember limited = memberWith(new DoorLimits(LinkLimits.DEFAULT, 10, 2, 1 << 20, 30_000))) {
            cluster.agree(List.of(limited), partition -> limited);
            try (RawClient other = RawClient.welcomed(limited.port(), hello)) {
                limited.engine().mode = FakeEngine.Mode.HOLD;
                other.request(1, true, get("k"));
                other.request(2, false, get("k"));
                other.request(3, false, get("k"));
                RawClient.Received refused = other.expect(Frame.ANSWER);
                assertEquals(3, refused.correlation());
                assertEquals(Status.RETRY, refused.result().status());
                other.send(Frame.PEER, 1, out -> {});
                Await.until("its message is heard", () -> limited.heard().contains("abcdef01 1 "));
                limited.engine().release();
                assertEquals(1, other.expect(Frame.ANSWER).correlation());
                assertEquals(2, other.expect(Frame.ANSWER).correlation());
            }
        }
    }

    /** A member's connection carries its word to the partitions' primaries as well: what it asks for may not end it. */
    @Test
    void aMemberThatHasNotReadItsAnswersIsAnsweredRetry() throws Exception {
        Hello hello = Hello.member(FakeCluster.NAME, Id.NONE, OTHER, "10.0.0.9", 7800);
        LinkLimits link = new LinkLimits(2 << 20, 8 << 20, 1000, 5000, 1000, 5000, 20, 500);
        try (FakeMember limited = memberWith(new DoorLimits(link, 10, 1024, 1 << 20, 30_000))) {
            cluster.agree(List.of(limited), partition -> limited);
            try (RawClient other = RawClient.welcomed(limited.port(), hello)) {
                other.request(1, true, op(Operation.Kind.PUT, "k", new byte[1 << 20]));
                other.expect(Frame.ANSWER);
                for (int i = 2; i <= 101; i++) {
                    other.request(i, false, get("k"));
                }
                int found = 0;
                for (int i = 2; i <= 101; i++) {
                    Result result = other.expect(Frame.ANSWER).result();
                    found += result.status() == Status.FOUND ? 1 : 0;
                    assertTrue(result.status() == Status.FOUND || result.status() == Status.RETRY, result.toString());
                }
                assertTrue(found >= 4 && found < 100, found + " of 100");
                other.request(102, true, get("k"));
                assertEquals(Status.FOUND, other.expect(Frame.ANSWER).result().status());
            }
        }
    }

    @Test
    void aDoorThatIsTakenIsAnError() {
        IOException e = assertThrows(
                IOException.class,
                () -> NativeDoor.open(
                        cluster.loops,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), member.port()),
                        DoorLimits.DEFAULT,
                        hello -> new Refused(""),
                        null,
                        member.engine(),
                        new PeerSink() {
                            @Override
                            public void met(Id other, String host, int port) {}

                            @Override
                            public void received(Id from, long correlation, byte[] body) {}
                        }));
        assertTrue(String.valueOf(e.getMessage()).startsWith("cannot listen on "), e.getMessage());
    }
}
