package io.ringgrid.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One partition's entries. Guarded by the partition's lock, except that {@link #read}, {@link #peek}, {@link #count()}
 * and {@link #bytes} may be called by any thread at any time.
 *
 * <h2>How</h2>
 *
 * A table of buckets, indexed by the <em>upper</em> bits of a 64-bit hash of (map, key), so that walking the table walks
 * the entries in the order of their hashes: the scan needs no second index, and its cursor is a hash, which means the
 * same on every replica. A bucket is an immutable sorted array of immutable entries; a writer replaces the bucket (or,
 * when growing, the table) with one release store. A reader therefore finds the entry as it was at one moment between
 * the call and its return, and can neither see half of it nor allocate anything.
 *
 * <p>Nothing is ever removed but by {@link #remove}, {@link #clear} and {@link #wipe}: which copies agree is the
 * caller's matter, so the store only names what should go ({@link #victim}, {@link #due}).
 *
 * <h2>What it costs</h2>
 *
 * Beside key and value each entry is counted with {@link #ENTRY_OVERHEAD}. Measured with compressed references, a million
 * entries in 1,024 stores: 120 bytes (72 for the entry, 32 for the headers of its arrays, the rest for its share of
 * bucket and table), 5 more with an expiry, and 8 on average for the padding of its arrays. An empty store takes 160
 * bytes beside its table.
 *
 * <p>The hash has no secret, because all replicas must agree on it: who may choose keys can make them collide, and a
 * bucket is copied whole at each write.
 */
public final class Store {
    /** Bytes that an entry takes beside its key and value. */
    public static final int ENTRY_OVERHEAD = 136;

    /** Bytes more of one that ends when nobody uses it. */
    private static final int IDLE_OVERHEAD = 24;

    private static final VarHandle BUCKET = MethodHandles.arrayElementVarHandle(Entry[][].class);
    private static final Entry[] EMPTY = {};
    private static final int LEAST_BITS = 2;
    private static final int MOST_BITS = 28;
    /** The table doubles above this many entries per bucket, and halves below an eighth of it. */
    private static final int LOAD = 2;

    /** How many bits a position of {@link #walk} has. */
    public static final int POSITION_BITS = 48;

    private static final int HASH_REST_BITS = Long.SIZE - POSITION_BITS;
    /** What visiting an entry of the map costs, if passing over one of another map costs 1. */
    private static final int VISIT_COST = 16;

    private static final class MapCount {
        long entries;
        /** Of those, how many have an expiry. */
        long expiring;
    }

    private final Space space;
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final TreeMap<Integer, MapCount> countByMap = new TreeMap<>();
    private final ExpiryHeap expiring = new ExpiryHeap();
    private final RecencyQueue recency = new RecencyQueue();
    private final IdleRing idling = new IdleRing();
    /** Idleness counts from then on, by the wall clock. */
    private volatile long idleFrom;
    /** Its length is a power of two, at least 1 << LEAST_BITS. */
    private volatile Entry[][] table = emptyTable(LEAST_BITS);

    /** An empty store that takes its memory from this account. */
    public Store(Space space) {
        this.space = space;
    }

    /** The hash that orders {@link #scan}: XXH64 of the key, seeded with the map's id. The same everywhere, for ever. */
    public static long hash(int map, byte[] key, int offset, int length) {
        return XxHash64.hash(key, offset, length, map & 0xffffffffL);
    }

    /** Bytes that an entry takes beside its key and value. */
    public static int overhead(long idle) {
        return idle == 0 ? ENTRY_OVERHEAD : ENTRY_OVERHEAD + IDLE_OVERHEAD;
    }

    static boolean isIdle(long idle, long usedAt, long wall, long from) {
        return idle != 0 && wall - Math.max(usedAt, from) >= idle;
    }

    /** A hash of everything that an entry is, the same on every copy; when it was used is no part of it. */
    public static long fingerprint(EntryCursor entry) {
        long key = hash(entry.map, entry.keyBytes, entry.keyOffset, entry.keyLength);
        long value = XxHash64.hash(entry.valueBytes, entry.valueOffset, entry.valueLength, key ^ entry.version);
        return (value ^ entry.expiry) * 0x9E3779B97F4A7C15L + entry.flags + entry.idle * 31;
    }

    /**
     * Shows the entry of this key, and marks it as used unless it {@link #isIdle}; false, leaving the cursor alone, if there
     * is none.
     *
     * @param wall now, in milliseconds
     */
    public boolean read(int map, byte[] key, int offset, int length, long wall, EntryCursor into) {
        Entry entry = find(map, key, offset, length);
        if (entry == null) {
            return false;
        }
        if (!entry.accessed) {
            entry.accessed = true;
        }
        into.show(entry);
        if (into.idle != 0 && !isIdle(into, wall)) {
            entry.use(wall);
        }
        return true;
    }

    /** Whether what the cursor shows was not used for as long as it may be. */
    public boolean isIdle(EntryCursor shown, long wall) {
        return isIdle(shown.idle, shown.usedAt, wall, idleFrom);
    }

    /** Idleness counts from this moment on: whoever did so before has not told what was read. */
    public void idleFrom(long wall) {
        idleFrom = wall;
    }

    /**
     * Shows, without removing it, an entry that was not used for as long as it may be; false if there is none among the next
     * so many. Each call goes on behind the one before.
     */
    public boolean idle(long wall, int most, EntryCursor into) {
        return show(idling.idle(wall, idleFrom, most), into);
    }

    /** Like {@link #read}, without marking the entry as used. */
    public boolean peek(int map, byte[] key, int offset, int length, EntryCursor into) {
        return show(find(map, key, offset, length), into);
    }

    /**
     * Inserts or replaces an entry; copies key and value.
     *
     * @param expiry absolute milliseconds, 0 = never
     * @param version as the caller stamps it
     */
    public void put(
            int map,
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength,
            int flags,
            long expiry,
            long version) {
        putOwned(
                map,
                Arrays.copyOfRange(key, keyOffset, keyOffset + keyLength),
                Arrays.copyOfRange(value, valueOffset, valueOffset + valueLength),
                flags,
                expiry,
                version);
    }

    /** Like {@link #put}, but the arrays are taken as they are, in whole: nobody may change them any more. */
    public void putOwned(int map, byte[] key, byte[] value, int flags, long expiry, long version) {
        putOwned(map, key, value, flags, expiry, version, 0, 0);
    }

    /**
     * The same, for an entry that ends when nobody uses it.
     *
     * @param idle after how many milliseconds; 0 = however long
     * @param wall now, in milliseconds: it is used by being written
     */
    public void putOwned(
            int map, byte[] key, byte[] value, int flags, long expiry, long version, long idle, long wall) {
        long hash = hash(map, key, 0, key.length);
        Entry entry = idle == 0
                ? new Entry(hash, map, key, value, flags, expiry, version)
                : new IdleEntry(hash, map, key, value, flags, expiry, version, idle, wall);
        int bucketIndex = index(table, hash);
        Entry[] bucket = table[bucketIndex];
        int at = search(bucket, hash, map, key, 0, key.length);
        Entry[] changed;
        if (at >= 0) {
            release(bucket[at]);
            changed = bucket.clone();
            changed[at] = entry;
        } else {
            changed = inserted(bucket, -at - 1, entry);
        }
        BUCKET.setRelease(table, bucketIndex, changed);
        acquire(entry);
        fitTable();
    }

    /** Removes the entry of this key; false if there is none. */
    public boolean remove(int map, byte[] key, int offset, int length) {
        Entry entry = find(map, key, offset, length);
        if (entry == null) {
            return false;
        }
        removeEntry(entry);
        fitTable();
        return true;
    }

    /** Removes all entries of a map; returns how many there were. */
    public int clear(int map) {
        int removed = 0;
        for (int i = 0; i < table.length && entriesOf(map) > 0; i++) {
            for (Entry entry : table[i]) {
                if (entry.map == map) {
                    removeEntry(entry);
                    removed++;
                }
            }
        }
        fitTable();
        return removed;
    }

    /** Removes everything, of all maps, and gives the memory back to the account. */
    public void wipe() {
        table = emptyTable(LEAST_BITS);
        space.subtract(bytes.get());
        bytes.set(0);
        count.set(0);
        countByMap.clear();
        expiring.clear();
        recency.clear();
        idling.clear();
    }

    /** How many entries there are, of all maps, expired or not. */
    public long count() {
        return count.get();
    }

    /** How many entries of a map are visible at this time: they have no expiry, or one after {@code clock}. */
    public long count(int map, long clock) {
        return entriesOf(map) - expiring.countDue(map, clock);
    }

    /** How many of those have an expiry. */
    public long countExpiring(int map, long clock) {
        MapCount ofMap = countByMap.get(map);
        return ofMap == null ? 0 : ofMap.expiring - expiring.countDue(map, clock);
    }

    /** Bytes that the entries take: keys, values, and {@link #ENTRY_OVERHEAD} for each. */
    public long bytes() {
        return bytes.get();
    }

    /**
     * Visits entries in the order of their hashes, from a cursor on, until they are about {@code maxBytes}. Begun at 0
     * and continued until it returns 0, a scan visits each entry that is there all the time at least once, whatever is
     * written between the calls. Entries of one hash are always visited in one call. A cursor holds for every replica of
     * the partition.
     *
     * @param cursor 0 to begin, or what the call before returned
     * @param maxBytes after how many bytes to stop; at least one entry is visited if any is left
     * @param visitor sees each entry; must not write to this store
     * @return the cursor to go on with, or 0 if no entry is left
     */
    public long scan(long cursor, int maxBytes, Consumer<EntryCursor> visitor) {
        return scan(cursor, 0, maxBytes, visitor);
    }

    /**
     * The same of the entries before another cursor only.
     *
     * @param end where to stop; 0 if nowhere
     */
    public long scan(long cursor, long end, int maxBytes, Consumer<EntryCursor> visitor) {
        EntryCursor shown = new EntryCursor();
        long visited = 0;
        boolean any = false;
        long last = 0;
        Entry[][] buckets = table;
        for (int i = index(buckets, cursor); i < buckets.length; i++) {
            for (Entry entry : buckets[i]) {
                if (Long.compareUnsigned(entry.hash, cursor) < 0) {
                    continue;
                }
                if (end != 0 && Long.compareUnsigned(entry.hash, end) >= 0) {
                    return 0;
                }
                if (any && visited >= maxBytes && entry.hash != last) {
                    return last + 1;
                }
                shown.show(entry);
                visitor.accept(shown);
                visited += entry.bytes();
                last = entry.hash;
                any = true;
            }
        }
        return 0;
    }

    /**
     * Visits a map's entries in the order of their hashes, expired ones too, a few at a time. Begun at 0 and continued until
     * it returns 0, a walk visits each entry that is there all the time, and no entry twice that nobody moved, whatever is
     * written between the calls. A position is the upper {@value #POSITION_BITS} bits of a hash: it holds for every replica
     * of the partition, and entries of one position are visited in one call.
     *
     * @param position 0 to begin, or what the call before returned
     * @param maxEntries after how many entries to stop; those of other maps cost a part of it
     * @param maxKeyBytes after how many bytes of keys to stop
     * @param visitor sees each entry; must not write to this store
     * @return the position to go on with, or 0 if no entry is left
     */
    public long walk(int map, long position, long maxEntries, int maxKeyBytes, Consumer<EntryCursor> visitor) {
        EntryCursor shown = new EntryCursor();
        long cost = 0;
        long keyBytes = 0;
        long last = -1;
        Entry[][] buckets = table;
        for (int i = index(buckets, position << HASH_REST_BITS); i < buckets.length; i++) {
            for (Entry entry : buckets[i]) {
                long at = entry.hash >>> HASH_REST_BITS;
                if (at < position) {
                    continue;
                }
                boolean enough = cost >= maxEntries * VISIT_COST || keyBytes >= maxKeyBytes;
                if (enough && at != last) {
                    return last + 1;
                }
                last = at;
                cost += entry.map == map ? VISIT_COST : 1;
                if (entry.map == map) {
                    keyBytes += entry.key.length;
                    shown.show(entry);
                    visitor.accept(shown);
                }
            }
        }
        return 0;
    }

    /** Shows, without removing it, the entry that was used least recently, nearly; false if there is none. */
    public boolean victim(EntryCursor into) {
        return show(recency.victim(), into);
    }

    /** Shows, without removing it, the entry that expires first, if its expiry is {@code clock} or before. */
    public boolean due(long clock, EntryCursor into) {
        return nextExpiry() <= clock && show(expiring.earliest(), into);
    }

    /** When the next entry expires, in absolute milliseconds; {@link Long#MAX_VALUE} if none does. */
    public long nextExpiry() {
        Entry earliest = expiring.earliest();
        return earliest == null ? Long.MAX_VALUE : earliest.expiry;
    }

    private long entriesOf(int map) {
        MapCount ofMap = countByMap.get(map);
        return ofMap == null ? 0 : ofMap.entries;
    }

    private static boolean show(@Nullable Entry entry, EntryCursor into) {
        if (entry == null) {
            return false;
        }
        into.show(entry);
        return true;
    }

    private @Nullable Entry find(int map, byte[] key, int offset, int length) {
        long hash = hash(map, key, offset, length);
        Entry[][] buckets = table;
        Entry[] bucket = (Entry[]) BUCKET.getAcquire(buckets, index(buckets, hash));
        int at = search(bucket, hash, map, key, offset, length);
        return at < 0 ? null : bucket[at];
    }

    private static int index(Entry[][] buckets, long hash) {
        return (int) (hash >>> (Integer.numberOfLeadingZeros(buckets.length) + 33));
    }

    /** As {@link Arrays#binarySearch(Object[], Object)} answers. */
    private static int search(Entry[] bucket, long hash, int map, byte[] key, int offset, int length) {
        int low = 0;
        int high = bucket.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = bucket[middle].compareTo(hash, map, key, offset, length);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    private static Entry[] inserted(Entry[] bucket, int at, Entry entry) {
        Entry[] longer = new Entry[bucket.length + 1];
        System.arraycopy(bucket, 0, longer, 0, at);
        longer[at] = entry;
        System.arraycopy(bucket, at, longer, at + 1, bucket.length - at);
        return longer;
    }

    private void removeEntry(Entry entry) {
        int bucketIndex = index(table, entry.hash);
        Entry[] bucket = table[bucketIndex];
        int at = search(bucket, entry.hash, entry.map, entry.key, 0, entry.key.length);
        Entry[] shorter = bucket.length == 1 ? EMPTY : new Entry[bucket.length - 1];
        System.arraycopy(bucket, 0, shorter, 0, at);
        System.arraycopy(bucket, at + 1, shorter, at, shorter.length - at);
        BUCKET.setRelease(table, bucketIndex, shorter);
        release(entry);
    }

    /** Enters an entry into everything that is kept beside the table. */
    private void acquire(Entry entry) {
        count.lazySet(count.get() + 1);
        bytes.lazySet(bytes.get() + entry.bytes());
        space.add(entry.bytes());
        MapCount ofMap = countByMap.computeIfAbsent(entry.map, map -> new MapCount());
        ofMap.entries++;
        recency.add(entry);
        if (entry instanceof IdleEntry idle) {
            idling.add(idle);
        }
        if (entry.expiry != 0) {
            ofMap.expiring++;
            expiring.add(entry);
        }
    }

    private void release(Entry entry) {
        count.lazySet(count.get() - 1);
        bytes.lazySet(bytes.get() - entry.bytes());
        space.subtract(entry.bytes());
        MapCount ofMap = countByMap.get(entry.map);
        if (ofMap == null || --ofMap.entries < 0) {
            throw new IllegalStateException("an entry of map " + entry.map + " was never counted");
        }
        recency.remove(entry);
        if (entry instanceof IdleEntry idle) {
            idling.remove(idle);
        }
        if (entry.expiry != 0) {
            ofMap.expiring--;
            expiring.remove(entry);
        }
    }

    private static Entry[][] emptyTable(int bits) {
        Entry[][] empty = new Entry[1 << bits][];
        Arrays.fill(empty, EMPTY);
        return empty;
    }

    /** Doubles or halves the table when it no longer fits; readers go on in the old one, which nobody changes. */
    private void fitTable() {
        int bits = Integer.numberOfTrailingZeros(table.length);
        long entries = count.get();
        if (entries > (long) LOAD << bits && bits < MOST_BITS) {
            table = resized(table, bits + 1);
        }
        for (; entries < ((long) LOAD << bits) / 8 && bits > LEAST_BITS; bits--) {
            table = resized(table, bits - 1);
        }
    }

    private static Entry[][] resized(Entry[][] old, int bits) {
        Entry[][] resized = emptyTable(bits);
        if (resized.length > old.length) {
            for (int i = 0; i < old.length; i++) {
                Entry[] bucket = old[i];
                int lower = 0;
                while (lower < bucket.length && index(resized, bucket[lower].hash) == 2 * i) {
                    lower++;
                }
                resized[2 * i] = slice(bucket, 0, lower);
                resized[2 * i + 1] = slice(bucket, lower, bucket.length);
            }
        } else {
            for (int i = 0; i < resized.length; i++) {
                Entry[] left = old[2 * i];
                Entry[] right = old[2 * i + 1];
                Entry[] joined = Arrays.copyOf(left, left.length + right.length);
                System.arraycopy(right, 0, joined, left.length, right.length);
                resized[i] = joined.length == 0 ? EMPTY : joined;
            }
        }
        return resized;
    }

    private static Entry[] slice(Entry[] bucket, int from, int to) {
        return from == to ? EMPTY : to - from == bucket.length ? bucket : Arrays.copyOfRange(bucket, from, to);
    }
}
