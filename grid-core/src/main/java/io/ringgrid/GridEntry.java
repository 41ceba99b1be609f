package io.ringgrid;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An entry as it was at one moment. Immutable.
 *
 * @param key its key
 * @param value its value
 * @param version as {@link Versioned#version}
 * @param expiry when it ends, by the members' clocks; null if never
 * @param <K> the key's type
 * @param <V> the value's type
 */
public record GridEntry<K, V>(
        K key, V value, long version, @Nullable Instant expiry) {}
