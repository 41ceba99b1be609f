package io.ringgrid.codec;

import io.ringgrid.AsyncGridMap;
import io.ringgrid.Expiry;
import io.ringgrid.GridEntry;
import io.ringgrid.GridMap;
import io.ringgrid.GridRequestException;
import io.ringgrid.Near;
import io.ringgrid.NearFigures;
import io.ringgrid.ObjectTypes;
import io.ringgrid.Versioned;
import io.ringgrid.near.NearEntry;
import io.ringgrid.near.NearMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A {@link GridMap} over operations: the same for an embedded member and a thin client. Thread-safe.
 *
 * @param <K> the keys' type
 * @param <V> the values' type
 */
public final class TypedMap<K, V> implements GridMap<K, V> {
    /** The longest name of a map, in bytes. */
    public static final int MAX_NAME = 255;

    /** How many entries are asked for at the same time while they are iterated. */
    private static final int AT_ONCE = 64;

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofHours(1);

    private final Asks<K, V> asks;
    private final Caller caller;
    private final long deadlineNanos;
    private final AsyncTypedMap<K, V> async;

    /**
     * The map of this name, seen with these types.
     *
     * @throws GridRequestException for a type that has no encoding, or a name that is not 1 to 255 bytes long
     */
    public TypedMap(String name, Class<K> keyType, Class<V> valueType, Caller caller) {
        this(asks(name, Encoding.of(keyType), Encoding.of(valueType), null, caller), caller, Caller.USUAL_DEADLINE);
    }

    /**
     * The same with values of the application's classes.
     *
     * @throws GridRequestException also if Kryo is needed and not on the class path
     */
    public TypedMap(String name, Class<K> keyType, Class<V> valueType, ObjectTypes types, Caller caller) {
        this(
                asks(name, Encoding.of(keyType), Encoding.of(valueType, types), null, caller),
                caller,
                Caller.USUAL_DEADLINE);
    }

    /**
     * The same with a near-cache.
     *
     * @throws GridRequestException likewise
     */
    public TypedMap(String name, Class<K> keyType, Class<V> valueType, ObjectTypes types, Near near, Caller caller) {
        this(
                asks(
                        name,
                        Encoding.of(keyType),
                        Encoding.of(valueType, types),
                        caller.near().map(name, keyType, valueType, types, near),
                        caller),
                caller,
                Caller.USUAL_DEADLINE);
    }

    private TypedMap(Asks<K, V> asks, Caller caller, long deadlineNanos) {
        this.asks = asks;
        this.caller = caller;
        this.deadlineNanos = deadlineNanos;
        this.async = new AsyncTypedMap<>(asks, caller, deadlineNanos);
    }

    private static <K, V> Asks<K, V> asks(
            String name, Encoding<K> keys, Encoding<V> values, @Nullable NearMap<V> near, Caller caller) {
        int length = Encoding.of(String.class).encode(name).length;
        if (length < 1 || length > MAX_NAME) {
            throw new GridRequestException("a map's name is 1 to " + MAX_NAME + " bytes long, not " + length);
        }
        return new Asks<>(name, keys, values, near, caller);
    }

    private <R extends @Nullable Object> R now(Ask<R> ask) {
        return ask.meaning().apply(caller.call(asks.map, ask.op(), deadlineNanos));
    }

    private <P extends @Nullable Object, R extends @Nullable Object> R now(Many<P, R> many) {
        return many.meaning(caller.await(Bulk.start(caller, asks.map, deadlineNanos, many.asks())));
    }

    @Override
    public String name() {
        return asks.map;
    }

    @Override
    public @Nullable V get(K key) {
        NearEntry<V> held = asks.held(key);
        if (held != null) {
            return asks.valueOf(held);
        }
        Glance seen = asks.glance(key);
        return seen != null ? asks.valueOf(seen) : now(asks.get(key));
    }

    @Override
    public @Nullable Versioned<V> getVersioned(K key) {
        NearEntry<V> held = asks.held(key);
        if (held != null) {
            return new Versioned<>(asks.valueOf(held), held.version());
        }
        Glance seen = asks.glance(key);
        if (seen == null) {
            return now(asks.getVersioned(key));
        }
        V value = asks.valueOf(seen);
        return value == null ? null : new Versioned<>(value, seen.version);
    }

    @Override
    public @Nullable GridEntry<K, V> getEntry(K key) {
        NearEntry<V> held = asks.held(key);
        if (held != null) {
            return asks.entryOf(key, held);
        }
        Glance seen = asks.glance(key);
        return seen != null ? asks.entryOf(key, seen) : now(asks.getEntry(key));
    }

    @Override
    public long put(K key, V value) {
        return put(key, value, Expiry.NEVER);
    }

    @Override
    public long put(K key, V value, Expiry expiry) {
        return now(asks.put(key, value, expiry));
    }

    @Override
    public boolean putIfAbsent(K key, V value) {
        return putIfAbsent(key, value, Expiry.NEVER);
    }

    @Override
    public boolean putIfAbsent(K key, V value, Expiry expiry) {
        return now(asks.putIfAbsent(key, value, expiry));
    }

    @Override
    public boolean replace(K key, V value) {
        return replace(key, value, Expiry.KEEP);
    }

    @Override
    public boolean replace(K key, V value, Expiry expiry) {
        return now(asks.replace(key, value, expiry));
    }

    @Override
    public boolean replaceIfVersion(K key, V value, long version) {
        return replaceIfVersion(key, value, version, Expiry.KEEP);
    }

    @Override
    public boolean replaceIfVersion(K key, V value, long version, Expiry expiry) {
        return now(asks.replaceIfVersion(key, value, version, expiry));
    }

    @Override
    public boolean touch(K key, Expiry expiry) {
        return now(asks.touch(key, expiry));
    }

    @Override
    public boolean remove(K key) {
        return now(asks.remove(key));
    }

    @Override
    public boolean removeIfVersion(K key, long version) {
        return now(asks.removeIfVersion(key, version));
    }

    @Override
    public long increment(K key, long delta) {
        return now(asks.increment(key, delta));
    }

    @Override
    public boolean containsKey(K key) {
        if (asks.held(key) != null) {
            return true;
        }
        Glance seen = asks.glance(key);
        return seen != null ? seen.take() != null : now(asks.containsKey(key));
    }

    @Override
    public Map<K, V> getAll(Collection<K> keys) {
        return now(asks.getAll(keys));
    }

    @Override
    public void putAll(Map<K, V> entries) {
        putAll(entries, Expiry.NEVER);
    }

    @Override
    public void putAll(Map<K, V> entries, Expiry expiry) {
        now(asks.putAll(entries, expiry));
    }

    @Override
    public long size() {
        return now(asks.size());
    }

    @Override
    public void clear() {
        now(asks.clear());
    }

    @Override
    public Iterable<K> keys() {
        return () -> new Paged<>(keys -> keys);
    }

    @Override
    public Iterable<GridEntry<K, V>> entries() {
        return () -> new Paged<>(keys -> now(asks.getEntries(keys)));
    }

    /** One by one what the keys of all pages become, some at a time: a page may have more keys than memory has values. */
    private final class Paged<T> implements Iterator<T> {
        private final Pages pages = new Pages(caller, asks, deadlineNanos);
        private final Function<List<K>, List<T>> becomes;
        private Iterator<byte[]> page = List.<byte[]>of().iterator();
        private Iterator<T> some = List.<T>of().iterator();

        Paged(Function<List<K>, List<T>> becomes) {
            this.becomes = becomes;
        }

        @Override
        public boolean hasNext() {
            while (!some.hasNext()) {
                if (!page.hasNext()) {
                    if (!pages.hasNext()) {
                        return false;
                    }
                    page = pages.next().iterator();
                }
                List<K> keys = new ArrayList<>(AT_ONCE);
                while (page.hasNext() && keys.size() < AT_ONCE) {
                    keys.add(asks.keys.decode(page.next()));
                }
                some = becomes.apply(keys).iterator();
            }
            return true;
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return some.next();
        }
    }

    @Override
    public NearFigures nearFigures() {
        NearMap<V> near = asks.near;
        return near == null ? NearFigures.NONE : near.figures();
    }

    @Override
    public AsyncGridMap<K, V> async() {
        return async;
    }

    @Override
    public GridMap<K, V> withDeadline(Duration deadline) {
        if (deadline.compareTo(SHORTEST) < 0 || deadline.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a deadline is 1 ms to 1 hour, not " + deadline);
        }
        return new TypedMap<>(asks, caller, deadline.toNanos());
    }

    @Override
    public String toString() {
        return "map '" + asks.map + "'";
    }
}
