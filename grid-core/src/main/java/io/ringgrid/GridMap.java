package io.ringgrid;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A named map of the grid. Thread-safe; every method on one key is linearizable, whichever member or door is used.
 *
 * <p>All methods throw {@link GridRequestException} for a key of more than 64 KiB or none, or a value over the cluster's
 * limit; {@link GridUnavailableException} when surely nothing was executed; and those that write throw
 * {@link OutcomeUnknownException} when that cannot be known.
 *
 * @param <K> the keys' type
 * @param <V> the values' type
 */
public interface GridMap<K, V> {
    /** Its name. */
    String name();

    /** The value, or null. */
    @Nullable
    V get(K key);

    /** The value with its version, or null. */
    @Nullable
    Versioned<V> getVersioned(K key);

    /** The value with its version and its expiry, or null. */
    @Nullable
    GridEntry<K, V> getEntry(K key);

    /** Sets the value, which then never expires; returns the new version. */
    long put(K key, V value);

    /** Sets the value and when it ends; returns the new version, 0 if that moment has passed. */
    long put(K key, V value, Expiry expiry);

    /** Sets the value if the key is absent; returns whether it did. */
    boolean putIfAbsent(K key, V value);

    /** Sets the value and when it ends if the key is absent; returns whether it did. */
    boolean putIfAbsent(K key, V value, Expiry expiry);

    /** Sets the value if the key is present, keeping its expiry; returns whether it did. */
    boolean replace(K key, V value);

    /** Sets the value and when it ends if the key is present; returns whether it did. */
    boolean replace(K key, V value, Expiry expiry);

    /** Sets the value if the entry's version is this one, keeping its expiry; returns whether it did. */
    boolean replaceIfVersion(K key, V value, long version);

    /** Sets the value and when it ends if the entry's version is this one; returns whether it did. */
    boolean replaceIfVersion(K key, V value, long version, Expiry expiry);

    /** Sets when the entry ends; returns whether there is one. */
    boolean touch(K key, Expiry expiry);

    /** Removes the entry; returns whether there was one. */
    boolean remove(K key);

    /** Removes the entry if its version is this one; returns whether it did. */
    boolean removeIfVersion(K key, long version);

    /**
     * Adds to a decimal number, a missing one counting from 0, and returns the sum. The expiry stays.
     *
     * @throws GridRequestException if the value is not a decimal 64-bit number, or the sum would not be one
     */
    long increment(K key, long delta);

    /** Whether there is an entry. */
    boolean containsKey(K key);

    /**
     * The values of those of these keys that are there, in the order of the keys; each key at its own moment, all members
     * asked at the same time. Keys that are {@code byte[]} are found in the map by identity.
     */
    Map<K, V> getAll(Collection<K> keys);

    /**
     * Sets all these values, which then never expire; each at its own moment, all members asked at the same time.
     *
     * @throws OutcomeUnknownException if only some may have been set
     */
    void putAll(Map<K, V> entries);

    /** Sets all these values and when they end, likewise. */
    void putAll(Map<K, V> entries, Expiry expiry);

    /** How many entries there are, on all members; each partition at its own moment. */
    long size();

    /**
     * Removes all entries, on all members; each partition at its own moment.
     *
     * @throws OutcomeUnknownException if only some may have been removed
     */
    void clear();

    /**
     * The keys, asked for in pages while they are iterated. A key that is there all the time comes exactly once, even if
     * members join, leave or die meanwhile; one that is set or removed meanwhile may come or not. The iterator throws as
     * {@link #get} does, and ends with {@link GridRequestException} at a key that is not of the keys' type.
     */
    Iterable<K> keys();

    /** The entries, likewise. */
    Iterable<GridEntry<K, V>> entries();

    /** What its near-cache does and holds; nothing if it was opened without one. */
    NearFigures nearFigures();

    /** The same map, whose methods do not wait. */
    AsyncGridMap<K, V> async();

    /**
     * The same map, of which each call, or each part of a call on many keys, may take this long.
     *
     * @throws IllegalArgumentException if it is not 1 ms to 1 hour
     */
    GridMap<K, V> withDeadline(Duration deadline);
}
