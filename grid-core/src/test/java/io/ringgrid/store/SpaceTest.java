package io.ringgrid.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.sim.Seeds;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Memory that many stores share: never more than its limit, whatever is written, and all of it there again afterwards. */
final class SpaceTest {
    private static final int STORES = 16;

    private static byte[] key(int n) {
        return ByteBuffer.allocate(8).putInt(n * 0x9E3779B9).putInt(n).array();
    }

    private static Store[] stores(Space space, int count) {
        Store[] stores = new Store[count];
        for (int i = 0; i < count; i++) {
            stores[i] = new Store(space);
        }
        return stores;
    }

    /** From 1 byte to {@code most}, each power of two as likely as the other. */
    private static int size(Random random, int most) {
        int bits = random.nextInt(Integer.SIZE - Integer.numberOfLeadingZeros(most));
        return Math.min(most, (1 << bits) + random.nextInt(1 << bits));
    }

    private static void makeRoom(Space space, Store[] stores, long bytes, Random random) {
        EntryCursor victim = new EntryCursor();
        for (int i = random.nextInt(STORES); !space.hasRoomFor(bytes); i++) {
            Store store = stores[i % STORES];
            if (Choice.victim(store, victim)) {
                byte[] key = victim.copyKey();
                assertTrue(store.remove(victim.map, key, 0, key.length));
            }
            assertTrue(space.entryBytes() > 0, "nothing is left to evict, and there is no room for " + bytes);
        }
    }

    private static void overfill(long limit, int largest, int writes, Random random) {
        Space space = new Space(limit);
        Store[] stores = stores(space, STORES);
        long written = 0;
        for (int i = 0; i < writes && written < 30 * limit; i++) {
            byte[] key = key(random.nextInt(1 << 20));
            byte[] value = new byte[size(random, largest)];
            makeRoom(space, stores, Store.mostBytes(key.length, value.length, 0), random);
            stores[key[7] & (STORES - 1)].put(0, key, value, 0, random.nextInt(3), i);
            written += value.length;
            assertTrue(space.residentBytes() <= limit, () -> space.residentBytes() + " bytes of at most " + limit);
            assertTrue(space.usedBytes() <= space.residentBytes(), "more in use than there is");
        }
        for (Store store : stores) {
            store.audit();
            store.wipe();
        }
        assertEquals(0, space.entryBytes());
        assertTrue(space.hasRoomFor(limit * 8 / 10), "what was taken is there again");
    }

    @Test
    void entriesOfAllSizesNeverTakeMoreThanTheLimit() {
        overfill(24 << 20, 8 << 20, 20_000, new Random(1));
    }

    @Test
    void smallEntriesNeverTakeMoreThanTheLimit() {
        Seeds.forEach(
                1,
                20,
                random -> overfill((1 << 20) + random.nextInt(1 << 20), 20 + size(random, 4_000), 40_000, random));
    }

    /** Holes of one size are of use for entries of another. */
    @Test
    void whatSmallEntriesLeaveTakesLargeOnesAndTheOtherWayRound() {
        Random random = new Random(7);
        long limit = 4 << 20;
        Space space = new Space(limit);
        Store[] stores = stores(space, STORES);
        int[] sizes = {20, 200_000, 40, 3_000, 1 << 20, 8};
        for (int size : sizes) {
            long live = 0;
            for (long written = 0; written < 2 * limit; written += size + 50) {
                byte[] key = key(random.nextInt());
                makeRoom(space, stores, Store.mostBytes(key.length, size, 0), random);
                stores[key[7] & (STORES - 1)].put(0, key, new byte[size], 0, 0, 1);
            }
            for (Store store : stores) {
                store.audit();
                long[] bytes = {0};
                store.scan(0, Integer.MAX_VALUE, entry -> bytes[0] += entry.keyLength + entry.valueLength);
                live += bytes[0];
            }
            assertTrue(live > limit * (size < 100 ? 20 : 45) / 100, size + ": " + live + " of " + limit);
        }
    }

    private static double overhead(int stores, int entries, int valueLength) {
        Space space = new Space(2L << 30);
        Store[] all = stores(space, stores);
        byte[] value = new byte[valueLength];
        byte[] key = new byte[14];
        for (int i = 0; i < entries; i++) {
            ByteBuffer.wrap(key).putInt(i * 0x9E3779B9).putInt(4, i);
            all[i % stores].put(1, key.clone(), value, 0, 4_000_000_000_000L, i + 1L);
        }
        long bytes = space.residentBytes();
        for (Store store : all) {
            store.wipe();
        }
        return bytes / (double) entries - key.length - valueLength;
    }

    /** All memory that is taken, index and what is free in between included, less keys and values; with expiry and version. */
    @Test
    void anEntryTakesFewBytesBesideKeyAndValue() {
        // As many in each store as a million has in 1,024.
        assertAtMost(40, overhead(256, 250_000, 32));
        assertAtMost(40, overhead(256, 250_000, 100));
        assertAtMost(40 + 0.04 * 1014, overhead(256, 250_000, 1000));
        assertAtMost(60, overhead(1024, 100_000, 100));
    }

    private static void assertAtMost(double most, double bytes) {
        assertTrue(bytes <= most, () -> bytes + " bytes of overhead, and at most " + most + " are allowed");
    }

    @Test
    void whatExpiresGoesInSmallStepsAndGivesItsMemoryBack() {
        Space space = new Space(64 << 20);
        Store store = new Store(space);
        Random random = new Random(3);
        int entries = 100_000;
        for (int i = 0; i < entries; i++) {
            store.put(0, key(i), new byte[50], 0, 1_000 + random.nextInt(1_000), i);
        }
        long gone = 0;
        for (long clock = 999; clock < 2_000; clock++) {
            int removed;
            do {
                removed = store.expire(clock, 64, entry -> {});
                assertTrue(removed < 64 + Page.MOST_LINES * Page.LINE, "a step of " + removed);
                gone += removed;
            } while (store.isDue(clock));
            assertEquals(entries - gone, store.count(0, clock));
            assertEquals(entries - gone, store.count());
        }
        assertEquals(entries, gone);
        store.audit();
        assertEquals(0, space.entryBytes());
    }
}
