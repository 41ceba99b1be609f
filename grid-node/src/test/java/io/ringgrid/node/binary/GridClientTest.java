package io.ringgrid.node.binary;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.Expiry;
import io.ringgrid.Grid;
import io.ringgrid.GridMap;
import io.ringgrid.GridRequestException;
import io.ringgrid.GridUnavailableException;
import io.ringgrid.MemberInfo;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.Versioned;
import io.ringgrid.client.GridClient;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The thin client against three members whose topology is made by hand. */
class GridClientTest {
    private final FakeCluster cluster = new FakeCluster(new Id(1, 1));
    private final FakeMember a = cluster.start("a");
    private final FakeMember b = cluster.start("b");
    private final FakeMember c = cluster.start("c");
    private final List<FakeMember> all = List.of(a, b, c);

    @AfterEach
    void close() {
        cluster.close();
    }

    /** Partition i belongs to a, b or c in turn. */
    private void agreeInTurn() {
        cluster.agree(all, i -> all.get(i % 3));
    }

    private static GridClient connect(FakeMember... contacts) {
        return GridClient.builder()
                .contacts(List.of(contacts).stream().map(FakeMember::address).toArray(String[]::new))
                .cluster(FakeCluster.NAME)
                .connect();
    }

    private static GridMap<String, String> texts(Grid grid) {
        return grid.map("default", String.class, String.class);
    }

    private static <E extends Throwable> E thrown(Class<E> type, CompletableFuture<?> running) {
        ExecutionException e = assertThrows(ExecutionException.class, running::get);
        return assertThrows(type, () -> {
            throw e.getCause();
        });
    }

    @Test
    void everyOperationGoesStraightToItsOwner() {
        agreeInTurn();
        try (GridClient grid = connect(b)) {
            GridMap<String, String> map = texts(grid);
            for (int partition = 0; partition < FakeCluster.PARTITIONS; partition++) {
                map.put(FakeCluster.keyIn(partition), "value of " + partition);
            }
            for (int partition = 0; partition < FakeCluster.PARTITIONS; partition++) {
                assertEquals("value of " + partition, map.get(FakeCluster.keyIn(partition)));
            }
            assertEquals(12, a.engine().asked.get());
            assertEquals(10, b.engine().asked.get());
            assertEquals(10, c.engine().asked.get());
        }
    }

    @Test
    void theWholeMap() {
        agreeInTurn();
        try (GridClient grid = connect(a)) {
            GridMap<String, String> map = texts(grid);
            assertEquals("default", map.name());
            assertNull(map.get("k"));
            long first = map.put("k", "1");
            Versioned<String> read = map.getVersioned("k");
            assertEquals(new Versioned<>("1", first), read);
            assertFalse(map.putIfAbsent("k", "2"));
            assertTrue(map.replaceIfVersion("k", "2", first));
            assertFalse(map.replaceIfVersion("k", "3", first));
            assertFalse(map.removeIfVersion("k", first));
            assertTrue(map.containsKey("k"));
            assertTrue(map.remove("k"));
            assertFalse(map.remove("k"));
            assertTrue(map.putIfAbsent("k", "4"));
            assertEquals(9, map.increment("k", 5));
            assertEquals(9L, grid.map("default", String.class, Long.class).get("k"));
            assertArrayEquals("9".getBytes(UTF_8), grid.map("default").get("k"));
            assertThrows(GridRequestException.class, () -> grid.map("default", String.class, Integer.class));
            GridRequestException e =
                    assertThrows(GridRequestException.class, () -> map.put("k", "x".repeat((1 << 20) + 1)));
            assertEquals(
                    "PUT in map 'default': a value of 1048577 bytes, of which this cluster allows 1048576",
                    e.getMessage());
        }
    }

    @Test
    void mapsAreOpenedByName() {
        agreeInTurn();
        try (GridClient grid = connect(a)) {
            GridMap<String, String> users = grid.map("users", String.class, String.class);
            GridMap<String, String> pages = grid.map("pages", String.class, String.class);
            users.put("k", "user");
            pages.put("k", "page");
            assertEquals("user", users.get("k"));
            assertEquals("page", grid.map("pages", String.class, String.class).get("k"));
            assertNull(texts(grid).get("k"));
            all.forEach(member -> member.engine().mode = FakeEngine.Mode.REFUSE);
            users.name();
        }
        try (GridClient grid = GridClient.builder()
                .contacts(a.address())
                .deadline(Duration.ofSeconds(1))
                .connect()) {
            GridUnavailableException e = assertThrows(GridUnavailableException.class, () -> grid.map("new"));
            assertEquals("opening map 'new': no quorum", e.getMessage());
        }
    }

    @Test
    void anExpiryIsJudgedByTheMembersClock() {
        agreeInTurn();
        all.forEach(member -> member.engine().wallOffset = 86_400_000);
        try (GridClient grid = connect(a)) {
            GridMap<String, String> map = texts(grid);
            map.put("k", "v", Expiry.after(Duration.ofSeconds(10)));
            map.get("k");
            long expected = System.currentTimeMillis() + 86_400_000 + 10_000;
            assertTrue(Math.abs(cluster.expiryOf(0, "k") - expected) < 5_000, "expiry " + cluster.expiryOf(0, "k"));
        }
    }

    @Test
    void theMembersAreThoseOfTheTopology() {
        cluster.agree(List.of(a, b), i -> a);
        try (GridClient grid = connect(b)) {
            assertEquals(
                    List.of(
                            new MemberInfo(a.id().toString(), "a", "127.0.0.1", a.port()),
                            new MemberInfo(b.id().toString(), "b", "127.0.0.1", b.port())),
                    grid.members());
            agreeInTurn();
            Await.until("the third is known", () -> grid.members().size() == 3);
        }
    }

    @Test
    void aNewTopologyIsFollowedMidWay() {
        cluster.agree(List.of(a), i -> a);
        try (GridClient grid = connect(a)) {
            GridMap<String, String> map = texts(grid);
            map.put("k", "1");
            a.engine().mode = FakeEngine.Mode.REFUSE;
            CompletableFuture<Long> put = CompletableFuture.supplyAsync(() -> map.put("k", "2"));
            Await.until("a has refused", () -> a.engine().asked.get() > 1);
            cluster.agree(all, i -> c);
            assertTrue(put.join() > 0);
            assertEquals(2, a.engine().asked.get() - refusals(a));
            assertEquals("2", map.get("k"));
            assertEquals(2, c.engine().asked.get());
        }
    }

    /** How often a member refused beyond the first time; the retries of 20 ms decide that. */
    private static int refusals(FakeMember member) {
        return member.engine().asked.get() - 2;
    }

    @Test
    void whatABrokenConnectionLeavesOpenIsAskedAgainAndExecutedOnce() {
        cluster.agree(all, i -> c);
        try (GridClient grid = connect(a)) {
            GridMap<String, String> map = texts(grid);
            map.put("k", "1");
            map.put("w", "1");
            c.engine().mode = FakeEngine.Mode.SILENT;
            CompletableFuture<Long> count = CompletableFuture.supplyAsync(() -> map.increment("w", 1));
            CompletableFuture<String> get = CompletableFuture.supplyAsync(() -> map.get("k"));
            Await.until("both are under way", () -> c.engine().asked.get() == 4);
            c.close();
            cluster.agree(List.of(a, b), i -> b);
            assertEquals("1", get.join());
            assertEquals(2, count.join());
            assertEquals("2", map.get("w"));
        }
    }

    @Test
    void aWriteIsUnknownIfNobodyCanBeAskedAgain() {
        cluster.agree(all, i -> c);
        try (GridClient grid = GridClient.builder()
                .contacts(a.address())
                .deadline(Duration.ofMillis(500))
                .connect()) {
            GridMap<String, String> map = texts(grid);
            map.put("w", "1");
            c.engine().mode = FakeEngine.Mode.SILENT;
            CompletableFuture<Long> put = CompletableFuture.supplyAsync(() -> map.put("w", "2"));
            Await.until("it is under way", () -> c.engine().asked.get() == 2);
            c.close();
            OutcomeUnknownException e = thrown(OutcomeUnknownException.class, put);
            assertEquals(
                    "PUT in map 'default': the connection to c (" + c.address()
                            + ") broke before its answer; then: nobody could be asked again within 500 ms",
                    e.getMessage());
        }
    }

    @Test
    void whatNobodyServesIsUnavailableAndSaysWhy() {
        cluster.agree(all, i -> i == 3 ? null : b);
        try (GridClient grid = GridClient.builder()
                .contacts(a.address())
                .deadline(Duration.ofMillis(300))
                .connect()) {
            GridMap<String, String> map = texts(grid);
            GridUnavailableException lost =
                    assertThrows(GridUnavailableException.class, () -> map.put(FakeCluster.keyIn(3), "v"));
            assertEquals(
                    "PUT in map 'default': not executed within 300 ms: partition 3 has lost all its copies",
                    lost.getMessage());
            b.engine().mode = FakeEngine.Mode.REFUSE;
            GridUnavailableException refused =
                    assertThrows(GridUnavailableException.class, () -> map.get(FakeCluster.keyIn(4)));
            // The deadline meets it between two attempts, or in the middle of one.
            assertTrue(
                    Set.of(
                                    "GET in map 'default': not executed within 300 ms: partition 4 was refused: b is not the primary",
                                    "GET in map 'default': no answer from b (" + b.address() + ") within 300 ms")
                            .contains(refused.getMessage()),
                    refused.getMessage());
            b.engine().mode = FakeEngine.Mode.SILENT;
            OutcomeUnknownException silent =
                    assertThrows(OutcomeUnknownException.class, () -> map.put(FakeCluster.keyIn(4), "v"));
            assertEquals(
                    "PUT in map 'default': no answer from b (" + b.address() + ") within 300 ms", silent.getMessage());
            b.close();
            GridUnavailableException gone =
                    assertThrows(GridUnavailableException.class, () -> map.get(FakeCluster.keyIn(4)));
            assertEquals(
                    "GET in map 'default': not executed within 300 ms: no connection to b (" + b.address()
                            + "), the primary of partition 4",
                    gone.getMessage());
        }
    }

    @Test
    void aCallMayHaveADeadlineOfItsOwn() {
        cluster.agree(all, i -> a);
        try (GridClient grid = connect(a)) {
            GridMap<String, String> hurried = texts(grid).withDeadline(Duration.ofMillis(50));
            a.engine().mode = FakeEngine.Mode.SILENT;
            CompletableFuture<String> patient = texts(grid).async().get("k").toCompletableFuture();
            assertThrows(GridUnavailableException.class, () -> hurried.get("k"));
            assertThrows(OutcomeUnknownException.class, () -> hurried.put("k", "v"));
            assertThrows(GridUnavailableException.class, () -> hurried.getAll(List.of("k", "l")));
            assertThrows(OutcomeUnknownException.class, () -> hurried.putAll(Map.of("k", "v", "l", "v")));
            assertFalse(patient.isDone());
        }
    }

    @Test
    void whatDoesNotWaitEndsWithTheClient() {
        cluster.agree(all, i -> a);
        GridClient grid = connect(a);
        GridMap<String, String> map = texts(grid);
        a.engine().mode = FakeEngine.Mode.SILENT;
        CompletableFuture<String> get = map.async().get("k").toCompletableFuture();
        CompletableFuture<Long> put = map.async().put("k", "v").toCompletableFuture();
        CompletableFuture<Map<String, String>> many =
                map.async().getAll(List.of("k", "l")).toCompletableFuture();
        grid.close();
        thrown(GridUnavailableException.class, get);
        thrown(OutcomeUnknownException.class, put);
        thrown(GridUnavailableException.class, many);
        thrown(GridUnavailableException.class, map.async().get("k").toCompletableFuture());
        thrown(GridUnavailableException.class, map.async().size().toCompletableFuture());
    }

    /** All threads of the application, on one connection to each member. */
    @Test
    void manyThreadsShareOneConnection() throws Exception {
        agreeInTurn();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try (GridClient grid = connect(a, b)) {
            GridMap<String, String> map = texts(grid);
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                String name = "thread" + i;
                running.add(threads.submit(() -> {
                    for (int k = 0; k < 200; k++) {
                        map.put(name + ":" + k, name);
                        assertEquals(name, map.get(name + ":" + k));
                    }
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
            for (FakeMember member : all) {
                assertEquals(1, member.door().connections(), member.name());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aMembersOwnRefusalsKeepTheirGrade() {
        cluster.agree(all, i -> a);
        try (GridClient grid = connect(a)) {
            GridMap<String, String> map = texts(grid);
            a.engine().mode = FakeEngine.Mode.HOLD;
            CompletableFuture<Long> put = CompletableFuture.supplyAsync(() -> map.put("k", "v"));
            Await.until("it is held", () -> a.engine().held() == 1);
            a.engine().release(Result.refused(Status.OUT_OF_MEMORY, "no room in map 'default'"));
            GridUnavailableException e = thrown(GridUnavailableException.class, put);
            assertEquals("PUT in map 'default': no room in map 'default'", e.getMessage());
        }
    }

    @Test
    void connectingNamesTheContactsThatFailed() throws IOException {
        int nobody = FreePort.next();
        GridUnavailableException e = assertThrows(GridUnavailableException.class, () -> GridClient.builder()
                .contacts("127.0.0.1:" + nobody, a.address())
                .cluster("red")
                .deadline(Duration.ofMillis(300))
                .connect());
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("no contact let us in within 300 ms: 127.0.0.1:" + nobody + " ("), message);
        assertTrue(message.contains("refused"), message);
        assertTrue(
                message.endsWith(a.address() + " (this member belongs to the cluster 'fake', not to 'red')"), message);
        assertThrows(IllegalArgumentException.class, GridClient::connect);
        assertThrows(IllegalArgumentException.class, () -> GridClient.connect("nohost"));
    }

    @Test
    void connectingWaitsForAMemberThatHasJoined() {
        CompletableFuture<GridClient> connecting = CompletableFuture.supplyAsync(() -> connect(a));
        Await.until("a is dialed", () -> a.door().connections() == 1);
        assertFalse(connecting.isDone());
        agreeInTurn();
        try (GridClient grid = connecting.join()) {
            assertNull(texts(grid).get("k"));
        }
    }

    @Test
    void allMembersOfTheFormerClusterGoneAnotherOneAtTheContactIsFollowed() {
        cluster.agree(List.of(a), i -> a);
        int port = a.port();
        try (GridClient grid = connect(a);
                FakeCluster other = new FakeCluster(new Id(2, 2))) {
            GridMap<String, String> users = grid.map("users", String.class, String.class);
            grid.map("pages", String.class, String.class).put("k", "page");
            users.put("k", "1");
            a.close();
            FakeMember reborn = other.start("reborn", port);
            other.openMapFirst("pages", reborn);
            Await.until(
                    "the other is followed", () -> grid.members().get(0).name().equals("reborn"));
            assertNull(users.get("k"));
            users.put("k", "2");
            assertEquals("2", users.get("k"));
            assertNull(grid.map("pages", String.class, String.class).get("k"));
        }
    }

    @Test
    void aContactUnderAnotherNameIsNotDialedTwice() {
        agreeInTurn();
        try (GridClient grid = GridClient.connect("localhost:" + a.port())) {
            GridMap<String, String> map = texts(grid);
            for (int partition = 0; partition < FakeCluster.PARTITIONS; partition++) {
                map.put(FakeCluster.keyIn(partition), "v");
            }
            assertEquals(
                    List.of(1, 1, 1),
                    all.stream().map(m -> m.door().connections()).toList());
        }
        Await.until("all connections are closed", () -> all.stream()
                .allMatch(m -> m.door().connections() == 0));
    }

    @Test
    void closingEndsWhatWaitsAndRefusesWhatComes() {
        agreeInTurn();
        GridClient grid = connect(a);
        GridMap<String, String> map = texts(grid);
        all.forEach(member -> member.engine().mode = FakeEngine.Mode.SILENT);
        CompletableFuture<Long> put = CompletableFuture.supplyAsync(() -> map.put("k", "v"));
        Await.until("it is under way", () -> all.stream()
                .anyMatch(m -> m.engine().asked.get() > 0));
        grid.close();
        assertEquals(
                "PUT in map 'default': this client is closed",
                thrown(OutcomeUnknownException.class, put).getMessage());
        assertThrows(GridUnavailableException.class, () -> map.get("k"));
        assertThrows(GridUnavailableException.class, () -> grid.map("another"));
        grid.close();
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        cluster.agree(all, i -> a);
        try (GridClient grid = connect(a)) {
            GridMap<String, String> map = texts(grid);
            a.engine().mode = FakeEngine.Mode.SILENT;
            AtomicBoolean flag = new AtomicBoolean();
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                try {
                    map.put("k", "v");
                } catch (OutcomeUnknownException e) {
                    flag.set(Thread.currentThread().isInterrupted());
                    ended.complete(e);
                }
            });
            caller.start();
            Await.until("it is under way", () -> a.engine().asked.get() == 1);
            caller.interrupt();
            assertNotNull(ended.get());
            assertTrue(flag.get());
            caller.join();
        }
    }

    /** Threads that count while partitions move from member to member: no count is lost, none is doubled. */
    @Test
    void countsAreExactWhilePartitionsMove() {
        agreeInTurn();
        try (GridClient grid = connect(a)) {
            GridMap<String, Long> map = grid.map("default", String.class, Long.class);
            AtomicBoolean enough = new AtomicBoolean();
            List<CompletableFuture<Long>> counting = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String key = FakeCluster.keyIn(i);
                counting.add(CompletableFuture.supplyAsync(() -> {
                    long counted = 0;
                    while (!enough.get()) {
                        assertEquals(++counted, map.increment(key, 1));
                    }
                    return counted;
                }));
            }
            for (int move = 0; move < 100; move++) {
                int shift = move;
                int before = asked();
                cluster.agree(all, i -> all.get((i + shift) % 3));
                Await.until("some have moved", () -> asked() > before + 20);
            }
            enough.set(true);
            for (int i = 0; i < 4; i++) {
                assertEquals(counting.get(i).join(), map.get(FakeCluster.keyIn(i)));
            }
        }
    }

    private int asked() {
        return all.stream().mapToInt(member -> member.engine().asked.get()).sum();
    }
}
