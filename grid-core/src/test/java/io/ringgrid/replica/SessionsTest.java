package io.ringgrid.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.op.Attempt;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a copy knows of callers' requests, and when it says that it no longer does. */
class SessionsTest {
    private static final int ROOM = 16 << 10;
    private static final long ALICE = 1;
    private static final long BOB = 2;
    private static final Result SEVEN = Result.number(Status.DONE, 7);

    private final Sessions sessions = new Sessions(ROOM);
    private long seq;

    private void put(long session, long number, long below, long nanos) {
        sessions.put(new Row(session, number, below, SEVEN), ++seq, nanos);
    }

    private static Attempt first(long session, long number) {
        return new Attempt(session, number, 1, false, Attempt.UNHEARD);
    }

    private static Attempt again(long session, long number, long since) {
        return new Attempt(session, number, 1, true, since);
    }

    private void assertExpired(Attempt attempt) {
        Result answer = sessions.answer(attempt);
        assertNotNull(answer);
        assertEquals(Status.SESSION_EXPIRED, answer.status());
    }

    @Test
    void whatWasExecutedIsAnsweredAndAllElseIsExecuted() {
        put(ALICE, 5, 5, 100);
        assertSame(SEVEN, sessions.answer(first(ALICE, 5)));
        assertSame(SEVEN, sessions.answer(again(ALICE, 5, Attempt.UNHEARD)));
        assertNull(sessions.answer(first(ALICE, 6)));
        assertNull(sessions.answer(again(ALICE, 6, 50)));
        assertNull(sessions.answer(first(BOB, 5)));
        assertEquals(2, sessions.repeated());
    }

    @Test
    void whatItsSessionHasBeenToldIsNeitherKeptNorExecuted() {
        put(ALICE, 5, 5, 100);
        put(ALICE, 6, 5, 110);
        put(ALICE, 9, 6, 120);
        assertExpired(first(ALICE, 5));
        assertSame(SEVEN, sessions.answer(first(ALICE, 6)));
        assertEquals(
                List.of(6L, 9L),
                sessions.rows().stream()
                        .map(note -> Objects.requireNonNull(note.row()).number())
                        .toList());
    }

    @Test
    void whoIsNotHeardOfIsForgottenAndOnlyWhoMayBeMeantIsRefused() {
        put(ALICE, 1, 1, 100);
        put(BOB, 1, 1, 150);
        sessions.forget(200, 60);
        assertNull(sessions.answer(first(ALICE, 1)), "a first attempt comes once");
        assertExpired(again(ALICE, 1, 90));
        assertExpired(again(ALICE, 2, 100));
        assertExpired(again(ALICE, 2, Attempt.UNHEARD));
        assertNull(sessions.answer(again(ALICE, 2, 101)), "it was first sent after all that is forgotten");
        assertSame(SEVEN, sessions.answer(again(BOB, 1, 90)));
    }

    @Test
    void aCopyThatStartsAnewKnowsNothingOfTheTimeBefore() {
        put(ALICE, 1, 1, 100);
        sessions.restart(500);
        assertExpired(again(ALICE, 1, 499));
        assertNull(sessions.answer(again(ALICE, 1, 501)));
    }

    @Test
    void aCopyThatIsFilledKnowsWhatItsPrimaryKnows() {
        put(ALICE, 1, 1, 100);
        put(ALICE, 3, 3, 110);
        put(BOB, 1, 2, 120);
        Sessions filled = new Sessions(ROOM);
        sessions.rows().forEach(note -> filled.put(Objects.requireNonNull(note.row()), note.seq(), 200));
        assertSame(SEVEN, filled.answer(again(ALICE, 3, 50)));
        assertNotNull(filled.answer(again(ALICE, 1, 150)));
        assertNotNull(filled.answer(again(BOB, 1, 150)), "it has been answered, though there is no row");

        sessions.restart(10_000);
        sessions.inherit(10_500, 1_000);
        assertExpired(again(ALICE, 1, 9_500));
        assertExpired(again(ALICE, 1, 9_510));
        assertNull(sessions.answer(again(ALICE, 1, 9_511)), "the clocks' drift is allowed for");
        assertEquals(490, sessions.forgottenFor(10_000));
        put(ALICE, 1, 1, 10_600);
        sessions.forget(10_700, 50);
        sessions.inherit(10_800, 5_000);
        assertExpired(again(ALICE, 1, 10_600));
    }

    @Test
    void clocksMayBeNegative() {
        sessions.restart(-500);
        assertExpired(again(ALICE, 1, -501));
        assertNull(sessions.answer(again(ALICE, 1, -499)));
    }

    @Test
    void theRoomIsBoundedByManySessionsAndByOne() {
        for (long session = 1; session <= 1000; session++) {
            put(session, 1, 1, session);
        }
        int kept = sessions.rows().size();
        assertTrue(kept > 30 && kept * 160 < ROOM, "kept " + kept);
        assertSame(SEVEN, sessions.answer(again(1000, 1, 1)));
        assertExpired(again(1, 1, 0));
        for (long number = 1; number <= 1000; number++) {
            put(ALICE, number, 1, 1000 + number);
        }
        kept = sessions.rows().size();
        assertTrue(kept > 30 && kept * 100 < ROOM, "kept " + kept);
        assertSame(SEVEN, sessions.answer(again(ALICE, 1000, 1)));
        assertExpired(again(ALICE, 1, 1500));
        assertNull(sessions.answer(again(ALICE, 1001, 2001)));
    }

    @Test
    void aLargeAnswerIsNotKeptButThatItWasExecutedIs() {
        Result large = Result.found(new byte[Row.MAX_RESULT_BYTES + 1], 0, 0, 1);
        sessions.put(Row.of(first(ALICE, 1), large), 1, 100);
        assertExpired(again(ALICE, 1, 200));
        Result small = Result.found(new byte[Row.MAX_RESULT_BYTES], 0, 0, 1);
        sessions.put(Row.of(first(ALICE, 2), small), 2, 100);
        assertSame(small, sessions.answer(again(ALICE, 2, 0)));
    }
}
