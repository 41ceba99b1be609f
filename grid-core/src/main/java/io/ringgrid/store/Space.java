package io.ringgrid.store;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * A member's memory for entries, shared by all its partitions: a {@link Heap} outside of the Java heap for entries and index, and
 * an account of the few bytes per entry on the Java heap. Together they never take more than the limit. Thread-safe. Who wants to
 * write asks first whether there is room, and makes some by removing entries (PROTOCOL.md 9).
 */
public final class Space {
    /** The part of the limit that may be on the Java heap. */
    private static final int ON_HEAP_SHARE = 16;
    /** Of little memory it is more. */
    private static final int LEAST_ON_HEAP = 4 << 10;

    private static final int MOST_ON_HEAP_SHARE = 4;
    /** What is always kept free: what is written is measured before, not exactly. */
    private static final long RESERVE_SHARE = 64;

    private static final long MOST_RESERVE = 64 << 10;
    /** What a page that is divided takes of the Java heap. */
    private static final long ON_HEAP_RESERVE = 256;

    private static final int MOST_ACCOUNTS = 1 << 12;

    final Heap heap;
    final Records records;
    /** How many entries there are in all stores. */
    final LongAdder entries = new LongAdder();

    /** How many entries were looked at for victims. */
    final LongAdder lookedAt = new LongAdder();

    /** Of the entries of all maps of which nothing was said. */
    final HitDensity policy = new HitDensity(Eviction.DENSITY, entries::sum, this);
    /** By the map's id. */
    private volatile Account[] accounts = {};
    /** Of whatever has no map's id. */
    private final Account others = new Account(policy);
    /** Whether all maps' entries compete with each other. */
    private volatile boolean isAlike = true;

    private final long maxBytes;
    private final long maxOnHeap;
    private final long maxOutside;
    private final AtomicLong onHeap = new AtomicLong();

    /**
     * Empty memory.
     *
     * @param maxBytes the limit, at least 1
     */
    public Space(long maxBytes) {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("a space of " + maxBytes + " bytes");
        }
        this.maxBytes = maxBytes;
        this.maxOnHeap = Math.max(maxBytes / ON_HEAP_SHARE, Math.min(maxBytes / MOST_ON_HEAP_SHARE, LEAST_ON_HEAP));
        this.heap = new Heap(maxBytes - maxOnHeap);
        this.maxOutside = heap.maxBytes();
        this.records = new Records(heap);
    }

    /** Bytes that the entries of all stores take now, their index included, and what cannot be used in between. */
    public long usedBytes() {
        return heap.usedBytes() + heap.strandedBytes() + onHeap.get() + policyBytes();
    }

    /** The limit in bytes: what it was made with, or less, if the JVM does not grant that outside of its heap. */
    public long maxBytes() {
        return maxBytes - refusedBytes();
    }

    /** Bytes of the limit that the JVM has refused; 0 until it does. */
    public long refusedBytes() {
        return maxOutside - heap.maxBytes();
    }

    /** Bytes that are taken from the system now: {@link #usedBytes} and what is free for entries to come. */
    public long residentBytes() {
        return heap.chunkBytes() + onHeap.get() + policyBytes();
    }

    /** How full it is, in thousandths. */
    public int fillPermille() {
        long free = heap.usableBytes();
        double outside = 1 - (double) free / Math.max(1, heap.maxBytes());
        double inside = (double) onHeap.get() / Math.max(1, maxOnHeap);
        return (int) (Math.max(outside, inside) * 1000);
    }

    /** Whether entries that take so many bytes ({@link Store#mostBytes}) can be written. */
    public boolean hasRoomFor(long bytes) {
        if (onHeap.get() + policyBytes() + ON_HEAP_RESERVE > maxOnHeap) {
            return false;
        }
        long needed = bytes + Math.min(MOST_RESERVE, maxBytes / RESERVE_SHARE);
        // Before the first eviction, which may never come, the heap's lock is not needed for the answer.
        return heap.unallocatedBytes() >= 2 * needed + MOST_RESERVE
                || (heap.usableBytes() >= needed + heap.pageReserve() && heap.hasPages());
    }

    /** Bytes of all entries and their index: what their stores' {@link Store#bytes} come to. */
    public long entryBytes() {
        return heap.blockBytes() + onHeap.get();
    }

    /** How many entries were looked at for those that are evicted, since the start. */
    public long lookedAt() {
        return lookedAt.sum();
    }

    /** What there is of a map here; made when it is asked for first. */
    public Account account(int map) {
        Account[] all = accounts;
        if (map >= 0 && map < all.length) {
            return all[map];
        }
        return map >= 0 && map < MOST_ACCOUNTS ? opened(map) : others;
    }

    private synchronized Account opened(int map) {
        Account[] all = accounts;
        if (map >= all.length) {
            int before = all.length;
            all = Arrays.copyOf(all, map + 1);
            for (int i = before; i < all.length; i++) {
                all[i] = new Account(policy);
            }
            accounts = all;
        }
        return all[map];
    }

    /** Says what a map may have here; if that is new, what was learned of it is forgotten. */
    public void limit(int map, MapLimit limit) {
        Account account = account(map);
        if (!account.limit().equals(limit)) {
            account.limit(limit, this);
            isAlike = Arrays.stream(accounts).allMatch(each -> each.policy() == policy);
        }
    }

    /** Reads of all maps that found an entry, since the start. */
    public long hits() {
        return others.hits() + Arrays.stream(accounts).mapToLong(Account::hits).sum();
    }

    /** Reads of all maps that found none. */
    public long misses() {
        return others.misses()
                + Arrays.stream(accounts).mapToLong(Account::misses).sum();
    }

    boolean isAlike() {
        return isAlike;
    }

    private long policyBytes() {
        if (isAlike) {
            return policy.bytes();
        }
        long bytes = policy.bytes();
        for (Account account : accounts) {
            bytes += account.policy() == policy ? 0 : account.policy().bytes();
        }
        return bytes;
    }

    /** What the index leaves of the bytes on the Java heap. */
    long leftOnHeap() {
        return maxOnHeap - onHeap.get();
    }

    /** So many bytes more, or less, are taken on the Java heap. */
    void claim(long bytes) {
        onHeap.addAndGet(bytes);
    }

    /** For people: what there is. */
    @Override
    public String toString() {
        return usedBytes() + " of " + maxBytes + " bytes used, " + heap.usableBytes() + " free, " + onHeap.get()
                + " of " + maxOnHeap + " on the heap";
    }
}
