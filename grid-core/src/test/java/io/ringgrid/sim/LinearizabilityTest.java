package io.ringgrid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.sim.History.Condition;
import io.ringgrid.sim.History.Event;
import io.ringgrid.sim.Linearizability.Report;
import io.ringgrid.sim.Linearizability.Verdict;
import org.junit.jupiter.api.Test;

/** The judge is judged: by hand-made histories, by histories that really happened, and by every order of tiny ones. */
final class LinearizabilityTest {
    private static final int NEVER = -1;

    private final History history = new History();
    private Linearizability judge = new Linearizability();

    private Event put(long from, long to, String value, long version) {
        Event event = history.put("k", value, Condition.ALWAYS, 0, "", from);
        if (to != NEVER) {
            event.done(version, to);
        }
        return event;
    }

    private Event cas(long from, String value, long expected) {
        return history.put("k", value, Condition.IF_VERSION, expected, "", from);
    }

    private void get(long from, long to, String value, long version) {
        history.get("k", "", from).found(value, version, to);
    }

    private void miss(long from, long to) {
        history.get("k", "", from).missing(to);
    }

    private void remove(long from, long to) {
        Event event = history.remove("k", Condition.ALWAYS, 0, "", from);
        if (to != NEVER) {
            event.done(0, to);
        }
    }

    private void increment(long from, long to, long number, long version) {
        Event event = history.increment("k", 1, "", from);
        if (to != NEVER) {
            event.counted(number, version, to);
        }
    }

    private void append(long from, long to, String piece, long length, long version) {
        Event event = history.extend(true, "k", piece, Condition.ALWAYS, 0, "", from);
        if (to != NEVER) {
            event.extended(length, version, to);
        }
    }

    private Report judged(Verdict expected) {
        Report report = judge.check(history);
        assertEquals(expected, report.verdict(), report::explanation);
        return report;
    }

    private void good() {
        judged(Verdict.OK);
    }

    private void bad() {
        judged(Verdict.VIOLATION);
    }

    @Test
    void whatIsTakenWasThere() {
        put(1, 2, "a", 7);
        history.remove("k", Condition.ALWAYS, 0, "", 3).took("a", 4);
        judge.check(history).assertOk();
        put(5, 6, "b", 8);
        history.remove("k", Condition.ALWAYS, 0, "", 7).took("a", 8);
        assertEquals(Verdict.VIOLATION, judge.check(history).verdict());
    }

    @Test
    void whatNeedsAnEntryCountsFromNothingNever() {
        history.increment("k", 1, Condition.IF_PRESENT, "", 1).missing(2);
        increment(3, 4, 1, 7);
        history.increment("k", 1, Condition.IF_PRESENT, "", 5).counted(2, 8, 6);
        judge.check(history).assertOk();
        history.increment("k", 1, Condition.IF_PRESENT, "", 7).missing(8);
        assertEquals(Verdict.VIOLATION, judge.check(history).verdict());
    }

    @Test
    void aConditionThatIsNotMetFindsNothingOrAnotherVersion() {
        cas(1, "a", 7).notMet(2);
        put(3, 4, "b", 8);
        cas(5, "c", 7).notMet(6);
        judge.check(history).assertOk();
        cas(7, "d", 8).notMet(8);
        assertEquals(Verdict.VIOLATION, judge.check(history).verdict());
    }

    @Test
    void aLengthThatIsNotToldIsAnyLength() {
        append(1, 2, "ab", -1, 7);
        append(3, 4, "c", 3, 8);
        judge.check(history).assertOk();
    }

    @Test
    void aHistoryOneAfterTheOtherIsGood() {
        miss(1, 2);
        put(3, 4, "a", 10);
        get(5, 6, "a", 10);
        cas(7, "b", 10).done(11, 8);
        cas(9, "c", 10).exists(10);
        get(11, 12, "b", 11);
        remove(13, 14);
        miss(15, 16);
        cas(17, "d", 11).missing(18);
        history.put("k", "e", Condition.IF_PRESENT, 0, "", 19).missing(20);
        history.put("k", "f", Condition.IF_ABSENT, 0, "", 21).done(12, 22);
        history.put("k", "g", Condition.IF_ABSENT, 0, "", 23).exists(24);
        history.increment("k", 1, "", 25).notANumber(26);
        history.remove("k", Condition.IF_VERSION, 11, "", 27).exists(28);
        history.remove("k", Condition.IF_VERSION, 12, "", 29).done(0, 30);
        increment(31, 32, 1, 13);
        get(33, 34, "1", 13);
        good();
    }

    @Test
    void whatOverlapsMayTakeEffectInEitherOrder() {
        put(1, 10, "a", 10);
        put(2, 9, "b", 11);
        get(3, 8, "a", 10);
        get(11, 12, "b", 11);
        good();
    }

    @Test
    void aReadOfTheValueBeforeIsStale() {
        put(1, 2, "a", 10);
        put(3, 4, "b", 11);
        get(5, 6, "a", 10);
        bad();
    }

    @Test
    void readsDoNotGoBack() {
        put(1, 2, "a", 10);
        put(3, 20, "b", 11);
        get(5, 6, "b", 11);
        get(7, 8, "a", 10);
        bad();
    }

    @Test
    void anAcknowledgedWriteIsNotLost() {
        put(1, 2, "a", 10);
        miss(3, 4);
        bad();
    }

    @Test
    void nobodyReadsWhatNobodyWrote() {
        put(1, 2, "a", 10);
        get(3, 4, "b", 11);
        bad();
    }

    @Test
    void nobodyReadsWhatWasSurelyRefused() {
        put(1, 2, "a", 10);
        put(3, NEVER, "b", 0).refused();
        get(5, 6, "b", 11);
        bad();
    }

    @Test
    void nobodyReadsAFailedCompareAndSet() {
        put(1, 2, "a", 10);
        cas(3, "b", 9).exists(4);
        get(5, 6, "b", 11);
        bad();
    }

    @Test
    void theSameVersionIsSetOnceOnly() {
        put(1, 2, "a", 10);
        cas(3, "b", 10).done(11, 8);
        cas(4, "c", 10).done(12, 9);
        bad();
    }

    @Test
    void aCompareAndSetFailsOnlyForAReason() {
        put(1, 2, "a", 10);
        cas(3, "b", 10).exists(4);
        bad();
    }

    @Test
    void aDeletedEntryIsNotResurrected() {
        put(1, 2, "a", 10);
        remove(3, 4);
        miss(5, 6);
        get(7, 8, "a", 10);
        bad();
    }

    @Test
    void anIncrementCountsOnce() {
        increment(1, 2, 1, 10);
        increment(3, 4, 3, 11);
        bad();
    }

    @Test
    void twoIncrementsDoNotComeToTheSame() {
        increment(1, 10, 1, 10);
        increment(2, 9, 1, 11);
        bad();
    }

    @Test
    void anAddSucceedsOnceUnlessRemoved() {
        history.put("k", "a", Condition.IF_ABSENT, 0, "", 1).done(10, 5);
        history.put("k", "b", Condition.IF_ABSENT, 0, "", 2).done(11, 6);
        bad();
    }

    @Test
    void twoWritesDoNotHaveTheSameVersion() {
        put(1, 2, "a", 10);
        remove(3, 4);
        put(5, 6, "b", 10);
        String explanation = judged(Verdict.VIOLATION).explanation();
        assertTrue(explanation.contains("two writes have the same version"), explanation);
    }

    @Test
    void aVersionOfAnUnknownWriteDoesNotRepeatEither() {
        put(1, NEVER, "a", 0);
        put(2, NEVER, "a", 0);
        get(3, 4, "a", 50);
        put(5, 6, "b", 51);
        get(7, 8, "a", 50);
        bad();
    }

    @Test
    void twoUnknownWritesHaveTwoVersions() {
        put(1, NEVER, "a", 0);
        put(2, NEVER, "a", 0);
        get(3, 4, "a", 50);
        put(5, 6, "b", 51);
        get(7, 8, "a", 52);
        good();
    }

    @Test
    void anUnknownWriteMayTakeEffectLate() {
        put(1, NEVER, "late", 0);
        put(2, 3, "a", 10);
        get(4, 5, "a", 10);
        get(6, 7, "late", 11);
        good();
    }

    @Test
    void anUnknownWriteTakesEffectOnce() {
        put(1, NEVER, "late", 0);
        get(2, 3, "late", 11);
        put(4, 5, "a", 12);
        get(6, 7, "late", 13);
        bad();
    }

    @Test
    void anUnknownIncrementCountsOnceOrNever() {
        increment(1, 2, 1, 10);
        increment(3, NEVER, 0, 0);
        increment(4, 5, 2, 11);
        increment(6, 7, 4, 12);
        good();
        increment(8, 9, 6, 13);
        bad();
    }

    @Test
    void anUnknownWriteIsNotSeenBeforeItWasAsked() {
        get(1, 2, "a", 10);
        put(3, NEVER, "a", 0);
        bad();
    }

    @Test
    void anUnknownRemoveMayOrMayNotHappen() {
        put(1, 2, "a", 10);
        remove(3, NEVER);
        get(4, 5, "a", 10);
        miss(6, 7);
        good();
        get(8, 9, "a", 10);
        bad();
    }

    @Test
    void anUnknownCompareAndSetNeedsItsVersion() {
        put(1, 2, "a", 10);
        put(3, 4, "b", 11);
        cas(5, "c", 10).unknown();
        get(6, 7, "c", 12);
        bad();
    }

    @Test
    void aVersionThatWasSaidNotToBeThereIsNotThere() {
        put(1, NEVER, "a", 0);
        get(2, 3, "a", 0);
        cas(4, "b", 50).exists(5);
        get(6, 7, "a", 50);
        bad();
    }

    @Test
    void entriesMayVanishOnlyWhereThatIsAllowed() {
        put(1, 2, "a", 10);
        get(3, 4, "a", 10);
        miss(5, 6);
        bad();
        judge = new Linearizability(true, 1000);
        good();
        get(7, 8, "a", 10);
        bad();
    }

    @Test
    void whatVanishedCountsFromNothing() {
        judge = new Linearizability(true, 1000);
        increment(1, 2, 1, 10);
        increment(3, 4, 2, 11);
        increment(5, 6, 1, 12);
        history.put("k", "a", Condition.IF_ABSENT, 0, "", 7).done(13, 8);
        good();
        increment(9, 10, 3, 14);
        bad();
    }

    @Test
    void aSearchWithoutEndIsUndecided() {
        judge = new Linearizability(false, 1000);
        for (int i = 0; i < 30; i++) {
            history.increment("k", 1L << i, "", 1);
        }
        get(2, 3, "-1", 99);
        Report report = judged(Verdict.UNDECIDED);
        assertTrue(report.explanation().contains("states"), report.explanation());
        assertThrows(AssertionError.class, report::assertOk);
    }

    @Test
    void keysAreJudgedApart() {
        put(1, 2, "a", 10);
        history.get("other", "", 3).missing(4);
        good();
        history.get("other", "", 5).found("a", 10, 6);
        assertEquals("other", judged(Verdict.VIOLATION).key());
    }

    @Test
    void explainsWhatDoesNotFit() {
        put(1, 2, "a", 10);
        get(3, 4, "a", 10);
        put(5, 6, "b", 11);
        get(7, 8, "b", 11);
        get(9, 10, "a", 10);
        put(11, 12, "c", 12);
        assertEquals("""
                key k is not linearizable
                this does not fit:
                  [9 … 10] GET -> 'a' version 10
                what returned before it fits, for example in this order:
                  [1 … 2] PUT 'a' -> done, version 10
                  [3 … 4] GET -> 'a' version 10
                  [5 … 6] PUT 'b' -> done, version 11
                  [7 … 8] GET -> 'b' version 11
                after which there is 'b' version 11
                these together are not linearizable:
                  [1 … 2] PUT 'a' -> done, version 10
                  [5 … 6] PUT 'b' -> done, version 11
                  [9 … 10] GET -> 'a' version 10""", judged(Verdict.VIOLATION).explanation());
    }

    @Test
    void answersThatMakeNoSenseAreRefused() {
        Event get = history.get("k", "", 5);
        assertThrows(IllegalArgumentException.class, () -> get.exists(6));
        assertThrows(IllegalArgumentException.class, () -> get.missing(4));
        get.missing(6);
        assertThrows(IllegalStateException.class, () -> get.missing(7));
        Event put = put(7, NEVER, "a", 0);
        assertThrows(IllegalArgumentException.class, () -> put.missing(8));
    }

    @Test
    void whatHappenedIsAlwaysAccepted() {
        Seeds.forEach(1, 3000, random -> {
            boolean mayVanish = random.nextInt(4) == 0;
            int values = 1 + random.nextInt(20);
            int unknown = random.nextInt(60);
            History happened = new RandomHistory(random, values, mayVanish)
                    .make(20 + random.nextInt(300), 1 + random.nextInt(12), unknown);
            Report report = new Linearizability(mayVanish, 5_000_000).check(happened);
            assertEquals(Verdict.OK, report.verdict(), report::explanation);
        });
    }

    @Test
    void liesAreMostlyFound() {
        int[] verdicts = new int[3];
        Seeds.forEach(1, 2000, random -> {
            History truth = new RandomHistory(random, 50, false).make(150, 4, 20);
            History lie = RandomHistory.withOneLie(truth, random);
            if (lie != null) {
                switch (judge.check(lie).verdict()) {
                    case OK -> verdicts[0]++;
                    case VIOLATION -> verdicts[1]++;
                    case UNDECIDED -> verdicts[2]++;
                }
            }
        });
        String figures = verdicts[0] + " accepted, " + verdicts[1] + " found, " + verdicts[2] + " undecided";
        System.out.println("one lie in 150 events: " + figures);
        assertTrue(verdicts[1] > 9 * verdicts[0], figures);
        assertTrue(verdicts[2] * 100 < verdicts[1], figures);
    }

    @Test
    void judgesAsEveryOrderWould() {
        int[] verdicts = new int[2];
        Seeds.forEach(1, 60_000, random -> {
            boolean mayVanish = random.nextInt(3) == 0;
            History made = new RandomHistory(random, 2, mayVanish)
                    .make(3 + random.nextInt(4), 1 + random.nextInt(3), random.nextInt(500));
            int lies = random.nextInt(3);
            for (int i = 0; i < lies; i++) {
                History lie = RandomHistory.withOneLie(made, random);
                made = lie == null ? made : lie;
            }
            boolean expected = BruteForce.isLinearizable(made.events("k"), mayVanish);
            Report report = new Linearizability(mayVanish, 1_000_000).check(made);
            History judged = made;
            assertEquals(
                    expected ? Verdict.OK : Verdict.VIOLATION,
                    report.verdict(),
                    () -> judged.events("k") + " " + mayVanish + " " + report.explanation());
            verdicts[expected ? 0 : 1]++;
        });
        assertTrue(Math.min(verdicts[0], verdicts[1]) > 10_000, () -> verdicts[0] + " good, " + verdicts[1] + " bad");
    }

    @Test
    void whatIsAppendedIsReadBehindWhatWasThere() {
        append(1, 2, "a", 1, 10);
        append(3, NEVER, "b", 0, 0);
        history.extend(false, "k", "c", Condition.IF_PRESENT, 0, "", 5).extended(3, 12, 6);
        get(7, 8, "cab", 12);
        remove(9, 10);
        history.extend(true, "k", "d", Condition.IF_PRESENT, 0, "", 11).missing(12);
        good();
    }

    @Test
    void appendingTwiceIsBad() {
        put(1, 2, "a", 10);
        append(3, 4, "b", 2, 11);
        get(5, 6, "abb", 11);
        bad();
    }

    @Test
    void aLengthThatForgetsAnAppendIsBad() {
        put(1, 2, "a", 10);
        append(3, 4, "b", 2, 11);
        append(5, 6, "c", 2, 12);
        bad();
    }
}
