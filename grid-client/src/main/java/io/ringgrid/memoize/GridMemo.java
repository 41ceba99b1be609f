package io.ringgrid.memoize;

import io.ringgrid.Expiry;
import io.ringgrid.GridMap;
import io.ringgrid.Versioned;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Results in the grid. Thread-safe.
 *
 * <p>Who misses a result <em>claims</em> its argument: an entry with a token of his own that is put only if there is none,
 * and that expires by itself, so a claim of the dead ends. Who has the claim looks once more, computes, puts the result,
 * and then looks whether the claim is still his. If it is not, because he was too slow or the argument was invalidated,
 * he takes his result away again, by its version: nobody else's. {@link #invalidate} ends the claim first and removes the
 * result then; so whatever their order, no result from before it stays. (One that dies between his two steps leaves it
 * until it expires.)
 */
final class GridMemo<K, V> implements Memoized<K, V> {
    /**
     * Times. Immutable.
     *
     * @param expiry of a result
     * @param patience how long a claim lasts, and is waited for
     */
    record Settings(Expiry expiry, Duration patience) {
        static final Settings DEFAULT = new Settings(Expiry.NEVER, Duration.ofSeconds(30));

        Settings {
            if (patience.isZero() || patience.isNegative()) {
                throw new IllegalArgumentException("patience must be positive, not " + patience);
            }
        }

        static Settings of(Duration ttl, Duration patience) {
            return new Settings(Expiry.after(ttl), patience);
        }
    }

    private static final long FIRST_PAUSE_MILLIS = 2;
    private static final long LONGEST_PAUSE_MILLIS = 50;

    private final GridMap<K, V> results;
    private final GridMap<K, String> claims;
    private final Settings settings;
    private final Function<K, V> function;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    GridMemo(GridMap<K, V> results, GridMap<K, String> claims, Settings settings, Function<K, V> function) {
        this.results = results;
        this.claims = claims;
        this.settings = settings;
        this.function = function;
    }

    @Override
    public V apply(K key) {
        long start = System.nanoTime();
        long pause = FIRST_PAUSE_MILLIS;
        while (true) {
            V found = results.get(key);
            if (found != null) {
                hits.increment();
                return found;
            }
            String token = UUID.randomUUID().toString();
            if (claims.putIfAbsent(key, token, Expiry.after(settings.patience))) {
                return computeClaimed(key, token);
            }
            if (System.nanoTime() - start >= settings.patience.toNanos() || !pause(pause)) {
                return compute(key);
            }
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
    }

    /** False if this thread is interrupted: it does not wait then. */
    private static boolean pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private V compute(K key) {
        misses.increment();
        return Objects.requireNonNull(function.apply(key), "a remembered function's result");
    }

    private V computeClaimed(K key, String token) {
        try {
            // It may have been published between the look before and the claim.
            V found = results.get(key);
            if (found != null) {
                hits.increment();
                return found;
            }
            V result = compute(key);
            long version = results.put(key, result, settings.expiry);
            if (mine(key, token) == null) {
                results.removeIfVersion(key, version);
            }
            return result;
        } finally {
            Versioned<String> claim = mine(key, token);
            if (claim != null) {
                claims.removeIfVersion(key, claim.version());
            }
        }
    }

    private @Nullable Versioned<String> mine(K key, String token) {
        Versioned<String> claim = claims.getVersioned(key);
        return claim != null && claim.value().equals(token) ? claim : null;
    }

    @Override
    public void invalidate(K key) {
        claims.remove(key);
        results.remove(key);
    }

    @Override
    public void clear() {
        claims.clear();
        results.clear();
        hits.reset();
        misses.reset();
    }

    @Override
    public Statistics statistics() {
        return new Statistics(hits.sum(), misses.sum());
    }
}
