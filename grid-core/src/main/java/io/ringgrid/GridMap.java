package io.ringgrid;

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

    /** Sets the value, which then never expires; returns the new version. */
    long put(K key, V value);

    /** Sets the value and when it ends; returns the new version, 0 if that moment has passed. */
    long put(K key, V value, Expiry expiry);

    /** Sets the value if the key is absent; returns whether it did. */
    boolean putIfAbsent(K key, V value);

    /** Sets the value if the entry's version is this one, keeping its expiry; returns whether it did. */
    boolean replaceIfVersion(K key, V value, long version);

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
}
