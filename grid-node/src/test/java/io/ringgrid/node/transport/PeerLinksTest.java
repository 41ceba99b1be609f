package io.ringgrid.node.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.ringgrid.client.net.LinkLimits;
import io.ringgrid.node.binary.Await;
import io.ringgrid.node.binary.DoorLimits;
import io.ringgrid.node.binary.FakeCluster;
import io.ringgrid.node.binary.FakeEngine;
import io.ringgrid.node.binary.FakeMember;
import io.ringgrid.node.binary.FreePort;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.ByteWriter;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.ResultCodec;
import io.ringgrid.wire.Welcome;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerLinksTest {
    private static final Id ME = new Id(0x1111111100000000L, 1);
    private static final Id OTHER_ME = new Id(0x2222222200000000L, 1);

    private final FakeCluster cluster = new FakeCluster(new Id(0xAAAAAAAA00000000L, 1));
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final Notes notes = new Notes();
    private PeerLinks links = links(LinkLimits.DEFAULT);

    private PeerLinks links(LinkLimits limits) {
        return new PeerLinks(loops, limits, Hello.member(FakeCluster.NAME, Id.NONE, ME, "127.0.0.1", 1), null, notes);
    }

    @AfterEach
    void close() {
        links.close();
        cluster.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Notes all that is told, in order. */
    private static final class Notes implements PeerLinks.Listener {
        private final List<String> told = new CopyOnWriteArrayList<>();
        private final List<String> answers = new CopyOnWriteArrayList<>();
        private final AtomicLong refusedNanos = new AtomicLong();

        @Override
        public void connected(Id member, String host, int port) {
            told.add("connected " + member.brief());
        }

        @Override
        public void disconnected(Id member, String reason) {
            told.add("disconnected " + member.brief());
        }

        @Override
        public void refused(Id member) {
            refusedNanos.compareAndSet(0, System.nanoTime());
            told.add("refused " + member.brief());
        }

        @Override
        public void received(Id from, long correlation, int type, byte[] body) {
            assertEquals(Frame.ANSWER, type);
            answers.add(
                    correlation + " " + ResultCodec.decode(new ByteReader(body)).status());
        }

        private void await(String... expected) {
            Await.until(
                    List.of(expected) + " instead of " + told,
                    () -> told.stream().distinct().toList().equals(List.of(expected)));
        }
    }

    private void dial(FakeMember member) {
        links.dial("127.0.0.1", member.port(), member.id());
    }

    private static byte[] text(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void messagesArriveInOrderUnderTheIdentityOfTheHandshake() throws Exception {
        FakeMember a = cluster.start("a");
        dial(a);
        notes.await("connected " + a.id().brief());
        List<Thread> threads = new ArrayList<>();
        for (String name : List.of("x", "y")) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 5000; i++) {
                    assertTrue(links.send(a.id(), Frame.PEER, i, text(name)));
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Await.until("all are heard", () -> a.heard().size() == 10_001);
        for (String name : List.of("x", "y")) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 5000; i++) {
                expected.add("11111111 " + i + " " + name);
            }
            assertEquals(
                    expected,
                    a.heard().stream().filter(heard -> heard.endsWith(name)).toList());
        }
    }

    @Test
    void requestsAreAnsweredOnTheirConnection() {
        FakeMember a = cluster.start("a");
        cluster.agree(List.of(a), partition -> a);
        dial(a);
        notes.await("connected " + a.id().brief());
        byte[] key = text("k");
        Operation put = new Operation().reset(Operation.Kind.PUT).key(key, 0, 1).value(key, 0, 1);
        assertTrue(links.request(a.id(), 1, true, put));
        assertTrue(links.request(a.id(), 2, false, put.reset(Operation.Kind.GET).key(key, 0, 1)));
        Await.until("both are answered", () -> notes.answers.equals(List.of("1 " + Status.DONE, "2 " + Status.FOUND)));
    }

    @Test
    void nothingIsSentToWhomThereIsNoConnection() {
        assertFalse(links.send(OTHER_ME, Frame.PEER, 1, new byte[0]));
    }

    @Test
    void whoIsNotThereYetIsDialedUntilHeIs() throws IOException {
        int port = FreePort.next();
        Id expected = new Id(0x3333333300000000L, 1);
        links.dial("localhost", port, expected);
        notes.await("refused 33333333");
        try (FakeMember late = new FakeMember(cluster, expected, "late", port, DoorLimits.DEFAULT)) {
            notes.await("refused 33333333", "connected " + late.id().brief());
        }
    }

    @Test
    void whoHungUpOnIsNotDialedAgain() {
        FakeMember a = cluster.start("a");
        dial(a);
        notes.await("connected " + a.id().brief());
        links.hangUp("127.0.0.1", a.port());
        notes.await("connected " + a.id().brief(), "disconnected " + a.id().brief());
        Await.until("the door has noticed", () -> a.door().connections() == 0);
        dial(a);
        Await.until("connected again", () -> notes.told.size() == 3);
        assertEquals(1, a.door().connections());
    }

    @Test
    void aMemberThatIsReachedByTwoAddressesHasOneConnection() {
        FakeMember a = cluster.start("a");
        dial(a);
        notes.await("connected " + a.id().brief());
        links.dial("localhost", a.port(), Id.NONE);
        Await.until("it was tried", () -> a.heard().size() >= 2);
        Await.until("one is left", () -> a.door().connections() == 1);
        assertEquals(List.of("connected " + a.id().brief()), notes.told);
        assertTrue(links.send(a.id(), Frame.PEER, 1, text("still here")));
        Await.until("it is heard", () -> a.heard().contains("11111111 1 still here"));
    }

    @Test
    void oneselfIsNoPeer() {
        FakeMember me = cluster.start("me");
        me.identity(ME);
        links.dial("127.0.0.1", me.port(), Id.NONE);
        Await.until("it was tried", () -> !me.heard().isEmpty());
        Await.until("it was closed", () -> me.door().connections() == 0);
        assertEquals(List.of(), notes.told);
    }

    @Test
    void anotherIdentityOfOursMakesAllConnectionsAnew() {
        FakeMember a = cluster.start("a");
        FakeMember b = cluster.start("b");
        dial(a);
        dial(b);
        Await.until("both are connected", () -> links.connected().size() == 2);
        links.identity(cluster.start("c").id(), OTHER_ME);
        for (FakeMember member : List.of(a, b)) {
            Await.until("the new identity is met", () -> member.heard().contains("22222222 met at 127.0.0.1:1"));
            Await.until("connected", () -> links.send(member.id(), Frame.PEER, 1, text("hi")));
            Await.until("heard under it", () -> member.heard().contains("22222222 1 hi"));
        }
        List<String> ofA = notes.told.stream()
                .filter(told -> told.endsWith(a.id().brief()))
                .toList();
        String id = a.id().brief();
        assertEquals(List.of("connected " + id, "disconnected " + id, "connected " + id), ofA);
    }

    @Test
    void anotherIdentityAtAnAddressMeansThatTheFormerIsGone() {
        FakeMember a = cluster.start("a");
        Id former = a.id();
        dial(a);
        notes.await("connected " + former.brief());
        a.identity(OTHER_ME);
        notes.await(
                "connected " + former.brief(),
                "disconnected " + former.brief(),
                "refused " + former.brief(),
                "connected 22222222");
    }

    @Test
    void aPeerThatDoesNotReadLosesItsConnectionNotOurMemory() throws Exception {
        links.close();
        LinkLimits small = new LinkLimits(1 << 20, 4 << 20, 1000, 5000, 1000, 5000, 20, 500);
        links = links(small);
        FakeMember real = cluster.start("real");
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread greeter = new Thread(() -> welcomeThenSleep(deaf, real.id()));
            greeter.start();
            links.dial("127.0.0.1", deaf.getLocalPort(), Id.NONE);
            notes.await("connected " + real.id().brief());
            byte[] body = new byte[100_000];
            int sent = 0;
            while (links.send(real.id(), Frame.PEER, sent, body)) {
                sent++;
                assertTrue(sent < 1000, "buffered without end");
            }
            Await.until(
                    "it is reported",
                    () -> notes.told.contains("disconnected " + real.id().brief()));
            greeter.interrupt();
            greeter.join();
        }
    }

    private static void welcomeThenSleep(ServerSocket server, Id id) {
        try (Socket socket = server.accept()) {
            var out = new ByteWriter(64);
            int start = Frame.begin(out, Frame.WELCOME, 0);
            new Welcome(1, Id.NONE, id, "deaf", "127.0.0.1", server.getLocalPort()).encode(out);
            Frame.end(out, start);
            socket.getOutputStream().write(out.toByteArray());
            Thread.sleep(60_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whoSaysNothingForTooLongIsDisconnected() {
        links.close();
        links = links(new LinkLimits(1 << 20, 4 << 20, 1000, 5000, 20, 100, 20, 500));
        FakeMember real = cluster.start("real");
        try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread greeter = new Thread(() -> welcomeThenSleep(mute, real.id()));
            greeter.start();
            links.dial("127.0.0.1", mute.getLocalPort(), Id.NONE);
            notes.await(
                    "connected " + real.id().brief(),
                    "disconnected " + real.id().brief());
            greeter.interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A member as a process of its own; the test kills it. */
    public static final class Victim {
        private Victim() {}

        public static void main(String[] args) throws Exception {
            FakeCluster own = new FakeCluster(new Id(0x4444444400000000L, 1));
            FakeMember member = own.start("victim");
            System.out.println("port " + member.port() + " " + member.id().brief());
            Thread.sleep(60_000);
            System.exit(1);
        }
    }

    @Test
    void aKilledProcessIsReportedWithinMilliseconds() throws Exception {
        String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
        Process process = new ProcessBuilder(
                        java, "-Xmx64m", "-cp", System.getProperty("java.class.path"), Victim.class.getName())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            String line = out.readLine();
            while (line != null && !line.startsWith("port ")) {
                line = out.readLine();
            }
            assertTrue(line != null, "the process has not started");
            String[] words = line.split(" ", -1);
            links.dial("127.0.0.1", Integer.parseInt(words[1]), Id.NONE);
            notes.await("connected " + words[2]);
            long killed = System.nanoTime();
            process.destroyForcibly();
            notes.await("connected " + words[2], "disconnected " + words[2], "refused " + words[2]);
            long millis = TimeUnit.NANOSECONDS.toMillis(notes.refusedNanos.get() - killed);
            System.out.println("refused " + millis + " ms after kill -9");
            assertTrue(millis < 1000, "only after " + millis + " ms");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void anEngineThatAnswersLaterAnswersOnTheConnection() {
        FakeMember a = cluster.start("a");
        cluster.agree(List.of(a), partition -> a);
        a.engine().mode = FakeEngine.Mode.HOLD;
        dial(a);
        notes.await("connected " + a.id().brief());
        byte[] key = text("k");
        links.request(
                a.id(),
                1,
                true,
                new Operation().reset(Operation.Kind.PUT).key(key, 0, 1).value(key, 0, 1));
        Await.until("it is held", () -> a.engine().held() == 1);
        assertEquals(List.of(), notes.answers);
        a.engine().release();
        Await.until("it is answered", () -> notes.answers.equals(List.of("1 " + Status.DONE)));
    }
}
