package io.ringgrid.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.Expiry;
import io.ringgrid.Grid;
import io.ringgrid.GridMap;
import io.ringgrid.Near;
import io.ringgrid.NearFigures;
import io.ringgrid.client.GridClient;
import io.ringgrid.near.Invalidation;
import io.ringgrid.node.binary.Await;
import io.ringgrid.node.binary.RawClient;
import io.ringgrid.node.conformance.RealMembers;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Slots;
import io.ringgrid.store.Store;
import io.ringgrid.topology.Topology;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.NearCodec;
import io.ringgrid.wire.ResultCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.params.SetParams;

/** Near-caches in clients and in members, beside real members whose doors all write. */
class NearOfRealMembersTest {
    private static final int KEYS = 60;
    private static final int WRITES_TO_SLOW = 600;
    private static RealMembers real;
    private static GridClient writer;

    @BeforeAll
    static void start() throws IOException {
        real = RealMembers.start(3);
        writer = client();
    }

    @AfterAll
    static void stop() {
        writer.close();
        real.close();
    }

    private static GridClient client() {
        return GridClient.connect("127.0.0.1:" + real.members().get(0).port());
    }

    private static GridMap<String, String> near(Grid grid, String map) {
        return grid.map(map, String.class, String.class, Near.bounded());
    }

    private static int respPort(int member) {
        return Objects.requireNonNull(real.members().get(member).respPort());
    }

    /** Reads each key until it is answered near. */
    private static void warm(GridMap<String, String> near, List<String> keys) {
        Await.until(() -> "all are kept; " + near.nearFigures(), () -> {
            long misses = near.nearFigures().misses();
            keys.forEach(near::get);
            return near.nearFigures().misses() == misses;
        });
    }

    private static List<String> keys(String prefix) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < KEYS; i++) {
            keys.add(prefix + i);
        }
        return keys;
    }

    /** Each write of somebody else is seen, whoever reads: a client, and each member for its own keys and for others'. */
    @Test
    void everybodySeesWhatOthersWrite() {
        List<Grid> readers = new ArrayList<>(real.members());
        try (GridClient client = client()) {
            readers.add(client);
            GridMap<String, String> plain = writer.map("seen", String.class, String.class);
            List<String> keys = keys("k");
            keys.forEach(key -> plain.put(key, "0"));
            for (Grid reader : readers) {
                GridMap<String, String> near = near(reader, "seen");
                warm(near, keys);
                assertTrue(near.nearFigures().hits() >= KEYS);
            }
            for (int round = 1; round <= 3; round++) {
                String value = "" + round;
                keys.forEach(key -> plain.put(key, value));
                for (Grid reader : readers) {
                    GridMap<String, String> near = near(reader, "seen");
                    for (String key : keys) {
                        Await.until(
                                () -> key + " is " + value + ", not " + near.get(key),
                                () -> value.equals(near.get(key)));
                    }
                    warm(near, keys);
                }
            }
        }
    }

    @Test
    void whatIsWrittenHereIsReadHere() {
        List<Grid> readers = new ArrayList<>(real.members());
        try (GridClient client = client()) {
            readers.add(client);
            for (Grid reader : readers) {
                GridMap<String, String> near = near(reader, "own");
                GridMap<String, String> plain = reader.map("own", String.class, String.class);
                for (int i = 0; i < 300; i++) {
                    String key = "k" + i % 20;
                    (i % 3 == 0 ? plain : near).put(key, "v" + i);
                    assertEquals("v" + i, near.get(key));
                    assertEquals("v" + i, near.get(key));
                    if (i % 7 == 0) {
                        near.remove(key);
                        assertNull(near.get(key));
                    }
                }
            }
        }
    }

    /** All doors write into one keyspace. */
    @Test
    void whateverChangesAnEntryIsSeen() {
        try (GridClient client = client();
                Jedis jedis = new Jedis("127.0.0.1", respPort(1))) {
            GridMap<String, String> near = near(client, Grid.DEFAULT_MAP);
            GridMap<String, String> embedded = near(real.members().get(2), Grid.DEFAULT_MAP);
            Map<String, Runnable> changes = new HashMap<>();
            changes.put("set", () -> jedis.set("{d}set", "x"));
            changes.put("del", () -> jedis.del("{d}del"));
            changes.put("append", () -> jedis.append("{d}append", "x"));
            changes.put("setrange", () -> jedis.setrange("{d}setrange", 0, "x"));
            changes.put("incr", () -> jedis.incrBy("{d}incr", 1));
            changes.put("rename", () -> jedis.rename("{d}rename", "{d}renamed"));
            changes.put("multi", () -> {
                Transaction multi = jedis.multi();
                multi.set("{d}multi", "x");
                multi.set("{d}multi2", "x");
                multi.exec();
            });
            changes.put(
                    "expired",
                    () -> jedis.set("{d}expired", "x", SetParams.setParams().px(60)));
            changes.put("flush", () -> {
                try (Jedis other = new Jedis("127.0.0.1", respPort(0))) {
                    other.flushDB();
                }
            });
            for (String key : changes.keySet()) {
                for (GridMap<String, String> map : List.of(near, embedded)) {
                    writer.map(Grid.DEFAULT_MAP, String.class, String.class).put("{d}" + key, "7");
                    warm(map, List.of("{d}" + key));
                    assertEquals("7", map.get("{d}" + key));
                    changes.get(key).run();
                    Await.until(() -> key + " is seen; " + map.nearFigures(), () -> !"7".equals(map.get("{d}" + key)));
                }
                Await.until("it expires", () -> !key.equals("expired") || near.get("{d}" + key) == null);
            }
        }
    }

    @Test
    void anExpiryIsSeenWithoutAnybodysWrite() {
        try (GridClient client = client()) {
            GridMap<String, String> near = near(client, "expiring");
            GridMap<String, String> plain = writer.map("expiring", String.class, String.class);
            plain.put("k", "v", Expiry.after(Duration.ofSeconds(2)));
            long written = System.nanoTime();
            assertEquals("v", near.get("k"));
            long[] asked = {written, written};
            Await.until("it has expired", () -> {
                asked[0] = asked[1];
                asked[1] = System.nanoTime();
                return near.get("k") == null;
            });
            long last = asked[0] - written;
            assertTrue(last < 3_000_000_000L, "shown when asked for after " + last + " ns: older than the bound");
        }
    }

    @Test
    void itIsBoundedAndTells() {
        try (GridClient client = client()) {
            GridMap<String, byte[]> near = client.map(
                    "bounded", String.class, byte[].class, Near.bounded().maxEntries(10));
            for (String key : keys("b")) {
                near.put(key, new byte[100]);
                assertArrayEquals(new byte[100], near.get(key));
            }
            NearFigures figures = near.nearFigures();
            assertTrue(figures.entries() >= 1 && figures.entries() <= 10, figures.toString());
            assertTrue(figures.evictions() >= 1, figures.toString());
            assertEquals(KEYS, figures.misses());
            assertTrue(figures.bytes() >= 100 && figures.bytes() < 10 * 400, figures.toString());
            near.clear();
            assertNull(near.get("b1"));
            assertEquals(0, near.nearFigures().entries());
        }
    }

    private static Operation keyed(Kind kind, String key, byte[] value) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        Operation op = new Operation().reset(kind).key(bytes, 0, bytes.length).value(value, 0, value.length);
        op.partition = Slots.partitionOf(
                bytes, 0, bytes.length, writer.topology().settings().partitions());
        return op;
    }

    /** A bare connection to the primary of this key. */
    private static RawClient ofPrimary(Operation op) throws IOException {
        Topology topology = writer.topology();
        Topology.Member primary = Objects.requireNonNull(topology.member(
                Objects.requireNonNull(topology.partitions().get(op.partition).primary())));
        RawClient client = RawClient.welcomed(primary.port(), Hello.client(""));
        client.expect(Frame.TOPOLOGY);
        return client;
    }

    private static Invalidation heard(RawClient client, long number) throws IOException {
        RawClient.Received frame = client.expect(Frame.INVALIDATED);
        assertEquals(number, frame.correlation());
        return NearCodec.decode(new ByteReader(frame.body()));
    }

    @Test
    void aChangeIsToldBeforeItsWriterIsAnswered() throws IOException {
        Operation put = keyed(Kind.PUT, "told", new byte[] {1});
        Operation get = keyed(Kind.GET, "told", new byte[0]);
        get.keeper = Operation.Keeper.REMOTE;
        try (RawClient client = ofPrimary(put)) {
            client.request(1, true, put);
            assertEquals(Status.DONE, client.expect(Frame.ANSWER).result().status(), "followed by nobody");
            client.request(2, true, get);
            ByteReader kept = new ByteReader(client.expect(Frame.KEPT).body());
            assertEquals(0, kept.i64());
            Result found = ResultCodec.decode(kept);
            assertEquals(Status.FOUND, found.status());
            assertEquals(
                    writer.topology().partitions().get(get.partition).epoch(), found.number(), "the epoch it is of");
            client.request(3, true, put);
            client.send(Frame.PROBE, 9, out -> {});
            Invalidation told = heard(client, 1);
            assertEquals(Invalidation.Kind.KEY, told.kind());
            assertEquals(Store.hash(0, put.copyKey(), 0, put.keyLength), told.bits());
            RawClient.Received one = Objects.requireNonNull(client.receive());
            RawClient.Received other = Objects.requireNonNull(client.receive());
            assertEquals(Set.of(Frame.ANSWER, Frame.PROBED), Set.of(one.type(), other.type()));
            ByteReader probed = new ByteReader((one.type() == Frame.PROBED ? one : other).body());
            assertEquals(1, probed.i64());
            assertTrue(probed.bool(), "it holds a lease");
        }
    }

    /** What waits for who does not read is bounded: once it is told to forget everything, and then nothing. */
    @Test
    void whoDoesNotReadIsToldOnce() throws IOException {
        int large = 6 << 20;
        int count = 8;
        Operation put = keyed(Kind.PUT, "{slow}large", new byte[large]);
        Operation get = keyed(Kind.GET, "{slow}large", new byte[0]);
        Operation followed = keyed(Kind.GET, "{slow}small", new byte[0]);
        followed.keeper = Operation.Keeper.REMOTE;
        try (RawClient client = ofPrimary(put)) {
            long asked = 0;
            Status written;
            do {
                client.request(++asked, true, put);
                written = client.expect(Frame.ANSWER).result().status();
                // On a busy machine a lease may lapse while so much is copied.
            } while (written == Status.OUTCOME_UNKNOWN);
            assertEquals(Status.DONE, written);
            client.request(++asked, true, followed);
            client.expect(Frame.KEPT);
            for (int i = 0; i < count; i++) {
                client.request(++asked, true, get);
            }
            GridMap<String, String> plain = writer.map(Grid.DEFAULT_MAP, String.class, String.class);
            for (int i = 0; i < WRITES_TO_SLOW; i++) {
                plain.put("{slow}small", "v" + i);
            }
            int told = 0;
            int answers = 0;
            while (answers < count) {
                RawClient.Received next = Objects.requireNonNull(client.receive());
                if (next.type() == Frame.INVALIDATED) {
                    told++;
                } else if (next.result().status() == Status.RETRY) {
                    // A lease may lapse here too.
                    client.request(++asked, true, get);
                } else {
                    assertEquals(large, Objects.requireNonNull(next.result().value()).length);
                    answers++;
                }
            }
            client.send(Frame.PROBE, 9, out -> {});
            RawClient.Received next = Objects.requireNonNull(client.receive());
            while (next.type() == Frame.INVALIDATED) {
                told++;
                next = Objects.requireNonNull(client.receive());
            }
            assertEquals(Frame.PROBED, next.type());
            assertTrue(told < WRITES_TO_SLOW / 2, "told " + told + " times, and did not read");
        }
    }
}
