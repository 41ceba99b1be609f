package io.ringgrid.memoize;

import io.ringgrid.GridMap;
import java.time.Duration;
import java.util.function.Function;

/**
 * Makes functions remember their results: the counterpart of Python's {@code functools.lru_cache} and {@code cachetools}.
 * Stateless.
 *
 * <pre>{@code
 * Memoized<Long, Product> products = Memoize.local(10_000, Duration.ofMinutes(1), shop::load);
 * Product product = products.apply(17L);
 * }</pre>
 */
public final class Memoize {
    private Memoize() {}

    /**
     * Remembers in this JVM. Each argument's result is computed once at a time: other threads wait for it.
     *
     * @param maxEntries beyond, the result that was asked for least recently is forgotten
     * @param ttl how long a result is remembered
     * @param function never returns null
     * @throws IllegalArgumentException if a limit is not positive
     */
    public static <K, V> Memoized<K, V> local(int maxEntries, Duration ttl, Function<K, V> function) {
        if (maxEntries < 1 || ttl.isNegative() || ttl.isZero()) {
            throw new IllegalArgumentException("limits must be positive, not " + maxEntries + " entries and " + ttl);
        }
        return new LocalMemo<>(maxEntries, ttl.toNanos(), function, System::nanoTime);
    }

    /**
     * Remembers in a map of the grid, for all who use the same maps, until the entry is removed or evicted. In the whole
     * cluster each argument's result is computed once at a time, as long as computing takes less than 30 s: others wait
     * for it at most so long, and then compute it for themselves.
     *
     * @param results the results by arguments
     * @param claims another map with keys of the same type, for who computes what at the moment
     * @param function never returns null
     */
    public static <K, V> Memoized<K, V> grid(
            GridMap<K, V> results, GridMap<K, String> claims, Function<K, V> function) {
        return new GridMemo<>(results, claims, GridMemo.Settings.DEFAULT, function);
    }

    /**
     * The same with times of its own.
     *
     * @param ttl how long a result is remembered
     * @param patience how long the others wait for whoever computes, and after which he counts as dead
     * @throws IllegalArgumentException if a time is not positive
     */
    public static <K, V> Memoized<K, V> grid(
            GridMap<K, V> results,
            GridMap<K, String> claims,
            Duration ttl,
            Duration patience,
            Function<K, V> function) {
        return new GridMemo<>(results, claims, GridMemo.Settings.of(ttl, patience), function);
    }
}
