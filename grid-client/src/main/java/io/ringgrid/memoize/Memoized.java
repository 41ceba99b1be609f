package io.ringgrid.memoize;

import java.util.function.Function;

/**
 * A function that remembers its results. Thread-safe.
 *
 * @param <K> its arguments' type
 * @param <V> its results' type
 */
public interface Memoized<K, V> extends Function<K, V> {
    /**
     * How often it was asked, in this JVM, since it was made or since {@link Memoized#clear}.
     *
     * @param hits answered by a result that was there, or that somebody else was computing
     * @param misses computed here
     */
    record Statistics(long hits, long misses) {}

    /** The result for this argument, remembered or computed; an exception of the function passes, and is not remembered. */
    @Override
    V apply(K key);

    /** Forgets the result for this argument; one that is being computed is not remembered. */
    void invalidate(K key);

    /** Forgets all results, and counts anew. */
    void clear();

    /** What was asked so far. */
    Statistics statistics();
}
