package io.ringgrid.memoize;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Results in this JVM, least recently used first. Thread-safe: the map is guarded by itself, and nothing is computed under
 * its monitor, so the function may ask for other arguments' results.
 */
final class LocalMemo<K, V> implements Memoized<K, V> {
    /** A result that is there or is being computed. */
    private static final class Slot<V> {
        private final Thread owner = Thread.currentThread();
        private final CompletableFuture<V> result = new CompletableFuture<>();
        private final long madeNanos;

        Slot(long madeNanos) {
            this.madeNanos = madeNanos;
        }
    }

    private final long ttlNanos;
    private final Function<K, V> function;
    private final LongSupplier nanoTime;
    private final Map<K, Slot<V>> slots;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    LocalMemo(int maxEntries, long ttlNanos, Function<K, V> function, LongSupplier nanoTime) {
        this.ttlNanos = ttlNanos;
        this.function = function;
        this.nanoTime = nanoTime;
        this.slots = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, Slot<V>> eldest) {
                return size() > maxEntries;
            }
        };
    }

    @Override
    public V apply(K key) {
        Objects.requireNonNull(key, "key");
        long now = nanoTime.getAsLong();
        Slot<V> slot;
        boolean mine = false;
        synchronized (slots) {
            slot = slots.get(key);
            if (slot == null || now - slot.madeNanos >= ttlNanos) {
                slot = new Slot<>(now);
                slots.put(key, slot);
                mine = true;
            }
        }
        if (mine) {
            misses.increment();
            return compute(key, slot);
        }
        if (!slot.result.isDone() && slot.owner == Thread.currentThread()) {
            throw new IllegalStateException("the result for " + key + " needs itself");
        }
        V result = wait(slot);
        hits.increment();
        return result;
    }

    private V compute(K key, Slot<V> slot) {
        try {
            V result = Objects.requireNonNull(function.apply(key), "a remembered function's result");
            slot.result.complete(result);
            return result;
        } catch (RuntimeException | Error e) {
            forget(key, slot);
            slot.result.completeExceptionally(e);
            throw e;
        }
    }

    private static <V> V wait(Slot<V> slot) {
        try {
            return slot.result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private void forget(K key, @Nullable Slot<V> slot) {
        synchronized (slots) {
            slots.remove(key, slot);
        }
    }

    @Override
    public void invalidate(K key) {
        synchronized (slots) {
            slots.remove(key);
        }
    }

    @Override
    public void clear() {
        synchronized (slots) {
            slots.clear();
        }
        hits.reset();
        misses.reset();
    }

    @Override
    public Statistics statistics() {
        return new Statistics(hits.sum(), misses.sum());
    }
}
