package io.ringgrid.store;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** What is evicted, beside exact LRU: the same accesses to as many entries. */
final class HitDensityTest {
    private static final int STORES = 16;
    private static final byte[] VALUE = new byte[8];

    private final Space space = new Space(64 << 20);
    private final Store[] stores = new Store[STORES];
    private final EntryCursor shown = new EntryCursor();

    HitDensityTest() {
        for (int i = 0; i < STORES; i++) {
            stores[i] = new Store(space);
        }
    }

    /** Whether it was there; if not, it is put, and another one evicted if there are enough. */
    private boolean access(int n, int capacity) {
        byte[] key = ByteBuffer.allocate(Integer.BYTES).putInt(n).array();
        long hash = Store.hash(0, key, 0, key.length);
        int at = (int) (hash & (STORES - 1));
        if (stores[at].tryRead(hash, 0, key, 0, key.length, 0, shown) == Sight.FOUND) {
            return true;
        }
        while (space.entries.sum() >= capacity) {
            for (int i = at; !Choice.victim(stores[i % STORES], shown); i++) {
                at = (i + 1) % STORES;
            }
            byte[] victim = shown.copyKey();
            assertTrue(stores[at].remove(shown.map, victim, 0, victim.length), "a victim is there");
        }
        stores[(int) (hash & (STORES - 1))].put(0, key, VALUE, 0, 0, 1);
        return false;
    }

    /** Misses as a part of those of exact LRU. */
    private double missesToLru(int accesses, int capacity, IntUnaryOperator keys) {
        Map<Integer, Boolean> lru = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, Boolean> eldest) {
                return size() > capacity;
            }
        };
        int misses = 0;
        int missesOfLru = 0;
        for (int i = 0; i < accesses; i++) {
            int key = keys.applyAsInt(i);
            misses += access(key, capacity) ? 0 : 1;
            missesOfLru += lru.get(key) == null ? 1 : 0;
            lru.put(key, true);
        }
        for (Store store : stores) {
            store.audit();
        }
        return misses / (double) missesOfLru;
    }

    private static IntUnaryOperator zipf(int keys, double exponent, Random random) {
        double[] sums = new double[keys];
        double sum = 0;
        for (int i = 0; i < keys; i++) {
            sum += 1 / Math.pow(i + 1, exponent);
            sums[i] = sum;
        }
        double all = sum;
        return i -> {
            int found = Arrays.binarySearch(sums, random.nextDouble() * all);
            return found < 0 ? -found - 1 : found;
        };
    }

    private static void assertAtMost(double most, double ratio) {
        assertTrue(ratio <= most, () -> ratio + " of the misses of LRU, and at most " + most + " are wanted");
    }

    @Test
    void ofWhatIsAskedUnevenlyItKeepsWhatIsAskedOften() {
        assertAtMost(0.85, missesToLru(300_000, 2_000, zipf(20_000, 0.99, new Random(1))));
    }

    @Test
    void ofALoopThatIsLongerThanTheCacheItKeepsAPart() {
        assertAtMost(0.75, missesToLru(200_000, 4_000, i -> i % 8_000));
    }

    @Test
    void whatIsAskedOnceDoesNotPushOutWhatIsAskedOften() {
        Random random = new Random(2);
        IntUnaryOperator often = zipf(10_000, 0.9, random);
        assertAtMost(0.9, missesToLru(300_000, 1_000, i -> i % 2 == 0 ? 1_000_000 + i : often.applyAsInt(i)));
    }

    @Test
    void whereWhatIsRecentIsAskedItIsAsGoodAsLru() {
        Random random = new Random(3);
        int[] last = new int[300_000];
        IntUnaryOperator recent = i -> {
            int back = (int) (-Math.log(1 - random.nextDouble()) * 700);
            last[i] = back < 1 || back > i ? i : last[i - back];
            return last[i];
        };
        assertAtMost(1.03, missesToLru(last.length, 1_000, recent));
    }
}
