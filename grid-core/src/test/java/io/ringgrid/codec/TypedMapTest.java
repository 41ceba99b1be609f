package io.ringgrid.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.Expiry;
import io.ringgrid.GridException;
import io.ringgrid.GridRequestException;
import io.ringgrid.GridUnavailableException;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.Versioned;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TypedMapTest {
    private Operation asked = new Operation();
    private Result answer = Result.DONE;
    private final Caller caller = new Caller() {
        @Override
        public Result call(String map, Operation op) {
            assertEquals("m", map);
            asked = op;
            return answer;
        }

        @Override
        public long wallMillis() {
            return 1_000_000;
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
}
