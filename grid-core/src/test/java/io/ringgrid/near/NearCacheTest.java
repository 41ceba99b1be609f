package io.ringgrid.near;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.Near;
import io.ringgrid.NearFigures;
import io.ringgrid.ObjectTypes;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.sim.Seeds;
import io.ringgrid.store.Store;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rules of what may be shown, one by one. */
class NearCacheTest {
    private static final Id A = new Id(1, 1);
    private static final Id B = new Id(2, 2);
    private static final int MAP = 7;
    private static final int PARTITION = 3;
    private static final long MILLI = 1_000_000;

    private final NearCache cache = new NearCache();
    private final Map<Id, Long> numbers = new HashMap<>();
    private NearMap<String> map = cache.map("m", String.class, String.class, ObjectTypes.NONE, Near.bounded());
    private long now = 5_000 * MILLI;
    /** By how many milliseconds the wall clock is ahead. */
    private long slept;

    private long lastCorrelation;

    @BeforeEach
    void connect() {
        connect(A);
        connect(B);
    }

    private void connect(Id member) {
        cache.connected(now, member);
        numbers.put(member, 0L);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static long hash(String key) {
        return Store.hash(MAP, bytes(key), 0, bytes(key).length);
    }

    private static Operation op(Kind kind, String key) {
        Operation op = new Operation().reset(kind).key(bytes(key), 0, bytes(key).length);
        op.map = MAP;
        op.partition = PARTITION;
        return op;
    }

    /** Asks a member, which answers a probe at once if there is one; returns the request's correlation. */
    private long ask(Id member, String key) {
        Operation get = op(Kind.GET, key);
        get.keeper = map.wish(key, bytes(key).length);
        long correlation = ++lastCorrelation;
        NearCache.Probe probe = cache.sent(now, member, correlation, get);
        if (probe != null) {
            probed(probe, true);
        }
        return correlation;
    }

    private long number(Id member) {
        return numbers.getOrDefault(member, 0L);
    }

    private void probed(NearCache.Probe probe, boolean leased) {
        cache.probed(probe.member(), probe.correlation(), number(probe.member()), leased);
    }

    private static Result found(String value, int epoch, long version, long expiry) {
        return Result.found(bytes(value), 0, expiry, version).withNumber(epoch);
    }

    private void answer(Id member, long correlation, String value, int epoch) {
        cache.answered(member, correlation, number(member), found(value, epoch, 100 + epoch, 0));
    }

    private void keep(Id member, String key, String value, int epoch) {
        answer(member, ask(member, key), value, epoch);
    }

    private void tell(Id member, Invalidation.Kind kind, long bits) {
        cache.invalidated(member, numbers.merge(member, 1L, Long::sum), new Invalidation(kind, MAP, PARTITION, bits));
    }

    private @Nullable String shown(String key) {
        NearEntry<String> entry = map.find(key, now);
        return entry == null ? null : entry.value((value, flags) -> new String(value, UTF_8));
    }

    private long wall() {
        return now / MILLI + slept;
    }

    private void beat() {
        cache.tick(now, wall()).forEach(probe -> probed(probe, true));
    }

    @Test
    void whatIsKeptIsShownAsOneObject() {
        assertNull(shown("k"));
        keep(A, "k", "v", 1);
        assertEquals("v", shown("k"));
        assertSame(shown("k"), shown("k"));
        NearEntry<String> entry = map.find("k", now);
        assertNotNull(entry);
        assertEquals(101, entry.version());
        assertEquals(1, map.figures().entries());
    }

    @Test
    void theObjectThatACallerHasMadeIsTheOneThatIsShown() {
        Operation get = op(Kind.GET, "k");
        NearMap.Wish<String> wish = map.wish("k", 1);
        get.keeper = wish;
        NearCache.Probe probe = cache.sent(now, A, 1, get);
        assertNotNull(probe);
        probed(probe, true);
        cache.answered(A, 1, 0, found("v", 1, 5, 0));
        String other = new String("other");
        wish.made(other, 4);
        assertEquals("v", shown("k"), "an object of another version");
        String mine = new String("v");
        Operation again = op(Kind.GET, "l");
        NearMap.Wish<String> second = map.wish("l", 1);
        again.keeper = second;
        cache.sent(now, A, 2, again);
        cache.answered(A, 2, 0, found("v", 1, 5, 0));
        second.made(mine, 5);
        assertSame(mine, shown("l"));
    }

    @Test
    void aChangeEndsTheEntryAndWhatIsUnderWay() {
        keep(A, "k", "v", 1);
        keep(A, "other", "v", 1);
        long early = ask(A, "k");
        tell(A, Invalidation.Kind.KEY, hash("k"));
        assertNull(shown("k"));
        answer(A, early, "v", 1);
        assertNull(shown("k"), "it was read before the change");
        assertEquals("v", shown("other"));
        keep(A, "k", "w", 1);
        assertEquals("w", shown("k"));
        assertEquals(1, map.figures().invalidations());
    }

    @Test
    void anAnswerThatNobodyReadAsPrimaryIsNotKept() {
        long correlation = ask(A, "k");
        cache.answered(A, correlation, 0, Result.found(bytes("v"), 0, 0, 5));
        assertNull(shown("k"));
        cache.answered(A, ask(A, "k"), 0, Result.of(Status.RETRY));
        assertNull(shown("k"));
        long once = ask(A, "k");
        answer(A, once, "v", 1);
        tell(A, Invalidation.Kind.KEY, hash("k"));
        answer(A, once, "v", 1);
        assertNull(shown("k"), "a second answer to one request");
    }

    @Test
    void aMissingNumberEndsEverythingOfThatConnection() {
        keep(A, "k", "v", 1);
        keep(B, "l", "v", 1);
        long early = ask(A, "m");
        numbers.merge(A, 1L, Long::sum);
        tell(A, Invalidation.Kind.KEY, hash("unknown"));
        assertNull(shown("k"));
        assertEquals("v", shown("l"));
        answer(A, early, "v", 1);
        assertNull(shown("m"));
        keep(A, "k", "v", 1);
        assertEquals("v", shown("k"));
    }

    @Test
    void anAnswerThatNamesAMissingNumberIsAGapToo() {
        keep(A, "k", "v", 1);
        long correlation = ask(A, "l");
        numbers.put(A, 4L);
        answer(A, correlation, "v", 1);
        assertNull(shown("k"));
        assertNull(shown("l"));
        keep(A, "k", "v", 1);
        numbers.put(A, 5L);
        now += NearCache.HEARTBEAT;
        beat();
        assertNull(shown("k"), "a probe's answer names it");
    }

    @Test
    void whatComesLateOrTwiceChangesNothing() {
        tell(A, Invalidation.Kind.KEY, hash("x"));
        keep(A, "k", "v", 1);
        cache.invalidated(A, 1, new Invalidation(Invalidation.Kind.KEY, MAP, PARTITION, hash("k")));
        assertEquals("v", shown("k"));
    }

    /** While a machine sleeps the monotonic clock may stand still; the world does not. */
    @Test
    void afterASleepNothingIsShownBeforeAProbeIsAnswered() {
        keep(A, "k", "v", 1);
        beat();
        now += 10 * MILLI;
        beat();
        assertEquals("v", shown("k"));
        slept = 3_600_000;
        now += 10 * MILLI;
        List<NearCache.Probe> due = cache.tick(now, wall());
        assertNull(shown("k"));
        due.forEach(probe -> probed(probe, true));
        assertEquals("v", shown("k"));
    }

    @Test
    void aReservationEndsWithItsConnection() {
        long correlation = ask(A, "k");
        assertEquals(1, cache.reserved());
        cache.disconnected(A);
        assertEquals(0, cache.reserved());
        connect(A);
        answer(A, correlation, "v", 1);
        assertNull(shown("k"));
        ask(A, "k");
        connect(A);
        assertEquals(0, cache.reserved());
    }

    @Test
    void silenceHidesAndAnAnswerShowsAgain() {
        keep(A, "k", "v", 1);
        now += NearCache.BOUND - 1;
        assertEquals("v", shown("k"));
        now += 1;
        assertNull(shown("k"));
        beat();
        assertEquals("v", shown("k"), "nothing was missing");
    }

    @Test
    void freshnessCountsFromTheSendingOfTheProbe() {
        keep(A, "k", "v", 1);
        now += NearCache.HEARTBEAT;
        List<NearCache.Probe> due = cache.tick(now, wall());
        assertEquals(1, due.size(), "only who is followed is probed");
        assertEquals(A, due.get(0).member());
        assertTrue(cache.tick(now, wall()).isEmpty());
        now += 600 * MILLI;
        probed(due.get(0), true);
        now += 399 * MILLI;
        assertEquals("v", shown("k"));
        now += MILLI;
        assertNull(shown("k"));
        probed(due.get(0), true);
        assertNull(shown("k"), "an old answer proves nothing new");
    }

    @Test
    void whoHoldsNoLeaseVouchesForNothing() {
        keep(A, "k", "v", 1);
        long early = ask(A, "l");
        now += NearCache.HEARTBEAT;
        cache.tick(now, wall()).forEach(probe -> probed(probe, false));
        assertNull(shown("k"));
        answer(A, early, "v", 1);
        assertNull(shown("l"));
    }

    @Test
    void aNewerEpochEndsOlderOnes() {
        keep(A, "k", "old", 4);
        keep(A, "l", "old", 4);
        long late = ask(A, "m");
        cache.answered(B, ask(B, "x"), 0, Result.MISSING.withNumber(5));
        assertNull(shown("k"));
        assertNull(shown("l"));
        answer(A, late, "old", 4);
        assertNull(shown("m"));
        keep(B, "k", "new", 5);
        assertEquals("new", shown("k"));
        cache.replaced();
        assertNull(shown("k"));
        keep(A, "k", "other", 1);
        assertEquals("other", shown("k"), "another cluster counts its epochs anew");
    }

    @Test
    void aConnectionTakesWhatCameOnItAlong() {
        keep(A, "k", "v", 1);
        long late = ask(A, "l");
        cache.disconnected(A);
        assertNull(shown("k"));
        connect(A);
        answer(A, late, "v", 1);
        assertNull(shown("l"));
        assertNull(shown("k"));
        keep(A, "k", "v", 1);
        assertEquals("v", shown("k"));
        cache.connected(now, A);
        assertNull(shown("k"), "a new connection without the end of the former");
    }

    @Test
    void expiryIsToldAsTheClockOfThePartition() {
        cache.answered(A, ask(A, "soon"), 0, found("v", 1, 5, 1000));
        cache.answered(A, ask(A, "later"), 0, found("v", 1, 6, 3000));
        cache.answered(A, ask(A, "never"), 0, found("v", 1, 7, 0));
        tell(A, Invalidation.Kind.EXPIRED, 999);
        assertEquals("v", shown("soon"));
        long early = ask(A, "early");
        tell(A, Invalidation.Kind.EXPIRED, 1000);
        assertNull(shown("soon"));
        assertEquals("v", shown("later"));
        cache.answered(A, early, number(A), found("v", 1, 8, 900));
        assertNull(shown("early"));
        tell(A, Invalidation.Kind.EXPIRED, 3000);
        assertNull(shown("later"));
        assertEquals("v", shown("never"));
    }

    @Test
    void aLotOrEverythingGoes() {
        keep(A, "k", "v", 1);
        long early = ask(A, "l");
        tell(A, Invalidation.Kind.LOT, 0);
        assertNull(shown("k"));
        answer(A, early, "v", 1);
        assertNull(shown("l"));
        keep(A, "k", "v", 1);
        keep(B, "n", "v", 1);
        tell(A, Invalidation.Kind.ALL, 0);
        assertNull(shown("k"));
        assertEquals("v", shown("n"));
    }

    private static void unheard(Result result) {}

    @Test
    void ownWritesEndWhatIsKeptWhenTheyAreSentAndWhenTheyAreHeard() {
        keep(A, "k", "v", 1);
        long early = ask(A, "k");
        Consumer<Result> hears = cache.guard(op(Kind.PUT, "k"), result -> assertNull(shown("k")));
        assertNull(shown("k"));
        answer(A, early, "v", 1);
        assertNull(shown("k"));
        keep(A, "k", "v", 1);
        assertEquals("v", shown("k"));
        early = ask(A, "k");
        hears.accept(Result.DONE);
        answer(A, early, "v", 1);
        assertNull(shown("k"));
    }

    @Test
    void ownTransactionsAndClearsCountAsWrites() {
        keep(A, "from", "v", 1);
        keep(A, "to", "v", 1);
        keep(A, "other", "v", 1);
        Operation rename = op(Kind.RENAME, "to").value(bytes("from"), 0, 4);
        rename.delta = MAP;
        Operation both = op(Kind.TRANSACT, "to");
        both.parts = List.of(rename);
        Consumer<Result> unused = cache.guard(both, NearCacheTest::unheard);
        assertNull(shown("from"));
        assertNull(shown("to"));
        assertEquals("v", shown("other"));
        unused = cache.guard(op(Kind.CLEAR, ""), NearCacheTest::unheard);
        assertNull(shown("other"));
    }

    @Test
    void anOrdinaryReadOfAnotherVersionEndsTheEntry() {
        keep(A, "k", "v", 1);
        Consumer<Result> hears = cache.guard(op(Kind.GET, "k"), NearCacheTest::unheard);
        hears.accept(Result.found(bytes("v"), 0, 0, 101));
        assertEquals("v", shown("k"));
        long early = ask(A, "k");
        hears.accept(Result.found(bytes("w"), 0, 0, 102));
        assertNull(shown("k"));
        answer(A, early, "v", 1);
        assertNull(shown("k"));
        keep(A, "k", "v", 1);
        hears.accept(Result.of(Status.UNAVAILABLE));
        assertEquals("v", shown("k"));
        hears.accept(Result.MISSING);
        assertNull(shown("k"));
    }

    @Test
    void mapsThatAreOpenedAlikeShareAndOthersDoNot() {
        assertSame(map, cache.map("m", String.class, String.class, ObjectTypes.NONE, Near.bounded()));
        NearMap<String> first = map;
        keep(A, "k", "v", 1);
        map = cache.map(
                "m",
                String.class,
                String.class,
                ObjectTypes.NONE,
                Near.bounded().maxEntries(1));
        assertNull(shown("k"));
        keep(A, "k", "v", 1);
        assertEquals("v", shown("k"));
        tell(A, Invalidation.Kind.KEY, hash("k"));
        assertNull(shown("k"));
        assertNull(first.find("k", now), "both hear of a change");
    }

    @Test
    void theLeastRecentlyUsedGoesFirst() {
        map = cache.map(
                "m",
                String.class,
                String.class,
                ObjectTypes.NONE,
                Near.bounded().maxEntries(3));
        for (String key : List.of("a", "b", "c")) {
            keep(A, key, "v", 1);
        }
        assertEquals("v", shown("a"));
        keep(A, "d", "v", 1);
        assertNull(shown("b"));
        assertEquals("v", shown("a"));
        assertEquals("v", shown("c"));
        assertEquals("v", shown("d"));
        keep(A, "e", "v", 1);
        assertEquals("v", shown("e"), "what is new stays, though all others were used");
        NearFigures figures = map.figures();
        assertEquals(3, figures.entries());
        assertEquals(2, figures.evictions());
    }

    @Test
    void bytesAreBoundedExactly() {
        long one = NearEntry.OVERHEAD + 1 + 100;
        map = cache.map(
                "m",
                String.class,
                String.class,
                ObjectTypes.NONE,
                Near.bounded().maxBytes(2 * one));
        String value = "x".repeat(100);
        for (String key : List.of("a", "b", "c")) {
            keep(A, key, value, 1);
        }
        assertEquals(2 * one, map.figures().bytes());
        keep(A, "d", "x".repeat(300), 1);
        assertEquals(1, map.figures().entries());
        keep(A, "e", "x".repeat(2000), 1);
        assertNull(shown("e"), "larger than everything");
        keep(A, "d", "y", 1);
        assertEquals(1, map.figures().entries());
        assertEquals(NearEntry.OVERHEAD + 2, map.figures().bytes());
        tell(A, Invalidation.Kind.ALL, 0);
        assertEquals(0, map.figures().bytes());
        assertEquals(0, map.figures().entries());
    }

    /** Random events against a plain model of the same rules. */
    @Test
    void whatIsShownIsWhatAModelShows() {
        Seeds.forEach(1, 300, random -> {
            NearCacheTest test = new NearCacheTest();
            test.connect();
            Map<String, String> model = new HashMap<>();
            Set<String> keys = new LinkedHashSet<>();
            for (int step = 0; step < 400; step++) {
                String key = "k" + random.nextInt(12);
                keys.add(key);
                switch (random.nextInt(8)) {
                    case 0, 1, 2, 3 -> {
                        String value = "v" + step;
                        test.keep(A, key, value, 1);
                        model.put(key, value);
                    }
                    case 4 -> {
                        test.tell(A, Invalidation.Kind.KEY, hash(key));
                        model.remove(key);
                    }
                    case 5 -> {
                        Consumer<Result> unused = test.cache.guard(op(Kind.PUT, key), NearCacheTest::unheard);
                        model.remove(key);
                    }
                    case 6 -> {
                        if (random.nextInt(10) == 0) {
                            test.tell(A, random.nextBoolean() ? Invalidation.Kind.LOT : Invalidation.Kind.ALL, 0);
                            model.clear();
                        }
                    }
                    default -> {
                        test.now += random.nextInt(200) * MILLI;
                        test.beat();
                    }
                }
                for (String any : keys) {
                    assertEquals(model.get(any), test.shown(any), any);
                }
                assertEquals(model.size(), test.map.figures().entries());
            }
        });
    }
}
