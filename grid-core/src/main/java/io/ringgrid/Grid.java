package io.ringgrid;

import java.util.List;

/**
 * The grid, as an embedded member and a thin client show it alike. Thread-safe.
 */
public interface Grid extends AutoCloseable {
    /** The map that memcached and Redis clients see. */
    String DEFAULT_MAP = "default";

    /**
     * The map of this name with {@code String} keys and raw values; created on first use, on all members.
     *
     * @throws GridUnavailableException if the map is new and the cluster cannot agree on it now
     */
    default GridMap<String, byte[]> map(String name) {
        return map(name, String.class, byte[].class);
    }

    /**
     * The map of this name, seen with these types. {@code byte[]} is raw, a {@code String} its UTF-8 bytes, a
     * {@code Long} decimal ASCII: the same entry is seen through every door and every type.
     *
     * @param keyType {@code byte[].class}, {@code String.class} or {@code Long.class}
     * @param valueType likewise
     * @throws GridRequestException for another type
     * @throws GridUnavailableException if the map is new and the cluster cannot agree on it now
     */
    <K, V> GridMap<K, V> map(String name, Class<K> keyType, Class<V> valueType);

    /**
     * The map of this name with values that are objects of the application, as bytes that only Java reads.
     *
     * @param keyType {@code byte[].class}, {@code String.class} or {@code Long.class}
     * @param valueType any class
     * @param types all classes of the application that occur in such an object
     * @throws GridRequestException for another type of keys, or if Kryo is not on the class path
     * @throws GridUnavailableException if the map is new and the cluster cannot agree on it now
     */
    <K, V> GridMap<K, V> map(String name, Class<K> keyType, Class<V> valueType, ObjectTypes types);

    /**
     * The map of this name, whose entries are kept in this JVM as well.
     *
     * @param keyType as above; {@code byte[]} costs each read a small object
     * @param valueType as above
     * @param near how many are kept
     * @throws GridRequestException for another type
     * @throws GridUnavailableException if the map is new and the cluster cannot agree on it now
     */
    default <K, V> GridMap<K, V> map(String name, Class<K> keyType, Class<V> valueType, Near near) {
        return map(name, keyType, valueType, ObjectTypes.NONE, near);
    }

    /** Likewise, with values that are objects of the application. */
    <K, V> GridMap<K, V> map(String name, Class<K> keyType, Class<V> valueType, ObjectTypes types, Near near);

    /** The members of the newest committed topology that is known here, in the order of their joining. */
    List<MemberInfo> members();

    /** Ends it: an embedded member leaves the cluster gracefully, a client closes its connections. */
    @Override
    void close();
}
