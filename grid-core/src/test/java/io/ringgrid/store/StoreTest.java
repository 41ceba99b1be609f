package io.ringgrid.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.sim.Seeds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class StoreTest {
    private final Space space = new Space(1 << 20);
    private final Store store = new Store(space);
    private final EntryCursor cursor = new EntryCursor();

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private void put(String key, String value, long expiry) {
        store.put(0, bytes(key), bytes(value), 0, expiry, 1);
    }

    private boolean read(String key) {
        return store.read(0, bytes(key), 0, bytes(key).length, 0, cursor);
    }

    private boolean remove(String key) {
        return store.remove(0, bytes(key), 0, bytes(key).length);
    }

    private String victim() {
        assertTrue(Choice.victim(store, cursor), "a store with entries names a victim");
        return new String(cursor.copyKey(), UTF_8);
    }

    @Test
    void showsEverythingThatWasPut() {
        store.put(3, bytes("key"), bytes("value"), 0x12345678, 99, 0x7_0000_0001L);
        assertTrue(store.read(3, bytes("..key"), 2, 3, 0, cursor));
        assertEquals(3, cursor.map);
        assertArrayEquals(bytes("key"), cursor.copyKey());
        assertArrayEquals(bytes("value"), cursor.copyValue());
        assertEquals(0x12345678, cursor.flags);
        assertEquals(99, cursor.expiry);
        assertEquals(0x7_0000_0001L, cursor.version);
        assertFalse(store.read(2, bytes("key"), 0, 3, 0, cursor), "another map");
        assertFalse(store.read(3, bytes("key"), 0, 2, 0, cursor), "a prefix");
    }

    @Test
    void copiesWhatItIsGiven() {
        byte[] key = bytes("key");
        byte[] value = bytes("value");
        store.put(0, key, value, 0, 0, 1);
        Arrays.fill(key, (byte) 0);
        Arrays.fill(value, (byte) 0);
        assertTrue(read("key"));
        assertArrayEquals(bytes("value"), cursor.copyValue());
    }

    @Test
    void aCursorKeepsItsBytesWhenTheEntryIsReplaced() {
        put("key", "first", 0);
        long hash = Store.hash(0, bytes("key"), 0, 3);
        assertEquals(Sight.FOUND, store.tryRead(hash, 0, bytes("key"), 0, 3, 0, cursor));
        put("key", "other", 0);
        assertArrayEquals(bytes("first"), cursor.copyValue());
    }

    @Test
    void countsExactlyWhatItHolds() {
        put("a", "12345", 0);
        long one = space.entryBytes();
        assertEquals(one, store.bytes());
        put("a", "54321", 0);
        assertEquals(one, space.entryBytes(), "as large as before");
        Store second = new Store(space);
        second.put(0, bytes("bb"), bytes(""), 0, 5, 1);
        assertEquals(one + second.bytes(), space.entryBytes());
        store.wipe();
        assertEquals(second.bytes(), space.entryBytes());
        second.clear(0);
        assertEquals(0, space.entryBytes());
        store.audit();
        second.audit();
    }

    @Test
    void theVictimIsTheOneUsedLeastRecentlyUntilMoreIsKnown() {
        for (String key : List.of("a", "b", "c", "d")) {
            put(key, "", 0);
        }
        assertEquals("a", victim());
        assertEquals("a", victim(), "naming a victim does not use it up");
        assertTrue(read("a"));
        put("e", "", 0);
        assertEquals("b", victim(), "a was read");
        put("b", "again", 0);
        assertEquals("c", victim(), "b was written");
        assertTrue(store.peek(0, bytes("c"), 0, 1, cursor));
        assertEquals("c", victim(), "a look is not a use");
        assertTrue(remove("c"));
        Set<String> left = new HashSet<>(Set.of("a", "b", "d", "e"));
        while (!left.isEmpty()) {
            assertTrue(left.remove(victim()));
            assertTrue(remove(new String(cursor.copyKey(), UTF_8)));
        }
        assertFalse(Choice.victim(store, cursor), "nothing is left");
    }

    @Test
    void itsMapTellsWhatCameOfItsEntries() {
        int seconds = 40;
        Account account = space.account(0);
        store.own(true);
        for (int n = 0; n < seconds; n++) {
            store.put(0, bytes("k" + n), bytes("value"), 0, n == 7 ? 1 : 0, 1, 0, 1000L * n);
        }
        assertEquals(seconds, account.entries());
        assertEquals(store.bytes(0), account.bytes());
        assertEquals("k0", victim());
        assertTrue(remove("k0"));
        assertTrue(remove("k1"), "which was no victim");
        assertEquals(1, account.evictions());
        long age = account.evictedAfterSeconds();
        assertTrue(age > seconds * 3 / 4 && age <= seconds, () -> "evicted after " + age);
        assertEquals(1, store.expire(1, 10, entry -> {}));
        assertEquals(1, account.expirations());
        store.own(false);
        assertEquals(0, account.entries());
        assertEquals(0, account.bytes());
        store.own(true);
        assertEquals(seconds - 3, account.entries());
        store.wipe();
        assertEquals(0, account.entries());
    }

    @Test
    void knowsWhatIsDue() {
        assertFalse(store.isDue(Long.MAX_VALUE - 1));
        put("never", "", 0);
        put("late", "", 30);
        put("soon", "", 10);
        put("middle", "", 20);
        assertFalse(store.isDue(9));
        assertTrue(store.isDue(10));
        put("soon", "", 40);
        assertFalse(store.isDue(19));
        assertTrue(store.isDue(20));
        put("middle", "", 0);
        assertFalse(store.isDue(29));
        assertTrue(store.isDue(30));
        assertEquals(4, store.count(0, 29));
        assertEquals(3, store.count(0, 30));
        assertEquals(2, store.count(0, 40));
        assertEquals(4, store.count());
        List<String> gone = new ArrayList<>();
        assertEquals(1, store.expire(39, 9, entry -> gone.add(new String(entry.copyKey(), UTF_8))));
        assertEquals(List.of("late"), gone);
        assertEquals(3, store.count());
        assertFalse(store.isDue(39));
        assertEquals(1, store.expire(40, 9, entry -> gone.add(new String(entry.copyKey(), UTF_8))));
        assertEquals(List.of("late", "soon"), gone);
    }

    @Test
    void hashesAsTheSpecificationOfXxh64Says() {
        assertEquals(0xEF46DB3751D8E999L, Store.hash(0, bytes(""), 0, 0));
        assertEquals(0xD24EC4F1A98C6E5BL, Store.hash(0, bytes("a"), 0, 1));
        assertEquals(0x44BC2CF5AD770999L, Store.hash(0, bytes("xabcx"), 1, 3));
        byte[] long100 = new byte[100];
        for (int i = 0; i < long100.length; i++) {
            long100[i] = (byte) i;
        }
        assertEquals(0x6AC1E58032166597L, Store.hash(0, long100, 0, 100));
        assertEquals(0xD24EC4F1A98C6E5BL, Store.hash(0, new byte[] {'x', 'a'}, 1, 1));
        assertNotEquals(Store.hash(0, bytes("a"), 0, 1), Store.hash(1, bytes("a"), 0, 1));
    }

    /** 16-byte keys of one hash: what XXH64 takes in first is undone by what it takes in second. */
    private static byte[] colliding(int n) {
        long p1 = 0x9E3779B185EBCA87L;
        long p2 = 0xC2B2AE3D27D4EB4FL;
        long start = 0x27D4EB2F165667C5L + 16;
        long after = Long.rotateLeft(start ^ round(n, p1, p2), 27) * p1 + 0x85EBCA77C2B2AE63L;
        long second = Long.rotateRight(after * inverse(p1), 31) * inverse(p2);
        return ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(n)
                .putLong(second)
                .array();
    }

    private static long round(long input, long p1, long p2) {
        return Long.rotateLeft(input * p2, 31) * p1;
    }

    private static long inverse(long odd) {
        long inverse = odd;
        for (int i = 0; i < 5; i++) {
            inverse *= 2 - odd * inverse;
        }
        return inverse;
    }

    @Test
    void entriesOfOneHashAreNotLostAtTheBoundaryOfAScan() {
        for (int i = 0; i < 50; i++) {
            byte[] key = colliding(i);
            assertEquals(Store.hash(0, colliding(0), 0, 16), Store.hash(0, key, 0, 16), "the keys collide");
            store.put(0, key, bytes("" + i), 0, 0, i);
            put("other" + i, "", 0);
        }
        for (int i = 0; i < 50; i++) {
            assertTrue(store.read(0, colliding(i), 0, 16, 0, cursor));
            assertEquals(i, cursor.version);
        }
        List<String> seen = new ArrayList<>();
        long at = 0;
        do {
            at = store.scan(at, 1, entry -> seen.add(Arrays.toString(entry.copyKey())));
        } while (at != 0);
        assertEquals(100, seen.size());
        assertEquals(100, new TreeSet<>(seen).size());
        assertTrue(store.remove(0, colliding(17), 0, 16));
        assertFalse(store.read(0, colliding(17), 0, 16, 0, cursor));
        assertTrue(store.read(0, colliding(18), 0, 16, 0, cursor));
    }

    @Test
    void aScanStopsAfterAboutSoManyBytesInTheOrderOfHashes() {
        for (int i = 0; i < 100; i++) {
            put("key" + i, "x".repeat(100), 0);
        }
        List<Long> hashes = new ArrayList<>();
        int calls = 0;
        long at = 0;
        do {
            at = store.scan(at, 800, entry -> hashes.add(Store.hash(entry.map, entry.copyKey(), 0, entry.keyLength)));
            calls++;
        } while (at != 0);
        assertEquals(100, hashes.size());
        assertEquals(20, calls, "entries of 168 to 169 bytes: five make 800");
        List<Long> sorted = new ArrayList<>(hashes);
        sorted.sort(Long::compareUnsigned);
        assertEquals(sorted, hashes);
    }

    /** A plain model of the same: what a store holds is a sorted map from map and key to value, and nothing else. */
    private record Held(int map, String key, String value, int flags, long expiry, long version) {}

    @Test
    void holdsWhatAPlainMapHolds() {
        Seeds.forEach(1, 300, StoreTest::compareWithModel);
    }

    private static void compareWithModel(Random random) {
        Space space = new Space(256 << 10);
        Store store = new Store(space);
        Map<String, Held> model = new TreeMap<>();
        int keys = 1 << random.nextInt(10);
        int wipes = random.nextInt(3);
        for (int step = 0; step < 600; step++) {
            int map = random.nextInt(3);
            String key = "k" + random.nextInt(keys);
            byte[] keyBytes = bytes(key);
            int action = random.nextInt(1000);
            if (action < 600) {
                String value = "v".repeat(random.nextInt(20)) + step;
                long expiry = random.nextBoolean() ? 0 : 1 + random.nextInt(50);
                long idle = random.nextInt(4) == 0 ? 1_000 : 0;
                store.put(map, keyBytes, bytes(value), step, expiry, step, idle, 0);
                model.put(map + key, new Held(map, key, value, step, expiry, step));
            } else if (action < 990) {
                boolean removed = store.remove(map, keyBytes, 0, keyBytes.length);
                assertEquals(model.remove(map + key) != null, removed, "removed " + map + key);
            } else if (action < 990 + wipes) {
                store.wipe();
                model.clear();
            } else if (action < 995) {
                long expected =
                        model.values().stream().filter(h -> h.map == map).count();
                model.values().removeIf(h -> h.map == map);
                assertEquals(expected, store.clear(map), "cleared " + map);
            }
            check(store, space, model, random);
        }
        EntryCursor cursor = new EntryCursor();
        while (Choice.victim(store, cursor)) {
            String key = cursor.map + new String(cursor.copyKey(), UTF_8);
            assertEquals(model.remove(key), held(cursor));
            byte[] bytes = cursor.copyKey();
            assertTrue(store.remove(cursor.map, bytes, 0, bytes.length));
        }
        assertTrue(model.isEmpty(), () -> "never named as victims: " + model);
        assertEquals(0, space.entryBytes());
        assertEquals(0, store.bytes());
        assertEquals(0, store.count());
    }

    private static Held held(EntryCursor cursor) {
        return new Held(
                cursor.map,
                new String(cursor.copyKey(), UTF_8),
                new String(cursor.copyValue(), UTF_8),
                cursor.flags,
                cursor.expiry,
                cursor.version);
    }

    private static void check(Store store, Space space, Map<String, Held> model, Random random) {
        EntryCursor cursor = new EntryCursor();
        long clock = random.nextInt(60);
        int map = random.nextInt(3);
        long visible = 0;
        long expiring = 0;
        long nextExpiry = Long.MAX_VALUE;
        for (Held held : model.values()) {
            byte[] key = bytes(held.key);
            assertTrue(store.read(held.map, key, 0, key.length, 0, cursor), () -> "missing " + held);
            assertEquals(held, held(cursor));
            visible += held.map == map && (held.expiry == 0 || held.expiry > clock) ? 1 : 0;
            expiring += held.map == map && held.expiry > clock ? 1 : 0;
            nextExpiry = held.expiry == 0 ? nextExpiry : Math.min(nextExpiry, held.expiry);
        }
        assertEquals(model.size(), store.count());
        assertEquals(visible, store.count(map, clock));
        assertEquals(expiring, store.countExpiring(map, clock));
        assertEquals(store.bytes(), space.entryBytes());
        assertEquals(nextExpiry <= clock, store.isDue(clock));
        store.audit();
        Map<String, Held> scanned = new TreeMap<>();
        long at = 0;
        int chunk = 1 + random.nextInt(20_000);
        do {
            at = store.scan(at, chunk, entry -> scanned.put(held(entry).map + held(entry).key, held(entry)));
        } while (at != 0);
        assertEquals(model, scanned);
    }

    @Test
    void aScanMissesNothingThatIsThereAllTheTime() {
        Seeds.forEach(1, 200, random -> {
            Store scanned = new Store(new Space(1 << 20));
            int stable = random.nextInt(300);
            TreeSet<String> left = new TreeSet<>();
            for (int i = 0; i < stable; i++) {
                scanned.put(0, bytes("stable" + i), bytes(""), 0, 0, 1);
                left.add("stable" + i);
            }
            long at = 0;
            do {
                at = scanned.scan(at, 1 + random.nextInt(5_000), e -> left.remove(new String(e.copyKey(), UTF_8)));
                for (int i = random.nextInt(200); i > 0; i--) {
                    byte[] key = bytes("passing" + random.nextInt(1000));
                    if (random.nextBoolean()) {
                        scanned.put(0, key, bytes(""), 0, 0, 1);
                    } else {
                        scanned.remove(0, key, 0, key.length);
                    }
                    byte[] rewritten = bytes("stable" + random.nextInt(stable + 1));
                    if (scanned.peek(0, rewritten, 0, rewritten.length, new EntryCursor())) {
                        scanned.put(0, rewritten, bytes("new"), 0, 0, 2);
                    }
                }
            } while (at != 0);
            assertTrue(left.isEmpty(), () -> "not visited: " + left);
        });
    }

    @Test
    void whatNobodyUsesIsNamedAndWhatIsReadIsNot() {
        EntryCursor entry = new EntryCursor();
        store.put(0, bytes("a"), bytes("1"), 0, 0, 1, 100, 1000);
        store.put(0, bytes("b"), bytes("2"), 0, 0, 2, 100, 1000);
        store.put(0, bytes("c"), bytes("3"), 0, 0, 3);
        assertEquals(space.entryBytes(), store.bytes());
        assertFalse(store.idle(1099, 10, entry));
        assertTrue(store.read(0, bytes("a"), 0, 1, 1050, entry));
        assertTrue(store.peek(0, bytes("b"), 0, 1, entry));
        assertTrue(store.isIdle(entry, 1100));
        assertTrue(store.idle(1100, 10, entry));
        assertEquals("b", new String(entry.copyKey(), UTF_8));
        assertTrue(store.read(0, bytes("b"), 0, 1, 1100, entry), "it is there until somebody removes it");
        assertTrue(store.isIdle(entry, 1100), "and has not come to life by being read");
        store.remove(0, bytes("b"), 0, 1);
        assertFalse(store.idle(1149, 10, entry));
        store.idleFrom(2000);
        assertFalse(store.idle(2099, 10, entry));
        assertTrue(store.idle(2100, 1, entry));
        store.wipe();
        assertFalse(store.idle(9999, 10, entry));
    }

    @Test
    void aWalkVisitsEachEntryOfItsMapOnceWhateverIsWrittenMeanwhile() {
        Store walked = new Store(new Space(1 << 30));
        for (int i = 0; i < 2000; i++) {
            byte[] key = ("key" + i).getBytes(StandardCharsets.UTF_8);
            walked.put(i % 3 == 0 ? 7 : 0, key, key, 0, 0, i + 1);
        }
        Set<String> seen = new HashSet<>();
        long position = 0;
        int others = 0;
        do {
            int before = seen.size();
            position = walked.walk(
                    7,
                    position,
                    10,
                    1 << 20,
                    entry -> assertTrue(
                            seen.add(new String(entry.copyKey(), StandardCharsets.UTF_8)), "no entry twice"));
            assertTrue(seen.size() - before <= 10);
            byte[] key = ("new" + others++).getBytes(StandardCharsets.UTF_8);
            walked.put(0, key, key, 0, 0, 5000 + others);
        } while (position != 0);
        assertEquals(667, seen.size());
    }
}
