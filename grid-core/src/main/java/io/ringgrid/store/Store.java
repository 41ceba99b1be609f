package io.ringgrid.store;

import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One partition's entries. Guarded by the partition's lock, except that {@link #tryRead}, {@link #sample}, {@link #count()} and
 * {@link #bytes} may be called by any thread at any time.
 *
 * <h2>How</h2>
 *
 * Entries are bytes outside of the Java heap ({@link Records}), found by an {@link Index} that is ordered by a 64-bit hash of
 * (map, key). So the scan needs no second index, and its cursor is a hash, which means the same on every replica. A reader
 * without a lock copies what it finds and then looks whether anybody has written meanwhile ({@link Sequence}); a writer fills a
 * new record before readers are shown it, and overwrites one in its place where it takes as much.
 *
 * <p>Nothing is ever removed but by {@link #remove}, {@link #expire}, {@link #clear} and {@link #wipe}: which copies agree is the
 * caller's matter, so the store only names what should go ({@link #sample}, {@link #idle}).
 *
 * <h2>What it costs</h2>
 *
 * Beside key and value: 16 bytes of header and 6 if it expires, rounded up to 4; a slot of 8 in pages that are nearly full; 4 on
 * the Java heap. Together 35 to 40 bytes ({@code SpaceTest}).
 *
 * <p>The hash has no secret, because all replicas must agree on it: who may choose keys can make them collide, and a page of
 * colliding ones is looked through as a whole.
 */
public final class Store {
    /** How many bits a position of {@link #walk} has. */
    public static final int POSITION_BITS = 48;

    /** An expiry is not later: beyond the year 10,000. */
    public static final long MAX_EXPIRY = (1L << 48) - 1;

    private static final int HASH_REST_BITS = Long.SIZE - POSITION_BITS;
    /** What visiting an entry of the map costs, if passing over one of another map costs 1. */
    private static final int VISIT_COST = 16;
    /** What an entry without key and value counts in a scan, so that empty ones do not come by the million. */
    private static final int SCANNED_OVERHEAD = 64;
    /** So often a reader without a lock begins anew. */
    private static final int TRIES = 8;

    private static final int NO_MAP = -1;
    private static final int SOME_MAPS = -2;

    /** Bytes of a value at once. */
    private static final int FINGERPRINTED = 64 << 10;

    private static final int LOOKED_AT_PER_EXPIRED = 8;
    /** What an entry may add to the index. */
    private static final int INDEX_BYTES = 16;

    private static final class MapCount {
        final Account account;
        long entries;
        long bytes;
        /** Of those, how many have an expiry. */
        long expiring;

        MapCount(Account account) {
            this.account = account;
        }
    }

    private final Space space;
    private final Records records;
    private final ExpiryHeap expiring = new ExpiryHeap();
    private final IdleTable idling = new IdleTable();
    private final Index index;
    private final Sequence sequence = new Sequence();
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final TreeMap<Integer, MapCount> countByMap = new TreeMap<>();
    private long recordBytes;
    /** Whether its entries count as the member's own. */
    private boolean owned;
    /** The map of all entries; or {@link #NO_MAP}, or {@link #SOME_MAPS}. */
    private volatile int soleMap = NO_MAP;
    /** Where the next entries are that may be evicted: the place of a page, and a position in it. Only hints. */
    private int lookedAt;

    private int nextPosition = 1;
    /** The victim that was named last. */
    private long named;
    /** Idleness counts from then on, by the wall clock. */
    private volatile long idleFrom;

    /** An empty store that takes its memory from this space. */
    public Store(Space space) {
        this.space = space;
        this.records = space.records;
        this.index = new Index(space, expiring);
    }

    /** The hash that orders {@link #scan}: XXH64 of the key, seeded with the map's id. The same everywhere, for ever. */
    public static long hash(int map, byte[] key, int offset, int length) {
        return XxHash64.hash(key, offset, length, map & 0xffffffffL);
    }

    /** The most bytes that an entry may take, on this member or any other. */
    public static long mostBytes(int keyLength, int valueLength, long idle) {
        return Records.mostBytes(keyLength, valueLength) + INDEX_BYTES + (idle == 0 ? 0 : IdleTable.ENTRY_BYTES);
    }

    /** Bytes that can surely be used for others when what is shown is removed. */
    public long leastBytes(EntryCursor shown) {
        return records.usableBytesOf(shown.record);
    }

    static boolean isIdle(long idle, long usedAt, long wall, long from) {
        return idle != 0 && wall - Math.max(usedAt, from) >= idle;
    }

    /**
     * A hash of everything that an entry is, the same on every copy; when it was used is no part of it.
     *
     * @param scratch for its bytes, a part at a time: at least {@link #scratchBytes}
     */
    public static long fingerprint(EntryCursor entry, byte[] scratch) {
        byte[] key = entry.copyKey();
        long hash = hash(entry.map, key, 0, key.length) ^ entry.version;
        for (int from = 0; from < entry.valueLength; from += FINGERPRINTED) {
            int length = Math.min(FINGERPRINTED, entry.valueLength - from);
            entry.copyValue(from, scratch, length);
            hash = XxHash64.hash(scratch, 0, length, hash);
        }
        return (hash ^ entry.expiry) * 0x9E3779B97F4A7C15L + entry.flags + entry.idle * 31;
    }

    /** How many bytes it takes to look at this entry's value part by part. */
    public static int scratchBytes(EntryCursor entry) {
        return Math.min(FINGERPRINTED, entry.valueLength);
    }

    // ---- reading ----

    /**
     * Shows the entry of this key with its value, and marks it as used unless it {@link #isIdle}. Needs no lock. Unless it is
     * found, the cursor shows anything.
     *
     * @param hash of map and key
     * @param wall now, in milliseconds
     */
    public Sight tryRead(long hash, int map, byte[] key, int offset, int length, long wall, EntryCursor into) {
        for (int i = 0; i < TRIES; i++) {
            long stamp = sequence.stamp();
            if (!Sequence.isTorn(stamp)) {
                Page page = index.page(hash);
                int position = index.find(page, hash, map, key, offset, length, sequence, stamp);
                if (position == Page.ABSENT) {
                    if (sequence.isUnchanged(stamp)) {
                        return Sight.ABSENT;
                    }
                } else if (readAt(page, position, into, stamp)) {
                    use(hash, map, page, position, wall, into);
                    return Sight.FOUND;
                }
            }
            Thread.onSpinWait();
        }
        return Sight.UNSURE;
    }

    private boolean readAt(Page page, int position, EntryCursor into, long stamp) {
        long slot = page.get(space.heap.memory, position);
        if (!sequence.isUnchanged(stamp)) {
            return false;
        }
        show(Page.recordOf(slot), into);
        return records.copyValue(into, sequence, stamp) && sequence.isUnchanged(stamp);
    }

    private void show(long record, EntryCursor into) {
        records.show(record, into);
        boolean idles = into.idlePlace >= 0;
        into.idle = idles ? idling.idle(into.idlePlace) : 0;
        into.usedAt = idles ? idling.usedAt(into.idlePlace) : 0;
    }

    private void use(long hash, int map, Page page, int position, long wall, EntryCursor shown) {
        short[] marks = page.marks;
        if (position < marks.length) {
            short before = marks[position];
            short mark = space.account(map).policy().used(before, hash);
            if (mark != before) {
                marks[position] = mark;
            }
        }
        if (shown.idle != 0 && !isIdle(shown, wall)) {
            idling.use(shown.idlePlace, wall);
        }
    }

    /** Shows the entry of this key, and marks it as used unless it {@link #isIdle}; false if there is none. */
    public boolean read(int map, byte[] key, int offset, int length, long wall, EntryCursor into) {
        long hash = hash(map, key, offset, length);
        Page page = index.page(hash);
        int position = show(page, hash, map, key, offset, length, into);
        if (position == Page.ABSENT) {
            return false;
        }
        use(hash, map, page, position, wall, into);
        return true;
    }

    /** Like {@link #read}, without marking the entry as used. */
    public boolean peek(int map, byte[] key, int offset, int length, EntryCursor into) {
        long hash = hash(map, key, offset, length);
        return show(index.page(hash), hash, map, key, offset, length, into) != Page.ABSENT;
    }

    private int show(Page page, long hash, int map, byte[] key, int offset, int length, EntryCursor into) {
        int position = find(page, hash, map, key, offset, length);
        if (position != Page.ABSENT) {
            show(recordAt(page, position), into);
        }
        return position;
    }

    private int find(Page page, long hash, int map, byte[] key, int offset, int length) {
        return index.find(page, hash, map, key, offset, length, sequence, sequence.stamp());
    }

    private long recordAt(Page page, int position) {
        return Page.recordOf(page.get(space.heap.memory, position));
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
        long record = idling.idle(wall, idleFrom, most);
        if (record == 0) {
            return false;
        }
        show(record, into);
        return true;
    }

    // ---- writing ----

    /**
     * Inserts or replaces an entry.
     *
     * @param expiry absolute milliseconds up to {@link #MAX_EXPIRY}, 0 = never
     * @param version as the caller stamps it
     * @throws IllegalStateException if there is no memory for it: ask {@link Space#hasRoomFor} before
     */
    public void put(int map, byte[] key, byte[] value, int flags, long expiry, long version) {
        put(map, key, value, flags, expiry, version, 0, 0);
    }

    /**
     * The same, for an entry that ends when nobody uses it.
     *
     * @param idle after how many milliseconds; 0 = however long
     * @param wall now, in milliseconds: it is used by being written
     */
    public void put(int map, byte[] key, byte[] value, int flags, long expiry, long version, long idle, long wall) {
        long hash = hash(map, key, 0, key.length);
        Page page = index.page(hash);
        int position = find(page, hash, map, key, 0, key.length);
        long at = Math.min(expiry, MAX_EXPIRY);
        if (idle != 0) {
            space.claim(idling.reserve());
        }
        if (position == Page.ABSENT) {
            insert(hash, map, key, value, flags, at, version, idle, wall);
        } else {
            replace(page, position, map, key, value, flags, at, version, idle, wall);
            page.marks[position] = space.account(map).policy().used(page.marks[position], hash);
        }
        if (at != 0) {
            Page now = index.page(hash);
            expiring.set(now, Math.min(now.earliest, at));
        }
        publish();
    }

    private void insert(
            long hash, int map, byte[] key, byte[] value, int flags, long expiry, long version, long idle, long wall) {
        // First of all, since a page cannot be in pieces.
        sequence.begin();
        boolean hasPlace = index.makePlace(hash);
        sequence.end();
        if (!hasPlace) {
            throw full(key, value);
        }
        long record = written(map, key, value, flags, expiry, version, idle == 0 ? -1 : idling.next());
        sequence.begin();
        HitDensity policy = space.account(map).policy();
        index.insert(hash, record, owned || policy == space.policy ? policy.inserted(hash, wall) : policy.arrived());
        sequence.end();
        if (idle != 0) {
            idling.add(record, idle, wall);
        }
        count.lazySet(count.get() + 1);
        space.entries.increment();
        enter(map, record, expiry);
    }

    private void replace(
            Page page,
            int position,
            int map,
            byte[] key,
            byte[] value,
            int flags,
            long expiry,
            long version,
            long idle,
            long wall) {
        long old = recordAt(page, position);
        leave(map, old);
        int place = records.idlePlaceOf(old);
        int newPlace = idle == 0 ? -1 : place >= 0 ? place : idling.next();
        long record = old;
        if (records.fits(old, map, key.length, value.length, flags, expiry, newPlace)) {
            sequence.begin();
            records.overwrite(old, map, key, value, flags, expiry, version, newPlace);
            sequence.end();
        } else {
            record = records.write(map, key, value, flags, expiry, version, newPlace);
            sequence.begin();
            if (record == 0) {
                // There is room for the difference alone.
                records.free(old);
                record = written(map, key, value, flags, expiry, version, newPlace);
                page.move(space.heap.memory, position, record);
                sequence.end();
            } else {
                page.move(space.heap.memory, position, record);
                sequence.end();
                records.free(old);
            }
        }
        if (place >= 0) {
            if (idle == 0) {
                leaveIdle(place);
            } else {
                idling.set(place, record, idle, wall);
            }
        } else if (idle != 0) {
            idling.add(record, idle, wall);
        }
        enter(map, record, expiry);
    }

    private long written(int map, byte[] key, byte[] value, int flags, long expiry, long version, int idlePlace) {
        long record = records.write(map, key, value, flags, expiry, version, idlePlace);
        if (record == 0) {
            throw full(key, value);
        }
        return record;
    }

    private IllegalStateException full(byte[] key, byte[] value) {
        return new IllegalStateException("no memory for an entry of " + key.length + " and " + value.length
                + " bytes, though there was said to be: " + space);
    }

    private void leaveIdle(int place) {
        sequence.begin();
        long moved = idling.remove(place);
        if (moved != 0) {
            records.moveIdle(moved, place);
        }
        sequence.end();
        space.claim(idling.trim());
    }

    /** An entry is counted. */
    private void enter(int map, long record, long expiry) {
        recordBytes += records.bytesOf(record);
        MapCount ofMap = countByMap.computeIfAbsent(map, this::opened);
        ofMap.entries++;
        ofMap.bytes += records.bytesOf(record);
        ofMap.expiring += expiry == 0 ? 0 : 1;
        if (owned) {
            ofMap.account.count(1, records.bytesOf(record));
        }
    }

    private MapCount opened(int map) {
        soleMap = countByMap.isEmpty() ? map : SOME_MAPS;
        return new MapCount(space.account(map));
    }

    /** An entry is no longer counted. */
    private void leave(int map, long record) {
        long left = records.bytesOf(record);
        recordBytes -= left;
        MapCount ofMap = countByMap.get(map);
        if (ofMap == null || --ofMap.entries < 0) {
            throw new IllegalStateException("an entry of map " + map + " was never counted");
        }
        ofMap.bytes -= left;
        ofMap.expiring -= records.expiryOf(record) == Long.MAX_VALUE ? 0 : 1;
        if (owned) {
            ofMap.account.count(-1, -left);
        }
    }

    /** Whether what is here counts as the member's own from now on, map by map ({@link Account}). */
    public void own(boolean newOwned) {
        if (owned != newOwned) {
            owned = newOwned;
            count(newOwned ? 1 : -1);
        }
    }

    private void count(int sign) {
        for (MapCount ofMap : countByMap.values()) {
            ofMap.account.count(sign * ofMap.entries, sign * ofMap.bytes);
        }
    }

    private void publish() {
        bytes.lazySet(recordBytes + index.bytes() + idling.bytes());
    }

    /** Removes the entry of this key; false if there is none. */
    public boolean remove(int map, byte[] key, int offset, int length) {
        long hash = hash(map, key, offset, length);
        Page page = index.page(hash);
        int position = find(page, hash, map, key, offset, length);
        if (position == Page.ABSENT) {
            return false;
        }
        removeAt(hash, page, position, map);
        publish();
        return true;
    }

    private void removeAt(long hash, Page page, int position, int map) {
        long record = recordAt(page, position);
        leave(map, record);
        int place = records.idlePlaceOf(record);
        if (place >= 0) {
            leaveIdle(place);
        }
        if (record == named) {
            Account account = space.account(map);
            account.evicted(account.policy().idleSeconds(page.marks[position]));
            account.policy().evicted(page.marks[position], hash);
            named = 0;
        }
        sequence.begin();
        index.remove(hash, page, position);
        sequence.end();
        records.free(record);
        count.lazySet(count.get() - 1);
        space.entries.decrement();
    }

    private void removeRecord(long record, int map) {
        long hash = records.hashOf(record);
        Page page = index.page(hash);
        removeAt(hash, page, index.find(page, hash, record), map);
    }

    /** Removes all entries of a map; returns how many there were. */
    public int clear(int map) {
        int removed = 0;
        long from = 0;
        do {
            Gathered gathered = new Gathered(index.page(from));
            from = index.behind(from);
            for (int i = 0; i < gathered.size && entriesOf(map) > 0; i++) {
                if (records.mapOf(gathered.records[i]) == map) {
                    removeRecord(gathered.records[i], map);
                    removed++;
                }
            }
        } while (from != 0 && entriesOf(map) > 0);
        publish();
        return removed;
    }

    /** Removes everything, of all maps, and gives the memory back. */
    public void wipe() {
        sequence.begin();
        long from = 0;
        do {
            Gathered gathered = new Gathered(index.page(from));
            from = index.behind(from);
            for (int i = 0; i < gathered.size; i++) {
                records.free(gathered.records[i]);
            }
        } while (from != 0);
        index.clear();
        sequence.end();
        expiring.clear();
        space.claim(idling.clear());
        space.entries.add(-count.get());
        count.set(0);
        if (owned) {
            count(-1);
        }
        countByMap.clear();
        soleMap = NO_MAP;
        recordBytes = 0;
        publish();
    }

    /**
     * Removes entries whose expiry is {@code clock} or before, and not many more than {@code most}; looks at a few times as many.
     *
     * @param leaving sees each of them, before it goes; must not write to this store
     * @return how many went
     */
    public int expire(long clock, int most, Consumer<EntryCursor> leaving) {
        EntryCursor shown = new EntryCursor();
        int removed = 0;
        int looked = 0;
        Page page = expiring.first();
        while (page != null && page.earliest <= clock && removed < most && looked < LOOKED_AT_PER_EXPIRED * most) {
            Gathered due = new Gathered(page);
            looked += due.size;
            long later = Long.MAX_VALUE;
            for (int i = 0; i < due.size; i++) {
                long expiry = records.expiryOf(due.records[i]);
                if (expiry > clock) {
                    later = Math.min(later, expiry);
                }
            }
            // Before the entries go, since with them the page may.
            expiring.set(page, later);
            for (int i = 0; i < due.size; i++) {
                if (records.expiryOf(due.records[i]) <= clock) {
                    show(due.records[i], shown);
                    leaving.accept(shown);
                    removeRecord(due.records[i], shown.map);
                    removed++;
                    if (owned) {
                        space.account(shown.map).expired();
                    }
                }
            }
            page = expiring.first();
        }
        publish();
        return removed;
    }

    // ---- counting ----

    /** How many entries there are, of all maps, expired or not. */
    public long count() {
        return count.get();
    }

    /** How many entries of a map are visible at this time: they have no expiry, or one after {@code clock}. */
    public long count(int map, long clock) {
        return entriesOf(map) - countDue(map, clock);
    }

    /** How many of those have an expiry. */
    public long countExpiring(int map, long clock) {
        MapCount ofMap = countByMap.get(map);
        return ofMap == null ? 0 : ofMap.expiring - countDue(map, clock);
    }

    private long countDue(int map, long clock) {
        long[] due = {0};
        expiring.forEachDue(clock, page -> {
            Gathered gathered = new Gathered(page);
            for (int i = 0; i < gathered.size; i++) {
                long record = gathered.records[i];
                due[0] += records.expiryOf(record) <= clock && records.mapOf(record) == map ? 1 : 0;
            }
        });
        return due[0];
    }

    private long entriesOf(int map) {
        MapCount ofMap = countByMap.get(map);
        return ofMap == null ? 0 : ofMap.entries;
    }

    /** Bytes that a map's entries take with their headers, without the index. */
    public long bytes(int map) {
        MapCount ofMap = countByMap.get(map);
        return ofMap == null ? 0 : ofMap.bytes;
    }

    /** Bytes that the entries take, with their index. */
    public long bytes() {
        return bytes.get();
    }

    /** Whether an entry's expiry is {@code clock} or before. */
    public boolean isDue(long clock) {
        for (Page page = expiring.first(); page != null && page.earliest <= clock; page = expiring.first()) {
            long earliest = Long.MAX_VALUE;
            Gathered gathered = new Gathered(page);
            for (int i = 0; i < gathered.size; i++) {
                earliest = Math.min(earliest, records.expiryOf(gathered.records[i]));
            }
            expiring.set(page, earliest);
            if (earliest <= clock) {
                return true;
            }
        }
        return false;
    }

    // ---- evicting ----

    /**
     * Lets the next entries compete for being evicted: as many as may still be looked at, each once. Each call goes on behind the
     * one before. Needs no lock.
     */
    public void sample(Victims victims) {
        Page[] pages = index.pages();
        int sole = soleMap;
        Account account = space.isAlike() || sole >= 0 ? space.account(Math.max(0, sole)) : null;
        if (account != null && !victims.wants(account)) {
            return;
        }
        int left = (int) Math.min(count.get(), victims.left());
        int looked = 0;
        int place = lookedAt < pages.length ? lookedAt : 0;
        int position = nextPosition;
        for (int i = 0; i <= pages.length && looked < left; i++) {
            long stamp = sequence.stamp();
            Page page = pages[place];
            int end = page.end();
            long block = page.block;
            short[] marks = page.marks;
            // Somebody writes: what there is of this page is looked at the next time.
            if (Sequence.isTorn(stamp) || !sequence.isUnchanged(stamp)) {
                end = 0;
            }
            for (; position < end && looked < left; position++) {
                long slot = space.heap.memory.getLong(block + position * (long) Long.BYTES);
                if (slot != 0) {
                    looked++;
                    meet(account, page, marks, position, slot, stamp, victims);
                }
            }
            if (position >= end) {
                position = 1;
                place = behind(page, place, pages.length);
            }
        }
        lookedAt = place;
        nextPosition = position;
        space.lookedAt.add(looked);
    }

    private void meet(
            @Nullable Account known, Page page, short[] marks, int position, long slot, long stamp, Victims victims) {
        victims.looked();
        Account account = known;
        if (account == null) {
            if (!sequence.isUnchanged(stamp)) {
                return;
            }
            int map = records.mapOf(Page.recordOf(slot));
            if (!sequence.isUnchanged(stamp)) {
                return;
            }
            account = space.account(map);
            if (!victims.wants(account)) {
                return;
            }
        }
        HitDensity policy = account.policy();
        short before = marks[position];
        short mark = policy.met(before);
        if (mark != before) {
            marks[position] = mark;
        }
        victims.meet(this, page, position, slot, policy.uselessness(mark, slot));
    }

    /** Whether there is an entry of this key, which is not marked as used by that. Needs no lock; by chance it is wrong. */
    public boolean seems(int map, byte[] key, int offset, int length) {
        long hash = hash(map, key, offset, length);
        long stamp = sequence.stamp();
        return !Sequence.isTorn(stamp)
                && index.find(index.page(hash), hash, map, key, offset, length, sequence, stamp) != Page.ABSENT;
    }

    /** The place of the next page; large ones have several, and are looked at once. */
    private static int behind(Page page, int place, int places) {
        int next = (place | (Math.max(1, places >>> page.depth) - 1)) + 1;
        return next < places ? next : 0;
    }

    /** Shows what was at this position, as the next victim, if it still is. */
    boolean name(Page page, int position, long slot, EntryCursor into) {
        if (position >= page.end() || page.get(space.heap.memory, position) != slot) {
            return false;
        }
        named = Page.recordOf(slot);
        show(named, into);
        return true;
    }

    // ---- walking ----

    /** A page's records. */
    private final class Gathered {
        final long[] records;
        final int size;

        Gathered(Page page) {
            long[] found = new long[page.count];
            int n = 0;
            for (int p = 1; p < page.end(); p++) {
                long slot = page.get(space.heap.memory, p);
                if (slot != 0) {
                    found[n++] = Page.recordOf(slot);
                }
            }
            records = found;
            size = n;
        }

        /** Their hashes, in order; the records then have the same order. */
        long[] sort() {
            long[] hashes = new long[size];
            for (int i = 0; i < size; i++) {
                long record = records[i];
                long hash = Store.this.records.hashOf(record);
                int at = i;
                while (at > 0 && Long.compareUnsigned(hashes[at - 1], hash) > 0) {
                    hashes[at] = hashes[at - 1];
                    records[at] = records[at - 1];
                    at--;
                }
                hashes[at] = hash;
                records[at] = record;
            }
            return hashes;
        }
    }

    /**
     * Visits entries in the order of their hashes, from a cursor on, until they are about {@code maxBytes}. Begun at 0
     * and continued until it returns 0, a scan visits each entry that is there all the time at least once, whatever is
     * written between the calls. Entries of one hash are always visited in one call. A cursor holds for every replica of
     * the partition.
     *
     * @param cursor 0 to begin, or what the call before returned
     * @param maxBytes of keys and values after which to stop; at least one entry is visited if any is left
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
        long from = cursor;
        do {
            Gathered gathered = new Gathered(index.page(from));
            long[] hashes = gathered.sort();
            for (int i = 0; i < hashes.length; i++) {
                if (Long.compareUnsigned(hashes[i], cursor) < 0) {
                    continue;
                }
                if (end != 0 && Long.compareUnsigned(hashes[i], end) >= 0) {
                    return 0;
                }
                if (any && visited >= maxBytes && hashes[i] != last) {
                    return last + 1;
                }
                show(gathered.records[i], shown);
                visitor.accept(shown);
                visited += shown.keyLength + shown.valueLength + SCANNED_OVERHEAD;
                last = hashes[i];
                any = true;
            }
            from = index.behind(from);
        } while (from != 0);
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
        long from = position << HASH_REST_BITS;
        do {
            Gathered gathered = new Gathered(index.page(from));
            long[] hashes = gathered.sort();
            for (int i = 0; i < hashes.length; i++) {
                long at = hashes[i] >>> HASH_REST_BITS;
                if (at < position) {
                    continue;
                }
                boolean enough = cost >= maxEntries * VISIT_COST || keyBytes >= maxKeyBytes;
                if (enough && at != last) {
                    return last + 1;
                }
                last = at;
                boolean wanted = records.mapOf(gathered.records[i]) == map;
                cost += wanted ? VISIT_COST : 1;
                if (wanted) {
                    show(gathered.records[i], shown);
                    keyBytes += shown.keyLength;
                    visitor.accept(shown);
                }
            }
            from = index.behind(from);
        } while (from != 0);
        return 0;
    }

    /**
     * Looks whether everything fits together; not for everyday use.
     *
     * @throws IllegalStateException if it does not
     */
    void audit() {
        long entries = 0;
        long ofRecords = 0;
        long last = 0;
        long from = 0;
        do {
            Page page = index.page(from);
            page.audit(space.heap.memory);
            Gathered gathered = new Gathered(page);
            for (long hash : gathered.sort()) {
                require(index.page(hash) == page, "a hash in a wrong page");
                require(Long.compareUnsigned(last, hash) <= 0, "pages out of order");
                last = hash;
            }
            for (int i = 0; i < gathered.size; i++) {
                long record = gathered.records[i];
                long hash = records.hashOf(record);
                require(page.get(space.heap.memory, index.find(page, hash, record)) != 0, "a wrong tag");
                require(records.expiryOf(record) >= page.earliest, "expires before its page");
                int place = records.idlePlaceOf(record);
                require(place < 0 || idling.recordAt(place) == record, "a wrong place among those that end idle");
                ofRecords += records.bytesOf(record);
            }
            entries += gathered.size;
            from = index.behind(from);
        } while (from != 0);
        require(entries == count.get(), entries + " entries, and " + count.get() + " counted");
        long ofMaps =
                countByMap.values().stream().mapToLong(ofMap -> ofMap.bytes).sum();
        require(ofMaps == recordBytes, ofMaps + " bytes of all maps, and " + recordBytes + " counted");
        require(ofRecords == recordBytes, ofRecords + " bytes, and " + recordBytes + " counted");
        space.heap.audit();
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException(what);
        }
    }
}
