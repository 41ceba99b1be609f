package io.ringgrid;

/**
 * A value and the version that it was read at. Immutable.
 *
 * @param value the value
 * @param version never repeats for a key; outside of the grid only its equality means anything. It is memcached's CAS id.
 * @param <V> the value's type
 */
public record Versioned<V>(V value, long version) {}
