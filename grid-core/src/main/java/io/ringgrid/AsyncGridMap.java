package io.ringgrid;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A {@link GridMap} whose methods do not wait. Thread-safe.
 *
 * <p>Each method does what its twin does. A stage ends with the twin's result, or exceptionally with the twin's exception,
 * a wrong key's included. What depends on a stage never runs on an event loop, so it may call the grid and wait. Calls of
 * one thread on one key take effect in their order.
 *
 * @param <K> the keys' type
 * @param <V> the values' type
 */
public interface AsyncGridMap<K, V> {
    /** {@link GridMap#get}. */
    CompletionStage<@Nullable V> get(K key);

    /** {@link GridMap#getVersioned}. */
    CompletionStage<@Nullable Versioned<V>> getVersioned(K key);

    /** {@link GridMap#getEntry}. */
    CompletionStage<@Nullable GridEntry<K, V>> getEntry(K key);

    /** {@link GridMap#put(Object, Object)}. */
    CompletionStage<Long> put(K key, V value);

    /** {@link GridMap#put(Object, Object, Expiry)}. */
    CompletionStage<Long> put(K key, V value, Expiry expiry);

    /** {@link GridMap#putIfAbsent(Object, Object)}. */
    CompletionStage<Boolean> putIfAbsent(K key, V value);

    /** {@link GridMap#putIfAbsent(Object, Object, Expiry)}. */
    CompletionStage<Boolean> putIfAbsent(K key, V value, Expiry expiry);

    /** {@link GridMap#replace(Object, Object)}. */
    CompletionStage<Boolean> replace(K key, V value);

    /** {@link GridMap#replace(Object, Object, Expiry)}. */
    CompletionStage<Boolean> replace(K key, V value, Expiry expiry);

    /** {@link GridMap#replaceIfVersion(Object, Object, long)}. */
    CompletionStage<Boolean> replaceIfVersion(K key, V value, long version);

    /** {@link GridMap#replaceIfVersion(Object, Object, long, Expiry)}. */
    CompletionStage<Boolean> replaceIfVersion(K key, V value, long version, Expiry expiry);

    /** {@link GridMap#touch}. */
    CompletionStage<Boolean> touch(K key, Expiry expiry);

    /** {@link GridMap#remove}. */
    CompletionStage<Boolean> remove(K key);

    /** {@link GridMap#removeIfVersion}. */
    CompletionStage<Boolean> removeIfVersion(K key, long version);

    /** {@link GridMap#increment}. */
    CompletionStage<Long> increment(K key, long delta);

    /** {@link GridMap#containsKey}. */
    CompletionStage<Boolean> containsKey(K key);

    /** {@link GridMap#getAll}. */
    CompletionStage<Map<K, V>> getAll(Collection<K> keys);

    /** {@link GridMap#putAll(Map)}. */
    CompletionStage<@Nullable Void> putAll(Map<K, V> entries);

    /** {@link GridMap#putAll(Map, Expiry)}. */
    CompletionStage<@Nullable Void> putAll(Map<K, V> entries, Expiry expiry);

    /** {@link GridMap#size}. */
    CompletionStage<Long> size();

    /** {@link GridMap#clear}. */
    CompletionStage<@Nullable Void> clear();
}
