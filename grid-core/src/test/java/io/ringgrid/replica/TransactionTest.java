package io.ringgrid.replica;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.store.Space;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.ByteWriter;
import io.ringgrid.wire.PeerCodec;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A transaction over a copy's entries, and what becomes of it on another copy. */
class TransactionTest {
    private static final int LIMIT = 100;
    private static final long WALL = 1_000;

    private final Copy copy = new Copy(new Space(1 << 20), 1 << 14);

    TransactionTest() {
        copy.restart(0, 0, 0, 0, false);
    }

    private static Operation part(Kind kind, String key, String value) {
        byte[] keyBytes = key.getBytes(UTF_8);
        byte[] valueBytes = value.getBytes(UTF_8);
        return new Operation().reset(kind).key(keyBytes, 0, keyBytes.length).value(valueBytes, 0, valueBytes.length);
    }

    private static Operation check(Condition condition, String key) {
        Operation check = part(Kind.CHECK, key, "");
        check.condition = condition;
        return check;
    }

    private static Operation transact(Operation... parts) {
        Operation op = part(Kind.TRANSACT, "any", "");
        op.parts = List.of(parts);
        return op;
    }

    private Transaction transaction(Operation op) {
        return new Transaction(
                op,
                (get, into) -> copy.store.peek(get.map, get.keyBytes, get.keyOffset, get.keyLength, into),
                0,
                WALL,
                LIMIT,
                2 * LIMIT);
    }

    private Result execute(Operation op) {
        Transaction transaction = transaction(op);
        long seq = copy.applied() + 1;
        Result result = transaction.decide(op, Version.pack(1, seq));
        Mutation effect = transaction.effect(seq);
        if (effect != null) {
            copy.apply(0, effect);
        }
        return result;
    }

    private static String value(Copy of, String key) {
        EntryCursor entry = new EntryCursor();
        byte[] bytes = key.getBytes(UTF_8);
        return of.store.peek(0, bytes, 0, bytes.length, entry) ? new String(entry.copyValue(), UTF_8) : "none";
    }

    private static List<Status> statuses(Result result) {
        return result.parts().stream().map(Result::status).toList();
    }

    @Test
    void eachPartSeesWhatThoseBeforeHaveDone() {
        Operation add = part(Kind.INCREMENT, "a", "");
        add.delta = 2;
        Result result = execute(transact(
                part(Kind.PUT, "a", "5"),
                add,
                part(Kind.GET, "a", ""),
                part(Kind.REMOVE, "a", ""),
                part(Kind.GET, "a", ""),
                part(Kind.APPEND, "b", "x"),
                part(Kind.APPEND, "b", "y")));
        assertEquals(
                List.of(Status.DONE, Status.DONE, Status.FOUND, Status.DONE, Status.MISSING, Status.DONE, Status.DONE),
                statuses(result));
        assertArrayEquals("7".getBytes(UTF_8), result.parts().get(2).value());
        assertEquals("none", value(copy, "a"));
        assertEquals("xy", value(copy, "b"));
        assertEquals(1, copy.applied(), "one step of the stream");
    }

    @Test
    void aCheckThatFailsStopsEverythingAroundIt() {
        execute(transact(part(Kind.PUT, "a", "1")));
        Result result = execute(transact(check(Condition.IF_ABSENT, "a"), part(Kind.PUT, "b", "2")));
        assertEquals(Status.EXISTS, result.status());
        assertEquals("none", value(copy, "b"));
        result = execute(transact(check(Condition.IF_PRESENT, "b"), part(Kind.PUT, "b", "2")));
        assertEquals(Status.MISSING, result.status());
        result = execute(transact(
                transact(check(Condition.IF_ABSENT, "a"), part(Kind.PUT, "c", "3")), part(Kind.PUT, "d", "4")));
        assertEquals(List.of(Status.EXISTS, Status.DONE), statuses(result), "a part stops only itself");
        assertEquals("none", value(copy, "c"));
        assertEquals("4", value(copy, "d"));
    }

    @Test
    void copiesAndRenames() {
        execute(transact(part(Kind.PUT, "a", "1")));
        Result result =
                execute(transact(part(Kind.COPY, "b", "a"), part(Kind.RENAME, "c", "b"), part(Kind.RENAME, "x", "b")));
        assertEquals(List.of(Status.DONE, Status.DONE, Status.MISSING), statuses(result));
        assertEquals("1", value(copy, "a"));
        assertEquals("none", value(copy, "b"));
        assertEquals("1", value(copy, "c"));
        Operation absent = part(Kind.COPY, "c", "a");
        absent.condition = Condition.IF_ABSENT;
        assertEquals(List.of(Status.EXISTS), statuses(execute(transact(absent))));
        assertEquals(List.of(Status.DONE), statuses(execute(transact(part(Kind.RENAME, "a", "a")))));
        assertEquals("1", value(copy, "a"));
    }

    @Test
    void whatChangesOrReturnsTooMuchIsRefusedAsAWhole() {
        String value = "v".repeat(90);
        Result result =
                execute(transact(part(Kind.PUT, "a", value), part(Kind.PUT, "b", value), part(Kind.PUT, "c", value)));
        assertEquals(Status.TOO_LARGE, result.status());
        execute(transact(part(Kind.PUT, "a", value)));
        Operation[] gets = new Operation[3];
        Arrays.fill(gets, part(Kind.GET, "a", ""));
        assertEquals(Status.TOO_LARGE, execute(transact(gets)).status());
        assertEquals("none", value(copy, "b"));
    }

    @Test
    void whatIsTooMuchIsNotEvaluatedToItsEnd() {
        execute(transact(part(Kind.PUT, "a", "v".repeat(LIMIT - 1))));
        Operation[] rewrites = new Operation[Transaction.MAX_PARTS];
        Arrays.fill(rewrites, part(Kind.OVERWRITE, "a", "x"));
        assertEquals(Status.TOO_LARGE, execute(transact(rewrites)).status());
        assertEquals("v".repeat(LIMIT - 1), value(copy, "a"));
        Operation[] few = Arrays.copyOf(rewrites, 16);
        assertEquals(Status.DONE, execute(transact(few)).status());
        assertEquals("x" + "v".repeat(LIMIT - 2), value(copy, "a"));
        Operation[] sums = new Operation[Transaction.MAX_PARTS];
        Arrays.fill(sums, part(Kind.ADD, "a", "1"));
        assertEquals(Status.TOO_LARGE, execute(transact(sums)).status());
    }

    @Test
    void malformedOnesAreNamed() {
        assertNull(obstacle(transact(check(Condition.IF_ABSENT, "a"), part(Kind.PUT, "b", ""))));
        assertNotNull(obstacle(transact(part(Kind.PUT, "b", ""), check(Condition.IF_ABSENT, "a"))));
        assertNotNull(obstacle(transact(part(Kind.PUT, "elsewhere", ""))));
        assertNotNull(obstacle(transact(part(Kind.COPY, "a", "elsewhere"))));
        assertNotNull(obstacle(transact(transact(part(Kind.GET, "elsewhere", "")))));
        assertNotNull(obstacle(transact(part(Kind.PUT, "a", "v".repeat(101)))));
    }

    private static @Nullable String obstacle(Operation op) {
        return Transaction.obstacle(op, key -> key.keyLength == 1, LIMIT, 2 * LIMIT);
    }

    /** Whatever part of the stream another copy gets, it has all of a transaction or nothing. */
    @Test
    void anotherCopyHasAllOfItOrNothing() {
        Copy other = new Copy(new Space(1 << 20), 1 << 14);
        other.restart(0, 0, 0, 0, false);
        MutationLog log = new MutationLog();
        for (int i = 1; i <= 20; i++) {
            Operation op = i % 3 == 0
                    ? transact(part(Kind.REMOVE, "a", ""), part(Kind.REMOVE, "b", ""))
                    : transact(part(Kind.PUT, "a", "v" + i), part(Kind.PUT, "b", "v" + i));
            Transaction transaction = transaction(op);
            transaction.decide(op, Version.pack(1, copy.applied() + 1));
            Mutation effect = transaction.effect(copy.applied() + 1);
            assertNotNull(effect);
            copy.apply(0, effect);
            log.add(effect);
        }
        while (other.applied() < copy.applied()) {
            StreamMessage.Mutations message = new StreamMessage.Mutations(0, 1, 0, log.after(other.applied(), 1));
            ByteWriter bytes = new ByteWriter(100);
            PeerCodec.encode(message, bytes);
            StreamMessage.Mutations heard =
                    (StreamMessage.Mutations) PeerCodec.decode(new ByteReader(bytes.toByteArray()));
            assertEquals(1, heard.mutations().size());
            assertFalse(new Outcome(heard.mutations(), other.store).growth() > 2L * (LIMIT + 1000));
            other.apply(0, heard.mutations().get(0));
            assertEquals(value(other, "a"), value(other, "b"), "after " + other.applied());
        }
        assertEquals(value(copy, "a"), value(other, "a"));
    }
}
