package io.ringgrid.replica;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.op.Attempt;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.sim.Canary;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Times;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.Settings;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One member that is asked the same twice. */
class ExactlyOnceTest {
    private static final long MILLI = 1_000_000;
    private static final long SESSION = 42;
    private static final Id SELF = new Id(1, 1);

    /** Keeps the answer, and brings a member's messages to itself back to it. */
    private final class Wires implements Outbox {
        private final ArrayDeque<PeerMessage> messages = new ArrayDeque<>();
        private Result answer = Result.of(Status.RETRY);

        @Override
        public void send(Id to, PeerMessage message) {
            messages.add(message);
        }

        @Override
        public void answer(long ticket, Result result) {
            answer = result;
        }

        @Override
        public void confirm(Replica replica, int epoch, boolean write, long ticket, Result result, Result otherwise) {
            boolean holds = write ? replica.confirmWrite(epoch, nanos, wall) : replica.confirm(epoch, nanos, wall);
            answer = holds ? result : otherwise;
        }

        @Override
        public void report(Report report) {}
    }

    private final Wires out = new Wires();
    private LocalMember member = create(Canary.NONE);
    private long nanos = -5_000 * MILLI;
    private long wall = 1_000_000;

    private static LocalMember create(Canary canary) {
        Member self = new Member(SELF, "one", "127.0.0.1", 7654, "", 1, Topology.MemberState.ACTIVE);
        return BrokenMember.create(canary, self, new Settings(1, 1, 1 << 20), Times.DEFAULT, 1 << 20, new Random(1));
    }

    private void start(Canary canary) {
        member = create(canary);
        pass(2000);
        assertEquals(Status.DONE, put("warm", Condition.ALWAYS, null).status());
    }

    private void pass(int millis) {
        for (int passed = 0; passed < millis; passed += 20) {
            nanos += 20 * MILLI;
            wall += 20;
            member.tick(nanos, wall, out);
            while (!out.messages.isEmpty()) {
                member.receive(nanos, wall, SELF, out.messages.remove(), out);
            }
        }
    }

    private Result ask(Operation op) {
        out.answer = Result.of(Status.RETRY);
        member.request(nanos, wall, op, 1, out);
        return out.answer;
    }

    private Operation op(Kind kind, String key, @Nullable Attempt attempt) {
        byte[] bytes = key.getBytes(UTF_8);
        Operation op = new Operation().reset(kind).key(bytes, 0, bytes.length);
        op.attempt = attempt;
        return op;
    }

    private Result put(String key, Condition condition, @Nullable Attempt attempt) {
        Operation op = op(Kind.PUT, key, attempt).value(new byte[] {'v'}, 0, 1);
        op.condition = condition;
        return ask(op);
    }

    private Attempt first(long number) {
        return new Attempt(SESSION, number, 1, false, Attempt.UNHEARD);
    }

    private Attempt again(long number) {
        return new Attempt(SESSION, number, 1, true, nanos);
    }

    /** A member of its own process: what it does not take at this moment was not executed, nor is it later. */
    @Test
    void whatIsNotExecutedAtOnceIsNotExecuted() {
        Operation increment = op(Kind.INCREMENT, "n", null);
        increment.delta = 1;
        member = create(Canary.NONE);
        Replica replica = member.replica(0);
        assertFalse(replica.tryRequest(nanos, wall, increment, false, 1, out), "it has not joined");
        pass(2000);
        assertTrue(replica.tryRequest(nanos, wall, increment, false, 1, out));
        assertEquals(1, out.answer.number());
        Operation get = op(Kind.GET, "n", null);
        assertTrue(replica.tryRequest(nanos, wall, increment, false, 1, out));
        assertEquals(2, out.answer.number());
        assertTrue(replica.tryRequest(nanos, wall, get, false, 1, out));
        assertEquals(Status.FOUND, out.answer.status());
    }

    @ParameterizedTest
    @CsvSource({"NONE, 1", "RETRY_EXECUTED_TWICE, 2"})
    void whatIsAskedAgainHasItsFirstAnswer(Canary canary, long counted) {
        start(canary);
        Result one = ask(op(Kind.INCREMENT, "n", null));
        assertEquals(0, one.number());
        Operation increment = op(Kind.INCREMENT, "n", first(1));
        increment.delta = 1;
        Result told = ask(increment);
        assertEquals(1, told.number());
        increment.attempt = again(1);
        Result repeated = ask(increment);
        assertEquals(counted, repeated.number());
        assertEquals(canary == Canary.NONE, told.version() == repeated.version());
        assertEquals(1, member.replica(0).repeated());
    }

    /** It comes behind the second, which has been told no: it must not win after all. */
    @ParameterizedTest
    @CsvSource({"NONE, EXISTS, MISSING", "REFUSAL_NOT_NOTED, DONE, FOUND"})
    void aLateFirstAttemptHearsWhatTheSecondOneWasTold(Canary canary, Status late, Status after) {
        start(canary);
        put("k", Condition.ALWAYS, null);
        assertEquals(Status.EXISTS, put("k", Condition.IF_ABSENT, again(7)).status());
        assertEquals(Status.DONE, ask(op(Kind.REMOVE, "k", null)).status());
        assertEquals(late, put("k", Condition.IF_ABSENT, first(7)).status());
        assertEquals(after, ask(op(Kind.GET, "k", null)).status());
    }

    @ParameterizedTest
    @CsvSource({"NONE, SESSION_EXPIRED", "FORGETTING_FORGOTTEN, DONE"})
    void whatMayBeForgottenIsNotExecuted(Canary canary, Status told) {
        start(canary);
        long before = nanos;
        pass(20);
        assertEquals(Status.DONE, put("k", Condition.ALWAYS, first(1)).status());
        pass(61_000);
        assertEquals(
                told,
                put("k", Condition.ALWAYS, new Attempt(SESSION, 1, 1, true, before))
                        .status());
        assertEquals(Status.DONE, put("k", Condition.ALWAYS, again(2)).status());
    }

    @Test
    void everyKindOfWriteIsKnownAgain() {
        start(Canary.NONE);
        long number = 0;
        for (Kind kind : List.of(
                Kind.PUT,
                Kind.TOUCH,
                Kind.APPEND,
                Kind.PREPEND,
                Kind.OVERWRITE,
                Kind.REMOVE,
                Kind.INCREMENT,
                Kind.CLEAR)) {
            number++;
            Operation op = op(kind, "all", first(number)).value(new byte[] {'5'}, 0, 1);
            op.expiry = kind == Kind.TOUCH ? wall + 1_000_000 : Operation.NEVER;
            Result told = ask(op);
            assertEquals(Status.DONE, told.status(), kind.toString());
            op.attempt = again(number);
            Result repeated = ask(op);
            assertEquals(told, repeated, kind.toString());
        }
        Operation transaction = op(Kind.TRANSACT, "all", first(++number));
        transaction.parts = List.of(op(Kind.PUT, "a", null), op(Kind.GET, "a", null));
        Result told = ask(transaction);
        assertEquals(2, told.parts().size());
        transaction.attempt = again(number);
        assertEquals(told, ask(transaction));
        Operation tooLarge = op(Kind.PUT, "all", again(++number)).value(new byte[2 << 20], 0, 2 << 20);
        assertEquals(Status.TOO_LARGE, ask(tooLarge).status());
        assertTrue(member.replica(0).repeated() >= number - 1);
    }
}
