package io.ringgrid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.sim.History.Condition;
import io.ringgrid.sim.History.Event;
import org.junit.jupiter.api.Test;

/** The judge of near reads before hand-made histories, in milliseconds. */
class NearLogTest {
    private final History history = new History();
    private final NearLog log = new NearLog();

    private static long at(long millis) {
        return millis * Simulation.MILLI;
    }

    private Event put(long version, long from, long to) {
        Event event = history.put("k", "v" + version, Condition.ALWAYS, 0, "w", at(from));
        event.done(version, at(to));
        return event;
    }

    private Event get(long version, long from, long to) {
        Event event = history.get("k", "r", at(from));
        if (version == 0) {
            event.missing(at(to));
        } else {
            event.found("v" + version, version, at(to));
        }
        return event;
    }

    private void hit(long version, long millis) {
        log.hit("r", "k", version, at(millis));
    }

    private void assertWrong(String word) {
        String violation = log.violation(history);
        assertTrue(violation.contains(word), "'" + violation + "' says nothing of " + word);
    }

    private void assertFine() {
        assertEquals("", log.violation(history));
    }

    @Test
    void withinTheBoundAnythingThatWas() {
        put(1, 0, 10);
        put(2, 20, 30);
        hit(1, 15);
        hit(1, 1030);
        hit(2, 5000);
        assertFine();
    }

    @Test
    void beyondTheBoundIsStale() {
        put(1, 0, 10);
        put(2, 20, 30);
        hit(1, 1050);
        assertWrong("stale for 1020 ms");
    }

    @Test
    void whatMayHaveBeenWrittenTheOtherWayRoundIsNotStale() {
        put(1, 0, 30);
        put(2, 20, 40);
        hit(1, 5000);
        assertFine();
    }

    @Test
    void aWriteOfUnknownOutcomeProvesNothing() {
        put(1, 0, 10);
        history.put("k", "v2", Condition.ALWAYS, 0, "w", at(20)).unknown();
        hit(1, 5000);
        assertFine();
    }

    @Test
    void aRemovalAndAReadThatFoundSomethingElseAreEvidence() {
        put(1, 0, 10);
        history.remove("k", Condition.ALWAYS, 0, "w", at(20)).done(0, at(30));
        hit(1, 1050);
        assertWrong("stale");
    }

    @Test
    void anAbsenceIsEvidence() {
        put(1, 0, 10);
        get(0, 20, 30);
        hit(1, 1050);
        assertWrong("stale");
    }

    @Test
    void aReadOfTheSameIsNoEvidenceButOneOfAnotherIs() {
        put(1, 0, 10);
        get(1, 20, 30);
        hit(1, 1060);
        assertFine();
        get(2, 31, 40);
        hit(1, 1060);
        assertWrong("stale for 1020 ms");
    }

    @Test
    void whoWasShownANewerVersionIsNotShownAnOlderOne() {
        put(1, 0, 10);
        put(2, 20, 30);
        hit(2, 40);
        hit(1, 50);
        assertWrong("backwards");
    }

    @Test
    void anotherReaderMayBeBehind() {
        put(1, 0, 10);
        put(2, 20, 30);
        log.hit("other", "k", 2, at(40));
        hit(1, 50);
        assertFine();
    }

    @Test
    void whoHasReadAtTheOwnerIsNotShownWhatWasGoneBefore() {
        put(1, 0, 10);
        put(2, 20, 30);
        log.heard("r", "k", get(0, 35, 40));
        hit(1, 50);
        assertWrong("backwards, after a read");
    }

    @Test
    void whoHasWrittenIsNotShownWhatWasThereBefore() {
        put(1, 0, 10);
        Event own = put(2, 20, 30);
        hit(1, 25);
        log.heard("r", "k", own);
        assertFine();
        hit(1, 31);
        assertWrong("backwards, after a write");
    }

    @Test
    void whatIsHeardAtTheSameTimeHasNoOrder() {
        put(1, 0, 10);
        put(2, 20, 30);
        hit(2, 40);
        hit(1, 40);
        assertFine();
    }
}
