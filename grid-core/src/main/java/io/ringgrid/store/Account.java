package io.ringgrid.store;

import java.util.concurrent.atomic.LongAdder;

/**
 * One map on one member: what it may have, what the member is primary of, and what goes when there is no more room.
 * Thread-safe. Counts are exact whenever nobody writes.
 */
public final class Account {
    private final LongAdder entries = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder evictions = new LongAdder();
    private final LongAdder expirations = new LongAdder();
    private volatile long evictedAfter;
    private volatile MapLimit limit = MapLimit.USUAL;
    private volatile HitDensity policy;

    /** A map of which nothing was said: its entries compete with those of all others like it. */
    Account(HitDensity shared) {
        policy = shared;
    }

    /** What was said of this map. */
    public MapLimit limit() {
        return limit;
    }

    /** A map with a limit or a choice of its own learns by itself, since its turnovers are not the member's. */
    void limit(MapLimit newLimit, Space space) {
        limit = newLimit;
        policy = newLimit.equals(MapLimit.USUAL)
                ? space.policy
                : new HitDensity(newLimit.eviction(), entries::sum, space);
    }

    HitDensity policy() {
        return policy;
    }

    /** Entries that this member is primary of, expired ones included. */
    public long entries() {
        return entries.sum();
    }

    /** Bytes that those take with their headers, without the index. */
    public long bytes() {
        return bytes.sum();
    }

    /** Entries that were evicted here, since the start. */
    public long evictions() {
        return evictions.sum();
    }

    void evicted(int seconds) {
        evictions.increment();
        if (seconds != evictedAfter) {
            evictedAfter = seconds;
        }
    }

    /**
     * How long nobody had used the entry that was evicted last, in seconds, to an eighth of a turnover: what is used more often than
     * that is kept.
     */
    public long evictedAfterSeconds() {
        return evictedAfter;
    }

    /** Entries that ended here, as it was their time or as nobody used them, since the start. */
    public long expirations() {
        return expirations.sum();
    }

    /** An entry ended. */
    public void expired() {
        expirations.increment();
    }

    /** Reads that found an entry here, since the start. */
    public long hits() {
        return hits.sum();
    }

    /** Reads that found none. */
    public long misses() {
        return misses.sum();
    }

    /** A read was answered. */
    public void read(boolean found) {
        (found ? hits : misses).increment();
    }

    void count(long moreEntries, long moreBytes) {
        if (moreEntries != 0) {
            entries.add(moreEntries);
        }
        bytes.add(moreBytes);
    }

    /** Whether this map has a limit of its own. */
    public boolean isLimited() {
        return limit.isLimited();
    }

    /** Whether one entry more, of so many bytes, is more than this map may have. */
    public boolean isFullFor(long moreBytes) {
        MapLimit now = limit;
        return now.isLimited()
                && (entries() >= now.maxEntries()
                        || (now.maxBytes() != MapLimit.UNLIMITED && bytes() > now.maxBytes() - moreBytes));
    }

    /** Whether nothing of it is ever evicted. */
    public boolean isKept() {
        return limit.eviction() == Eviction.NONE;
    }
}
