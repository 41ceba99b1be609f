package io.ringgrid.store;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Real threads: everything in an entry is derived from its version, so a reader can tell a torn one. Beside, another store of
 * the same memory writes where this one's entries were a moment ago.
 */
final class StoreConcurrencyTest {
    private static final int WRITES = 1_000_000;
    /** So many victims are to be shown, however seldom whoever chooses them gets to run. */
    private static final int VICTIMS = 100;

    private static final int MOST_WRITES = 50 * WRITES;
    private static final int KEYS = 512;

    /** So often a value is in pieces. */
    private static final int PIECES_EACH = 64;

    private final Space space = new Space(16 << 20);
    private final Store store = new Store(space);
    private final Store other = new Store(space);
    private final AtomicBoolean writing = new AtomicBoolean(true);
    /** Chosen by one thread without a lock, for the writer. */
    private final AtomicReference<@Nullable Victims> chosen = new AtomicReference<>();

    private static byte[] key(int n) {
        return ByteBuffer.allocate(4).putInt(n).array();
    }

    private static int length(long version) {
        return (int) (version % 97) + (version % PIECES_EACH == 1 ? 40_000 : 0);
    }

    private void put(int n, long version) {
        byte[] value = new byte[length(version)];
        Arrays.fill(value, (byte) version);
        store.put(0, key(n), value, (int) version * 31, version * 7, version);
    }

    private int shown;

    /** Grows and shrinks the table; the even keys are always there, the odd ones come and go. */
    private void write(long seed) {
        Random random = new Random(seed);
        EntryCursor victim = new EntryCursor();
        for (long version = 1; version <= WRITES || (shown < VICTIMS && version <= MOST_WRITES); version++) {
            boolean growing = version / (4 * KEYS) % 2 == 0;
            int n = random.nextInt(KEYS);
            if (n % 2 == 0 && n < 16) {
                put(n, version);
            } else if (growing) {
                put(n | 1, version);
            } else {
                store.remove(0, key(n | 1), 0, 4);
            }
            Victims victims = chosen.getAndSet(null);
            if (victims != null && victims.show(0, victim) && victim.map == 0) {
                checkWhole(victim, ByteBuffer.wrap(victim.copyKey()).getInt());
                shown++;
            }
        }
    }

    private long chooseUntilWritten() {
        long looked = 0;
        while (writing.get()) {
            Victims victims = new Victims();
            store.sample(victims);
            looked += Victims.LOOKED_AT - victims.left();
            chosen.set(victims);
        }
        return looked;
    }

    private long writeOther(long seed) {
        Random random = new Random(seed);
        long written = 0;
        for (; writing.get(); written++) {
            byte[] value = new byte[random.nextInt(random.nextInt(200) + 1)];
            Arrays.fill(value, (byte) 0xEE);
            other.put(0, key(random.nextInt(2 * KEYS)), value, -1, -1L >>> 20, -1);
            other.remove(0, key(random.nextInt(2 * KEYS)), 0, 4);
        }
        return written;
    }

    private static void checkWhole(EntryCursor entry, int n) {
        long version = entry.version;
        byte[] value = entry.copyValue();
        boolean whole = entry.valueLength == length(version)
                && entry.flags == (int) version * 31
                && entry.expiry == version * 7;
        for (int i = 0; whole && i < entry.valueLength; i++) {
            whole = value[i] == (byte) version;
        }
        assertTrue(whole, () -> "a torn entry of version " + version + " for key " + n);
    }

    private long readUntilWritten(long seed) {
        Random random = new Random(seed);
        EntryCursor cursor = new EntryCursor();
        long[] newest = new long[KEYS];
        long found = 0;
        while (writing.get()) {
            int n = random.nextInt(4) == 0 ? 2 * random.nextInt(8) : random.nextInt(KEYS) | 1;
            long hash = Store.hash(0, key(n), 0, 4);
            Sight sight = store.tryRead(hash, 0, key(n), 0, 4, 0, cursor);
            if (sight == Sight.UNSURE) {
                continue;
            }
            boolean there = sight == Sight.FOUND;
            assertTrue(there || n % 2 == 1, () -> "key " + n + " is never removed, but was not found");
            if (there) {
                found++;
                checkWhole(cursor, n);
                assertTrue(cursor.version >= newest[n], () -> "key " + n + " went back in time");
                newest[n] = cursor.version;
            }
        }
        return found;
    }

    @Test
    void readersNeverSeeATornMissingOrOlderEntry() throws Exception {
        // So that whoever chooses looks at each entry's map.
        space.limit(1, MapLimit.entries(1));
        store.put(1, key(0), key(0), 0, 0, 0);
        for (int n = 0; n < 16; n += 2) {
            put(n, 0);
        }
        ExecutorService readers = Executors.newFixedThreadPool(4);
        try {
            Callable<Long> first = () -> readUntilWritten(1);
            Callable<Long> second = () -> readUntilWritten(2);
            Future<Long> firstFound = readers.submit(first);
            Future<Long> secondFound = readers.submit(second);
            Future<Long> looked = readers.submit(this::chooseUntilWritten);
            Future<Long> written = readers.submit(() -> writeOther(4));
            try {
                write(3);
            } finally {
                writing.set(false);
            }
            long found = firstFound.get(30, TimeUnit.SECONDS) + secondFound.get(30, TimeUnit.SECONDS);
            assertTrue(written.get(30, TimeUnit.SECONDS) > 1000, "the other store was hardly written to");
            assertTrue(looked.get(30, TimeUnit.SECONDS) > 1000 && shown >= VICTIMS, () -> "hardly a victim: " + shown);
            assertTrue(found > 1000, () -> "the readers hardly ran: " + found);
        } finally {
            readers.shutdownNow();
        }
        store.audit();
        other.audit();
    }
}
