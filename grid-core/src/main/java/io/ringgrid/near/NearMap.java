package io.ringgrid.near;

import io.ringgrid.Near;
import io.ringgrid.NearFigures;
import io.ringgrid.op.Operation;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one map, bounded in entries and bytes. Finding is lock-free and allocates nothing; everything else is
 * guarded by its {@link NearCache}.
 *
 * <p>The least recently used goes first, nearly: readers only mark an entry as used, and one that was marked is passed over
 * once (second chance). Exact order would cost each hit a write that all threads share.
 *
 * @param <V> the values' type
 */
public final class NearMap<V> {
    /**
     * That a GET's answer should be kept. Made for one request.
     *
     * @param <V> the values' type
     */
    public static final class Wish<V> implements Operation.Keeper {
        final NearMap<V> home;
        final Object key;
        final int keyBytes;
        private volatile @Nullable NearEntry<V> filled;

        Wish(NearMap<V> home, Object key, int keyBytes) {
            this.home = home;
            this.key = key;
            this.keyBytes = keyBytes;
        }

        void filled(NearEntry<V> entry) {
            filled = entry;
        }

        /** The value that was answered, as an object: if that answer was kept, nobody has to make it again. */
        public void made(V value, long version) {
            NearEntry<V> entry = filled;
            if (entry != null && entry.version() == version) {
                entry.made(value);
            }
        }
    }

    private final NearCache cache;
    private final Near limits;
    private final ConcurrentHashMap<Object, NearEntry<V>> entries = new ConcurrentHashMap<>();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private @Nullable NearEntry<V> oldest;
    private @Nullable NearEntry<V> newest;
    private long count;
    private long bytes;
    private long invalidations;
    private long evictions;

    NearMap(NearCache cache, Near limits) {
        this.cache = cache;
        this.limits = limits;
    }

    /**
     * The entry of this key, if it may be shown; whether it has expired by the wall clock is left to the caller.
     *
     * @param key an object with equality, the one that was given to {@link #wish}
     * @param nanos the monotonic clock
     */
    public @Nullable NearEntry<V> find(Object key, long nanos) {
        NearEntry<V> entry = entries.get(key);
        if (entry == null || entry.lot.dropped || nanos - entry.lot.source.freshUntil >= 0) {
            return null;
        }
        if (!entry.accessed) {
            entry.accessed = true;
        }
        return entry;
    }

    /** What {@link #find} returned was shown to a caller. */
    public void hit() {
        hits.increment();
    }

    /**
     * What is not kept, or may not be shown, is asked for: its answer should be kept.
     *
     * @param key as for {@link #find}; nobody changes it
     * @param keyBytes how long it is as members keep it
     */
    public Wish<V> wish(Object key, int keyBytes) {
        misses.increment();
        return new Wish<>(this, key, keyBytes);
    }

    /** What was counted since it was made. */
    public NearFigures figures() {
        synchronized (cache) {
            return new NearFigures(hits.sum(), misses.sum(), invalidations, evictions, count, bytes);
        }
    }

    /** Whether an entry of this size may be kept at all. */
    boolean takes(int weight) {
        return weight <= limits.maxBytes();
    }

    /** Keeps an entry; what has to go for it goes before it comes. */
    void add(NearEntry<V> entry) {
        NearEntry<V> former = entries.get(entry.key);
        if (former != null) {
            cache.forget(former);
            remove(former);
        }
        while (count >= limits.maxEntries() || bytes + entry.weight > limits.maxBytes()) {
            NearEntry<V> victim = victim();
            evictions++;
            cache.forget(victim);
            remove(victim);
        }
        entries.put(entry.key, entry);
        link(entry);
        count++;
        bytes += entry.weight;
    }

    /** Removes an entry that is here. */
    void remove(NearEntry<V> entry) {
        entries.remove(entry.key, entry);
        cut(entry);
        count--;
        bytes -= entry.weight;
    }

    void invalidate(NearEntry<V> entry) {
        invalidations++;
        remove(entry);
    }

    private void link(NearEntry<V> entry) {
        NearEntry<V> before = newest;
        entry.older = before;
        if (before == null) {
            oldest = entry;
        } else {
            before.newer = entry;
        }
        newest = entry;
    }

    private void cut(NearEntry<V> entry) {
        NearEntry<V> before = entry.older;
        NearEntry<V> after = entry.newer;
        if (before == null) {
            oldest = after;
        } else {
            before.newer = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.older = before;
        }
        entry.older = null;
        entry.newer = null;
    }

    /** Passes over each entry once at the most, however often readers mark it meanwhile. */
    private NearEntry<V> victim() {
        for (long passed = 0; ; passed++) {
            NearEntry<V> candidate = oldest;
            if (candidate == null) {
                throw new IllegalStateException("full of nothing: " + count + " entries, " + bytes + " bytes");
            }
            if (!candidate.accessed || passed >= count) {
                return candidate;
            }
            candidate.accessed = false;
            cut(candidate);
            link(candidate);
        }
    }
}
