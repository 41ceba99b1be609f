package io.ringgrid.bench;

import org.jspecify.annotations.Nullable;

/**
 * What is measured: one contender's map from keys of 14 bytes to {@code byte[]}, by the calls that suit it best. Thread-safe.
 *
 * @param <K> the keys' type that suits it best
 */
interface Cache<K> extends AutoCloseable {
    /** The key of this number, a new object. */
    K key(int number);

    /** Whether this process answers for the key alone. */
    default boolean isOwn(K key) {
        return true;
    }

    byte @Nullable [] get(K key);

    /** Puts without asking for what was there. The value is not changed afterwards. */
    void put(K key, byte[] value);

    /** The same, to end in an hour. */
    void putForAnHour(K key, byte[] value);

    void clear();

    /** How many entries it says it holds. */
    long entries();

    /** All memory of its entries as it says itself, in bytes; or 0 if it says nothing. */
    default long reportedBytes() {
        return 0;
    }

    /** What it has allocated neither on the heap nor as direct buffers, as it says itself, in bytes. */
    default long nativeBytes() {
        return 0;
    }

    @Override
    void close();
}
