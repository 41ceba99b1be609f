package io.ringgrid.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.Expiry;
import io.ringgrid.GridEntry;
import io.ringgrid.GridException;
import io.ringgrid.GridRequestException;
import io.ringgrid.GridUnavailableException;
import io.ringgrid.Near;
import io.ringgrid.NearFigures;
import io.ringgrid.ObjectTypes;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.Versioned;
import io.ringgrid.near.NearCache;
import io.ringgrid.near.NearMap;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TypedMapTest {
    private Operation asked = new Operation();
    private Result answer = Result.DONE;
    private long deadline;
    private final NearCache near = new NearCache();
    private long nanos;
    private long wall = 1_000_000;
    /** Answers at once, on the thread that asks. */
    private abstract class Answering implements Caller {
        @Override
        public void submit(String map, Operation op, long deadlineNanos, Consumer<Result> heard) {
            heard.accept(call(map, op, deadlineNanos));
        }

        @Override
        public <T> T await(CompletableFuture<T> future) {
            return future.join();
        }

        @Override
        public void elsewhere(Runnable work) {
            work.run();
        }

        @Override
        public int partitions() {
            return 4;
        }

        @Override
        public NearCache near() {
            return near;
        }

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long wallMillis() {
            return wall;
        }
    }

    private final Caller caller = new Answering() {
        @Override
        public Result call(String map, Operation op, long deadlineNanos) {
            assertEquals("m", map);
            asked = op;
            deadline = deadlineNanos;
            return answer;
        }
    };
    private final TypedMap<String, String> map = new TypedMap<>("m", String.class, String.class, caller);
    private final TypedMap<Long, Long> numbers = new TypedMap<>("m", Long.class, Long.class, caller);

    private void expect(Operation.Kind kind, Operation.Condition condition, long expiry, String key, String value) {
        assertEquals(kind, asked.kind);
        assertEquals(condition, asked.condition);
        assertEquals(expiry, asked.expiry);
        assertEquals(key, new String(asked.copyKey(), UTF_8));
        assertEquals(value, new String(asked.copyValue(), UTF_8));
        assertEquals(0, asked.flags);
    }

    @Test
    void reads() {
        answer = Result.found("v".getBytes(UTF_8), 0x52010000, 0, 77);
        assertEquals("v", map.get("k"));
        expect(Operation.Kind.GET, Operation.Condition.ALWAYS, 0, "k", "");
        assertEquals(new Versioned<>("v", 77), map.getVersioned("k"));
        assertTrue(map.containsKey("k"));
        answer = Result.MISSING;
        assertNull(map.get("k"));
        assertNull(map.getVersioned("k"));
        assertFalse(map.containsKey("k"));
    }

    @Test
    void writes() {
        answer = new Result(Status.DONE, null, 0, 0, 88, 0, "");
        assertEquals(88, map.put("k", "v"));
        expect(Operation.Kind.PUT, Operation.Condition.ALWAYS, Operation.NEVER, "k", "v");
        assertTrue(map.putIfAbsent("k", "v"));
        expect(Operation.Kind.PUT, Operation.Condition.IF_ABSENT, Operation.NEVER, "k", "v");
        assertTrue(map.replaceIfVersion("k", "v", 5));
        expect(Operation.Kind.PUT, Operation.Condition.IF_VERSION, Operation.KEEP, "k", "v");
        assertEquals(5, asked.version);
        assertTrue(map.removeIfVersion("k", 6));
        expect(Operation.Kind.REMOVE, Operation.Condition.IF_VERSION, 0, "k", "");
        assertEquals(6, asked.version);
        assertTrue(map.remove("k"));
        expect(Operation.Kind.REMOVE, Operation.Condition.ALWAYS, 0, "k", "");
        answer = Result.of(Status.EXISTS);
        assertFalse(map.putIfAbsent("k", "v"));
        assertFalse(map.replaceIfVersion("k", "v", 5));
        assertFalse(map.removeIfVersion("k", 5));
        answer = Result.MISSING;
        assertFalse(map.replaceIfVersion("k", "v", 5));
        assertFalse(map.removeIfVersion("k", 5));
        assertFalse(map.remove("k"));
    }

    @Test
    void conditionsAndExpiries() {
        answer = new Result(Status.DONE, null, 0, 0, 88, 0, "");
        assertTrue(map.replace("k", "v"));
        expect(Operation.Kind.PUT, Operation.Condition.IF_PRESENT, Operation.KEEP, "k", "v");
        assertTrue(map.replace("k", "v", Expiry.NEVER));
        expect(Operation.Kind.PUT, Operation.Condition.IF_PRESENT, Operation.NEVER, "k", "v");
        assertTrue(map.putIfAbsent("k", "v", Expiry.after(Duration.ofSeconds(1))));
        expect(Operation.Kind.PUT, Operation.Condition.IF_ABSENT, 1_001_000, "k", "v");
        assertTrue(map.replaceIfVersion("k", "v", 5, Expiry.NEVER));
        expect(Operation.Kind.PUT, Operation.Condition.IF_VERSION, Operation.NEVER, "k", "v");
        assertTrue(map.touch("k", Expiry.at(Instant.ofEpochMilli(77))));
        expect(Operation.Kind.TOUCH, Operation.Condition.ALWAYS, 77, "k", "");
        answer = Result.MISSING;
        assertFalse(map.replace("k", "v"));
        assertFalse(map.touch("k", Expiry.NEVER));
        assertNull(map.getEntry("k"));
        answer = Result.found("v".getBytes(UTF_8), 0, 5_000, 77);
        assertEquals(new GridEntry<>("k", "v", 77, Instant.ofEpochMilli(5_000)), map.getEntry("k"));
        answer = Result.found("v".getBytes(UTF_8), 0, 0, 77);
        assertEquals(new GridEntry<>("k", "v", 77, null), map.getEntry("k"));
    }

    @Test
    void manyKeysAndPartitions() {
        answer = Result.found("v".getBytes(UTF_8), 0, 0, 77);
        assertEquals(Map.of("a", "v", "b", "v"), map.getAll(List.of("a", "b")));
        assertEquals(Map.of(), map.getAll(List.of()));
        answer = Result.MISSING;
        assertEquals(Map.of(), map.getAll(List.of("a", "b")));
        answer = Result.number(Status.DONE, 3);
        assertEquals(12, map.size());
        assertEquals(Operation.Kind.SIZE, asked.kind);
        map.clear();
        assertEquals(Operation.Kind.CLEAR, asked.kind);
        assertEquals(3, asked.partition);
        map.putAll(Map.of("k", "v"), Expiry.NEVER);
        expect(Operation.Kind.PUT, Operation.Condition.ALWAYS, Operation.NEVER, "k", "v");
        answer = Result.refused(Status.UNAVAILABLE, "because");
        assertThrows(GridUnavailableException.class, () -> map.getAll(List.of("a")));
        assertThrows(GridUnavailableException.class, map::size);
        assertThrows(GridUnavailableException.class, map::clear);
    }

    @Test
    void aDeadlineIsForEachCallOfTheView() {
        answer = Result.MISSING;
        map.get("k");
        assertEquals(Caller.USUAL_DEADLINE, deadline);
        assertNull(map.withDeadline(Duration.ofMillis(30)).get("k"));
        assertEquals(30_000_000, deadline);
        map.withDeadline(Duration.ofMillis(40)).getAll(List.of("k"));
        assertEquals(40_000_000, deadline);
        assertThrows(IllegalArgumentException.class, () -> map.withDeadline(Duration.ZERO));
    }

    @Test
    void twinsEndAsTheOthersDo() {
        answer = Result.found("v".getBytes(UTF_8), 0, 0, 77);
        assertEquals("v", map.async().get("k").toCompletableFuture().join());
        assertEquals(
                Map.of("a", "v"),
                map.async().getAll(List.of("a")).toCompletableFuture().join());
        assertEquals(
                new Versioned<>("v", 77),
                map.async().getVersioned("k").toCompletableFuture().join());
        failsWith(GridRequestException.class, map.async().get(""));
        failsWith(GridRequestException.class, map.async().getAll(List.of("a", "")));
        answer = Result.refused(Status.OUTCOME_UNKNOWN, "because");
        failsWith(OutcomeUnknownException.class, map.async().put("k", "v"));
        failsWith(OutcomeUnknownException.class, map.async().putAll(Map.of("k", "v")));
        failsWith(OutcomeUnknownException.class, map.async().clear());
    }

    private static void failsWith(Class<? extends GridException> exception, CompletionStage<?> stage) {
        CompletionException e = assertThrows(
                CompletionException.class, () -> stage.toCompletableFuture().join());
        assertInstanceOf(exception, e.getCause());
    }

    @Test
    void expiries() {
        map.put("k", "v", Expiry.after(Duration.ofSeconds(3)));
        assertEquals(1_003_000, asked.expiry);
        map.put("k", "v", Expiry.after(Duration.ofMillis(Long.MAX_VALUE)));
        assertEquals(Long.MAX_VALUE, asked.expiry);
        map.put("k", "v", Expiry.at(Instant.ofEpochMilli(5)));
        assertEquals(5, asked.expiry);
        map.put("k", "v", Expiry.KEEP);
        assertEquals(Operation.KEEP, asked.expiry);
        map.put("k", "v", Expiry.NEVER);
        assertEquals(Operation.NEVER, asked.expiry);
    }

    @Test
    void counts() {
        answer = Result.number(Status.DONE, 12);
        assertEquals(12, numbers.increment(7L, -3));
        expect(Operation.Kind.INCREMENT, Operation.Condition.ALWAYS, Operation.KEEP, "7", "");
        assertEquals(-3, asked.delta);
        assertEquals(Operation.Counting.SIGNED, asked.counting);
    }

    @Test
    void wrongKeysAndNamesAreRefusedUnasked() {
        Operation before = asked;
        assertThrows(GridRequestException.class, () -> map.get(""));
        assertThrows(GridRequestException.class, () -> map.get("k".repeat(65_537)));
        assertThrows(GridRequestException.class, () -> new TypedMap<>("", String.class, String.class, caller));
        assertThrows(
                GridRequestException.class, () -> new TypedMap<>("é".repeat(128), String.class, String.class, caller));
        assertEquals(before, asked);
        answer = Result.MISSING;
        assertNull(map.get("k".repeat(65_536)));
    }

    @Test
    void eachStatusIsItsException() {
        expect(Status.OUTCOME_UNKNOWN, OutcomeUnknownException.class);
        expect(Status.UNAVAILABLE, GridUnavailableException.class);
        expect(Status.RETRY, GridUnavailableException.class);
        expect(Status.OUT_OF_MEMORY, GridUnavailableException.class);
        expect(Status.TOO_LARGE, GridRequestException.class);
        expect(Status.NOT_A_NUMBER, GridRequestException.class);
        expect(Status.OVERFLOW, GridRequestException.class);
        answer = Result.of(Status.FOUND);
        assertThrows(IllegalArgumentException.class, () -> map.put("k", "v"));
    }

    private void expect(Status status, Class<? extends GridException> exception) {
        answer = Result.refused(status, "because");
        assertEquals(
                "PUT in map 'm': because",
                assertThrows(exception, () -> map.put("k", "v")).getMessage());
        answer = Result.of(status);
        assertTrue(String.valueOf(assertThrows(exception, () -> map.get("k")).getMessage())
                        .length()
                > 25);
    }

    /** A map with a near-cache, whose member answers as the first reader of an epoch. */
    private TypedMap<String, String> kept(String value) {
        Id member = new Id(1, 1);
        near.connected(nanos, member);
        Caller keeping = new Answering() {
            private long correlations;

            @Override
            public Result call(String name, Operation op, long deadlineNanos) {
                asked = op;
                NearCache.Probe probe = near.sent(nanos, member, ++correlations, op);
                if (probe != null) {
                    near.probed(member, probe.correlation(), 0, true);
                }
                Result result =
                        Result.found(value.getBytes(UTF_8), 0, 1_500_000, 77).withNumber(1);
                if (op.keeper != null) {
                    near.answered(member, correlations, 0, result);
                }
                return result;
            }
        };
        return new TypedMap<>("m", String.class, String.class, ObjectTypes.NONE, Near.bounded(), keeping);
    }

    @Test
    void everyReadOfAKeyUsesWhatIsKept() {
        TypedMap<String, String> kept = kept("v");
        String first = kept.get("k");
        assertEquals("v", first);
        asked = new Operation();
        assertSame(first, kept.get("k"));
        assertEquals(new Versioned<>("v", 77), kept.getVersioned("k"));
        assertEquals(new GridEntry<>("k", "v", 77, Instant.ofEpochMilli(1_500_000)), kept.getEntry("k"));
        assertTrue(kept.containsKey("k"));
        assertEquals("v", kept.async().get("k").toCompletableFuture().join());
        assertEquals(
                77, kept.async().getVersioned("k").toCompletableFuture().join().version());
        assertTrue(kept.async().containsKey("k").toCompletableFuture().join());
        assertEquals(0, asked.keyLength, "nobody was asked");
        assertEquals(Map.of("k", "v", "l", "v"), kept.getAll(List.of("k", "l")));
        assertEquals("l", new String(asked.copyKey(), UTF_8));
        NearFigures figures = kept.nearFigures();
        assertEquals(8, figures.hits());
        assertEquals(2, figures.misses());
        assertEquals(2, figures.entries());
        nanos += NearCache.BOUND;
        assertEquals("v", kept.get("l"));
        assertEquals(3, kept.nearFigures().misses());
        assertEquals(NearFigures.NONE, map.nearFigures());
    }

    @Test
    void whatIsKeptExpires() {
        TypedMap<String, String> kept = kept("v");
        kept.get("k");
        wall = 1_499_999;
        kept.get("k");
        assertEquals(1, kept.nearFigures().misses());
        wall = 1_500_000;
        kept.get("k");
        assertEquals(2, kept.nearFigures().misses());
    }

    @Test
    void keysOfBytesAreKeptByWhatTheyHold() {
        kept("v");
        NearMap<byte[]> home = near.map("b", byte[].class, byte[].class, ObjectTypes.NONE, Near.bounded());
        byte[] key = {1, 2};
        Encoding<byte[]> bytes = Encoding.of(byte[].class);
        assertEquals(bytes.comparable(key.clone()), bytes.kept(key));
        Object keptKey = bytes.kept(key);
        key[0] = 9;
        assertEquals(bytes.comparable(new byte[] {1, 2}), keptKey);
        assertEquals(0, home.figures().entries());
    }
}
