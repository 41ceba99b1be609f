package io.ringgrid.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.op.Result.Status;
import io.ringgrid.store.Eviction;
import io.ringgrid.store.MapLimit;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** Maps with limits of their own, beside others without. */
final class MapLimitTest {
    private static final long MEMORY = 16 << 20;
    private static final int LIMIT = 100;
    private static final String LIMITED = "limited";

    private static LoneMember lone(int partitions, MapLimit limit) {
        return new LoneMember(partitions, MEMORY, Map.of(LIMITED, limit));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 1024})
    void aLimitedMapIsFullAndNeverFuller(int partitions) {
        LoneMember lone = lone(partitions, MapLimit.entries(LIMIT));
        int map = lone.open(LIMITED);
        for (int n = 0; n < 20 * LIMIT; n++) {
            assertEquals(Status.DONE, lone.put(map, n, new byte[n % 50]));
            assertEquals(Status.DONE, lone.put(0, n, new byte[8]));
            assertEquals(Math.min(LIMIT, n + 1), lone.count(map));
        }
        assertEquals(20 * LIMIT, lone.count(0), "another map is not touched");
        assertEquals(19 * LIMIT, lone.account(map).evictions());
        assertEquals(0, lone.account(0).evictions());
    }

    @Test
    void replacingEvictsNothing() {
        LoneMember lone = lone(16, MapLimit.entries(LIMIT));
        int map = lone.open(LIMITED);
        for (int n = 0; n < 10 * LIMIT; n++) {
            assertEquals(Status.DONE, lone.put(map, n % LIMIT, new byte[n % 70]));
        }
        assertEquals(0, lone.account(map).evictions());
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void aMapHasNoMoreBytesThanItMay(Eviction eviction) {
        long limit = 64 << 10;
        LoneMember lone = lone(64, new MapLimit(eviction, MapLimit.UNLIMITED, limit));
        int map = lone.open(LIMITED);
        Random random = new Random(1);
        for (int n = 0; n < 5_000; n++) {
            assertEquals(Status.DONE, lone.put(map, n, new byte[random.nextInt(2000)]));
            assertTrue(lone.account(map).bytes() <= limit);
        }
        assertTrue(lone.account(map).bytes() > limit / 2, "most of it is in use");
    }

    @Test
    void aMapThatKeepsWhatItHasRefusesWhatIsNew() {
        LoneMember lone = lone(16, MapLimit.entries(LIMIT).by(Eviction.NONE));
        int map = lone.open(LIMITED);
        for (int n = 0; n < LIMIT; n++) {
            assertEquals(Status.DONE, lone.put(map, n, new byte[8]));
        }
        assertEquals(Status.OUT_OF_MEMORY, lone.put(map, LIMIT, new byte[8]));
        assertEquals(Status.DONE, lone.put(map, 0, new byte[9]), "what is there may be replaced");
        assertEquals(Status.DONE, lone.remove(map, 1));
        assertEquals(Status.DONE, lone.put(map, LIMIT, new byte[8]), "there is a place again");
        assertEquals(Status.OUT_OF_MEMORY, lone.put(map, LIMIT + 1, new byte[8]));
        assertEquals(Status.DONE, lone.put(0, 1, new byte[8]), "another map is not full");
    }

    /** Short memory takes from the maps that may lose something, and from no other. */
    @Test
    void shortMemoryLeavesAloneWhatIsKept() {
        LoneMember lone = new LoneMember(64, 2 << 20, Map.of(LIMITED, MapLimit.USUAL.by(Eviction.NONE)));
        int map = lone.open(LIMITED);
        for (int n = 0; n < 1000; n++) {
            assertEquals(Status.DONE, lone.put(map, n, new byte[200]));
        }
        for (int n = 0; n < 20_000; n++) {
            assertEquals(Status.DONE, lone.put(0, n, new byte[200]));
        }
        assertTrue(lone.account(0).evictions() > 10_000);
        assertEquals(1000, lone.count(map));
    }

    @Test
    void ifNothingMayGoTheMembersMemoryIsFull() {
        LoneMember lone = new LoneMember(64, 1 << 20, Map.of("default", MapLimit.USUAL.by(Eviction.NONE)));
        int done = 0;
        for (int n = 0; n < 20_000; n++) {
            done += lone.put(0, n, new byte[200]) == Status.DONE ? 1 : 0;
        }
        assertTrue(done < 10_000, "it was not refused");
        assertEquals(done, lone.count(0));
    }

    /** Against a plain model: counts are exact whatever is written, evicted and removed. */
    @ParameterizedTest
    @EnumSource(Eviction.class)
    void countsAreExact(Eviction eviction) {
        LoneMember lone = lone(32, MapLimit.entries(LIMIT).by(eviction));
        int map = lone.open(LIMITED);
        Random random = new Random(eviction.ordinal());
        Map<Integer, Integer> model = new HashMap<>();
        for (int i = 0; i < 4_000; i++) {
            int n = random.nextInt(3 * LIMIT);
            if (random.nextInt(3) == 0) {
                lone.remove(map, n);
                model.remove(n);
            } else if (lone.put(map, n, new byte[random.nextInt(300)]) == Status.DONE) {
                model.put(n, i);
            }
            model.keySet().removeIf(key -> !lone.get(map, key));
            assertEquals(model.size(), lone.account(map).entries());
            assertEquals(model.size(), lone.count(map));
        }
        assertTrue(model.size() > LIMIT / 2);
    }

    /** Sampled LRU keeps what was used last; the figures of whole traces are the benchmark's. */
    @Test
    void lruKeepsWhatWasUsedLast() {
        LoneMember lone = lone(1024, MapLimit.entries(1000).by(Eviction.LRU));
        int map = lone.open(LIMITED);
        for (int n = 0; n < 10_000; n++) {
            lone.put(map, n, new byte[8]);
        }
        int kept = 0;
        for (int n = 9_300; n < 10_000; n++) {
            kept += lone.get(map, n) ? 1 : 0;
        }
        assertTrue(kept > 690, "of the 700 newest it has " + kept);
    }
}
