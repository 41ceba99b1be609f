package io.ringgrid.replica;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.replica.Evaluation.Decision;
import io.ringgrid.replica.Evaluation.Effect;
import io.ringgrid.store.EntryCursor;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationTest {
    private static final int LIMIT = 8;
    private static final long WALL = 1_000;
    private static final long VERSION = Version.pack(1, 7);

    private final EntryCursor entry = new EntryCursor();

    EvaluationTest() {
        entry.show("cd".getBytes(UTF_8), 5, 9_000, 0, VERSION);
    }

    private static Operation op(Kind kind, String value) {
        byte[] bytes = ("<" + value + ">").getBytes(UTF_8);
        Operation op = new Operation().reset(kind).value(bytes, 1, bytes.length - 2);
        op.flags = 3;
        return op;
    }

    private Decision decide(Operation op, boolean present) {
        return Evaluation.decide(op, present ? entry : null, 0, WALL, LIMIT);
    }

    private static void assertPut(Decision decision, String value, int flags, long expiry) {
        assertEquals(Effect.PUT, decision.effect());
        assertEquals(value, new String(decision.value(), UTF_8));
        assertEquals(flags, decision.flags());
        assertEquals(expiry, decision.expiry());
        assertEquals(Status.DONE, decision.result().status());
        assertEquals(expiry, decision.result().expiry());
    }

    private static void assertNothing(Decision decision, Status status) {
        assertEquals(Effect.NOTHING, decision.effect());
        assertEquals(status, decision.result().status());
    }

    @Test
    void whatIsAppendedKeepsFlagsAndExpiry() {
        Decision behind = decide(op(Kind.APPEND, "ef"), true);
        assertPut(behind, "cdef", 5, 9_000);
        assertEquals(4, behind.result().number());
        assertNull(behind.result().value());
        assertPut(decide(op(Kind.PREPEND, "ab"), true), "abcd", 5, 9_000);
        assertPut(decide(op(Kind.APPEND, ""), true), "cd", 5, 9_000);
    }

    @Test
    void appendingToNothingMakesAnEntryUnlessOneIsAskedFor() {
        Operation append = op(Kind.APPEND, "ef");
        append.expiry = Operation.KEEP;
        Decision created = decide(append, false);
        assertPut(created, "ef", 3, Operation.NEVER);
        assertEquals(2, created.result().number());
        append.expiry = 5_000;
        assertPut(decide(append, false), "ef", 3, 5_000);
        append.condition = Condition.IF_PRESENT;
        assertNothing(decide(append, false), Status.MISSING);
        assertPut(decide(append, true), "cdef", 5, 9_000);
        append.condition = Condition.IF_VERSION;
        append.version = 1;
        assertNothing(decide(append, false), Status.MISSING);
        assertNothing(decide(append, true), Status.EXISTS);
        append.version = Version.visible(0, VERSION);
        assertPut(decide(append, true), "cdef", 5, 9_000);
    }

    @Test
    void aValueDoesNotGrowBeyondTheLimit() {
        assertPut(decide(op(Kind.APPEND, "efghij"), true), "cdefghij", 5, 9_000);
        Decision tooLarge = decide(op(Kind.PREPEND, "efghijk"), true);
        assertNothing(tooLarge, Status.TOO_LARGE);
        assertEquals("a value has at most 8 bytes, not 9", tooLarge.result().reason());
    }

    @Test
    void aTouchAnswersTheEntryIfItIsWanted() {
        Operation touch = op(Kind.TOUCH, "");
        touch.expiry = 7_000;
        touch.wantsOld = true;
        Decision touched = decide(touch, true);
        assertPut(touched, "cd", 5, 7_000);
        assertArrayEquals("cd".getBytes(UTF_8), touched.result().value());
        assertEquals(5, touched.result().flags());

        touch.expiry = Operation.KEEP;
        Decision kept = decide(touch, true);
        assertNothing(kept, Status.DONE);
        assertEquals(
                new Result(Status.DONE, kept.result().value(), 5, 9_000, Version.visible(0, VERSION), 0, ""),
                kept.result());
        assertArrayEquals("cd".getBytes(UTF_8), kept.result().value());

        touch.expiry = WALL;
        Decision ended = decide(touch, true);
        assertEquals(Effect.REMOVE, ended.effect());
        assertArrayEquals("cd".getBytes(UTF_8), ended.result().value());

        touch.wantsOld = false;
        assertNull(decide(touch, true).result().value());
        touch.expiry = 7_000;
        assertPut(decide(touch, true), "cd", 5, 7_000);
        assertNull(decide(touch, true).result().value());
        assertNothing(decide(touch, false), Status.MISSING);
    }

    @Test
    void howLongAnEntryMayBeIdleIsKeptWhereItsExpiryIs() {
        entry.idle = 70;
        for (Kind kind : List.of(Kind.APPEND, Kind.OVERWRITE, Kind.TOUCH)) {
            Operation op = op(kind, "x");
            op.expiry = 7_000;
            assertEquals(70, decide(op, true).idle(), kind.toString());
        }
        Operation put = op(Kind.PUT, "x");
        assertEquals(0, decide(put, true).idle());
        put.idle = 30;
        assertEquals(30, decide(put, true).idle());
        put.expiry = Operation.KEEP;
        assertEquals(70, decide(put, true).idle());
        assertEquals(0, decide(put, false).idle());
        Operation touch = op(Kind.TOUCH, "");
        touch.expiry = Operation.KEEP;
        touch.idle = 30;
        assertEquals(30, decide(touch, true).idle());
        touch.idle = 70;
        assertNothing(decide(touch, true), Status.DONE);
    }

    @Test
    void overwriteFillsWithZeros() {
        Operation op = op(Kind.OVERWRITE, "xy");
        op.delta = 1;
        assertPut(decide(op, true), "cxy", 5, 9_000);
        op.delta = 4;
        assertPut(decide(op, true), "cd\0\0xy", 5, 9_000);
        assertEquals(6, decide(op, true).result().number());
        assertPut(decide(op, false), "\0\0\0\0xy", 3, 0);
        op.delta = LIMIT - 1;
        assertEquals(Status.TOO_LARGE, decide(op, true).result().status());
        op.delta = Long.MAX_VALUE;
        assertEquals(Status.TOO_LARGE, decide(op, true).result().status());
    }

    private Status touch(Condition condition, long present, long wanted) {
        entry.expiry = present;
        Operation op = op(Kind.TOUCH, "");
        op.condition = condition;
        op.expiry = wanted;
        return decide(op, true).result().status();
    }

    @Test
    void conditionsOnAnExpiry() {
        assertEquals(Status.DONE, touch(Condition.IF_LASTING, 0, 5_000));
        assertEquals(Status.EXISTS, touch(Condition.IF_LASTING, 9_000, 5_000));
        assertEquals(Status.DONE, touch(Condition.IF_EXPIRING, 9_000, 0));
        assertEquals(Status.EXISTS, touch(Condition.IF_EXPIRING, 0, 0));
        assertEquals(Status.DONE, touch(Condition.IF_LATER, 9_000, 9_001));
        assertEquals(Status.EXISTS, touch(Condition.IF_LATER, 9_000, 9_000));
        assertEquals(Status.EXISTS, touch(Condition.IF_LATER, 0, 9_000));
        assertEquals(Status.DONE, touch(Condition.IF_SOONER, 9_000, 8_999));
        assertEquals(Status.DONE, touch(Condition.IF_SOONER, 0, 9_000));
        assertEquals(Status.EXISTS, touch(Condition.IF_SOONER, 9_000, 9_000));
        assertEquals(Status.EXISTS, touch(Condition.IF_EXPIRING_AND_SOONER, 0, 9_000));
        assertEquals(Status.DONE, touch(Condition.IF_EXPIRING_AND_SOONER, 9_000, 8_000));
    }
}
