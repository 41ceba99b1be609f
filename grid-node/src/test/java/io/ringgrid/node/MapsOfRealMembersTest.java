package io.ringgrid.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.Expiry;
import io.ringgrid.Grid;
import io.ringgrid.GridEntry;
import io.ringgrid.GridMap;
import io.ringgrid.GridRequestException;
import io.ringgrid.ObjectTypes;
import io.ringgrid.client.GridClient;
import io.ringgrid.memoize.Memoize;
import io.ringgrid.memoize.Memoized;
import io.ringgrid.node.binary.Await;
import io.ringgrid.node.binary.FreePort;
import io.ringgrid.node.conformance.RealMembers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole interface of a map, embedded and remote, with two real members; at last a third one joins. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MapsOfRealMembersTest {
    private static final int MANY = 3000;
    private static final ObjectTypes TYPES =
            ObjectTypes.NONE.with(1, User.class).with(2, Role.class);

    record User(String name, List<Role> roles) {}

    enum Role {
        READER,
        WRITER
    }

    record Stranger(String name) {}

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Map<String, Grid> grids = new HashMap<>();
    private String cluster = "";
    private List<Integer> ports = List.of();

    @BeforeAll
    void start() throws Exception {
        ports = FreePort.several(3);
        cluster = "maps-test-" + ports.get(0);
        GridNode a = member("a", 0);
        GridNode b = member("b", 1);
        GridClient client = GridClient.connect("127.0.0.1:" + a.port());
        opened.add(client);
        grids.put("embedded", b);
        grids.put("remote", client);
        Await.until(() -> "all copies are there; it is " + a.health(), () -> a.health()
                .safe());
    }

    @AfterAll
    void stop() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    private GridNode member(String name, int index) throws Exception {
        GridNode node = RealMembers.member(name, cluster, ports.get(index), ports);
        opened.add(node);
        return node;
    }

    private Grid grid(String how) {
        return Objects.requireNonNull(grids.get(how));
    }

    @ParameterizedTest
    @Order(1)
    @ValueSource(strings = {"embedded", "remote"})
    void oneKey(String how) {
        GridMap<String, String> map = grid(how).map("one-" + how, String.class, String.class);
        assertFalse(map.replace("k", "v"));
        assertFalse(map.touch("k", Expiry.NEVER));
        assertNull(map.getEntry("k"));
        assertTrue(map.putIfAbsent("k", "v", Expiry.after(Duration.ofMinutes(1))));
        GridEntry<String, String> first = Objects.requireNonNull(map.getEntry("k"));
        Instant expiry = Objects.requireNonNull(first.expiry());
        Instant now = Instant.now();
        assertTrue(expiry.isAfter(now) && expiry.isBefore(now.plusSeconds(61)), () -> expiry + " at " + now);
        assertTrue(map.replace("k", "w"));
        GridEntry<String, String> second = Objects.requireNonNull(map.getEntry("k"));
        assertEquals(expiry, second.expiry());
        assertNotEquals(first.version(), second.version());
        assertTrue(map.touch("k", Expiry.NEVER));
        GridEntry<String, String> third = Objects.requireNonNull(map.getEntry("k"));
        assertNull(third.expiry());
        assertEquals("w", third.value());
        assertTrue(map.replaceIfVersion("k", "x", third.version(), Expiry.after(Duration.ofMillis(50))));
        Await.until(() -> "it expires; it is " + map.getEntry("k"), () -> map.get("k") == null);
    }

    @ParameterizedTest
    @Order(1)
    @ValueSource(strings = {"embedded", "remote"})
    void whatNobodyUsesEnds(String how) {
        GridMap<String, String> map = grid(how).map("idle-" + how, String.class, String.class);
        map.put("unused", "v", Expiry.whenIdle(Duration.ofMillis(300)));
        map.put("kept", "v", Expiry.whenIdle(Duration.ofMinutes(1)));
        map.put("expires", "v", Expiry.after(Duration.ofMillis(200)).orIdle(Duration.ofMinutes(1)));
        map.put("touched", "v");
        assertTrue(map.touch("touched", Expiry.whenIdle(Duration.ofMillis(200))));
        // Without anybody's reading it: that would be a use.
        Await.until("only one is left", () -> map.size() == 1);
        assertEquals("v", map.get("kept"));
        assertNull(map.get("unused"));
    }

    @ParameterizedTest
    @Order(1)
    @ValueSource(strings = {"embedded", "remote"})
    void manyKeys(String how) {
        GridMap<Long, String> map = grid(how).map("many-" + how, Long.class, String.class);
        Map<Long, String> entries = new HashMap<>();
        for (long i = 0; i < MANY; i++) {
            entries.put(i, "value " + i);
        }
        map.putAll(entries, Expiry.after(Duration.ofMinutes(5)));
        assertEquals(entries, map.getAll(entries.keySet()));
        assertEquals(Map.of(5L, "value 5"), map.getAll(List.of(5L, -1L)));
        assertEquals(MANY, map.size());
        Set<Long> keys = new HashSet<>();
        map.keys().forEach(key -> assertTrue(keys.add(key), () -> key + " came twice"));
        assertEquals(entries.keySet(), keys);
        Map<Long, String> seen = new HashMap<>();
        map.entries().forEach(entry -> {
            assertTrue(entry.expiry() != null && entry.version() != 0);
            seen.put(entry.key(), entry.value());
        });
        assertEquals(entries, seen);
        map.clear();
        assertEquals(0, map.size());
        assertFalse(map.keys().iterator().hasNext());
    }

    @ParameterizedTest
    @Order(1)
    @ValueSource(strings = {"embedded", "remote"})
    void whatDoesNotWaitEndsWhereWaitingIsAllowed(String how) {
        GridMap<String, String> map = grid(how).map("async-" + how, String.class, String.class);
        List<CompletableFuture<Long>> puts = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            puts.add(map.async().put("k" + i, "v" + i).toCompletableFuture());
        }
        puts.forEach(CompletableFuture::join);
        assertEquals(MANY, map.async().size().toCompletableFuture().join());
        String chained = map.async()
                .get("k1")
                .thenApply(value -> {
                    assertFalse(
                            Thread.currentThread().getName().startsWith("ringgrid"),
                            Thread.currentThread().getName());
                    // A call that waits, from a completion.
                    return value + map.get("k2");
                })
                .toCompletableFuture()
                .join();
        assertEquals("v1v2", chained);
        map.async().putAll(Map.of("a", "1", "b", "2")).toCompletableFuture().join();
        assertEquals(
                Map.of("a", "1", "b", "2"),
                map.async()
                        .getAll(List.of("a", "b", "none"))
                        .toCompletableFuture()
                        .join());
        CompletionException wrong = assertThrows(CompletionException.class, () -> map.async()
                .increment("a", Long.MAX_VALUE)
                .toCompletableFuture()
                .join());
        assertInstanceOf(GridRequestException.class, wrong.getCause());
        map.async().clear().toCompletableFuture().join();
        assertEquals(0, map.size());
    }

    @ParameterizedTest
    @Order(1)
    @ValueSource(strings = {"embedded", "remote"})
    void objectsOfTheApplication(String how) {
        GridMap<String, User> users = grid(how).map("users", String.class, User.class, TYPES);
        User ada = new User("Ada", List.of(Role.READER, Role.WRITER));
        users.put("ada-" + how, ada);
        for (Grid each : grids.values()) {
            assertEquals(ada, each.map("users", String.class, User.class, TYPES).get("ada-" + how));
        }
        GridMap<String, Object> any = grid(how).map("users", String.class, Object.class, TYPES);
        String problem = String.valueOf(assertThrows(GridRequestException.class, () -> any.put("x", new Stranger("?")))
                .getMessage());
        assertTrue(problem.contains(Stranger.class.getName()) && problem.contains("ObjectTypes.with("), problem);
        grid(how).map("users", String.class, String.class).put("text-" + how, "plain");
        assertThrows(GridRequestException.class, () -> users.get("text-" + how));
        assertThrows(GridRequestException.class, () -> grid(how).map("users", String.class, User.class));
    }

    @Test
    @Order(1)
    void aResultIsComputedOnceAtATimeInTheWholeCluster() throws Exception {
        AtomicInteger computing = new AtomicInteger();
        AtomicInteger calls = new AtomicInteger();
        Function<Long, String> slow = number -> {
            assertEquals(1, computing.incrementAndGet(), "two compute the same");
            calls.incrementAndGet();
            Await.until("the others ask as well", () -> calls.get() > 0);
            computing.decrementAndGet();
            return "result " + number;
        };
        List<Memoized<Long, String>> memos = new ArrayList<>();
        for (Grid each : grids.values()) {
            memos.add(Memoize.grid(
                    each.map("results", Long.class, String.class),
                    each.map("claims", Long.class, String.class),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(20),
                    slow));
        }
        for (long round = 0; round < 20; round++) {
            long number = round;
            List<CompletableFuture<String>> asked = new ArrayList<>();
            for (int thread = 0; thread < 6; thread++) {
                Memoized<Long, String> memo = memos.get(thread % 2);
                asked.add(CompletableFuture.supplyAsync(() -> memo.apply(number)));
            }
            for (CompletableFuture<String> result : asked) {
                assertEquals("result " + number, result.get());
            }
        }
        assertEquals(20, calls.get());
        assertEquals(
                120,
                memos.stream()
                        .mapToLong(memo ->
                                memo.statistics().hits() + memo.statistics().misses())
                        .sum());
        memos.get(0).invalidate(3L);
        assertEquals("result 3", memos.get(1).apply(3L));
        assertEquals(21, calls.get());
        assertEquals(0, grid("remote").map("claims", Long.class, String.class).size());
    }

    @Test
    @Order(1)
    void whatIsInvalidatedWhileItIsComputedIsNotRemembered() {
        GridMap<Long, String> results = grid("embedded").map("stale", Long.class, String.class);
        GridMap<Long, String> claims = grid("embedded").map("stale-claims", Long.class, String.class);
        List<Memoized<Long, String>> memo = new ArrayList<>();
        memo.add(Memoize.grid(results, claims, number -> {
            memo.get(0).invalidate(number);
            return "from before";
        }));
        assertEquals("from before", memo.get(0).apply(1L));
        assertNull(results.get(1L));
    }

    /** Positions mean the same to each copy, so a scan goes on at whoever holds the partition now. */
    @Test
    @Order(2)
    void iterationSurvivesRebalancing() throws Exception {
        GridMap<Long, String> map = grid("remote").map("moving", Long.class, String.class);
        Map<Long, String> entries = new HashMap<>();
        for (long i = 0; i < 20_000; i++) {
            entries.put(i, "x");
        }
        map.putAll(entries);
        Set<Long> seen = new HashSet<>();
        Iterator<Long> keys = map.keys().iterator();
        for (int i = 0; i < 100; i++) {
            seen.add(keys.next());
        }
        GridNode c = member("c", 2);
        Await.until(
                () -> "the third member has its share; it is " + c.health(),
                () -> c.health().safe() && c.health().entries() > 0);
        while (keys.hasNext()) {
            Long key = keys.next();
            assertTrue(seen.add(key), () -> key + " came twice");
        }
        assertEquals(entries.keySet(), seen);
    }
}
