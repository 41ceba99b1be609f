package io.ringgrid.codec;

import io.ringgrid.Expiry;
import io.ringgrid.GridEntry;
import io.ringgrid.GridRequestException;
import io.ringgrid.Versioned;
import io.ringgrid.near.NearEntry;
import io.ringgrid.near.NearMap;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the methods of a typed map ask, whether their callers wait or not. Thread-safe.
 *
 * @param <K> the keys' type
 * @param <V> the values' type
 */
final class Asks<K, V> {
    /** The longest key, in bytes. */
    static final int MAX_KEY = 64 << 10;

    final String map;
    final Encoding<K> keys;
    final Encoding<V> values;
    final @Nullable NearMap<V> near;
    private final Caller caller;

    Asks(String map, Encoding<K> keys, Encoding<V> values, @Nullable NearMap<V> near, Caller caller) {
        this.map = map;
        this.keys = keys;
        this.values = values;
        this.near = near;
        this.caller = caller;
    }

    /** The entry, if it is kept near and may be shown. */
    @Nullable
    NearEntry<V> held(K key) {
        NearMap<V> home = near;
        if (home == null) {
            return null;
        }
        NearEntry<V> entry = home.find(keys.comparable(Objects.requireNonNull(key, "key")), caller.nanos());
        if (entry == null || (entry.expiry() != Operation.NEVER && entry.expiry() <= caller.wallMillis())) {
            return null;
        }
        home.hit();
        return entry;
    }

    /** The entry, or that there is none, if nobody has to be asked for it. */
    @Nullable
    Glance glance(K key) {
        return near == null ? caller.glance(map, encoded(key)) : null;
    }

    @Nullable
    V valueOf(Glance seen) {
        byte[] bytes = seen.take();
        return bytes == null ? null : values.decode(bytes, seen.flags);
    }

    @Nullable
    GridEntry<K, V> entryOf(K key, Glance seen) {
        V value = valueOf(seen);
        return value == null ? null : entry(key, value, seen.version, seen.expiry);
    }

    V valueOf(NearEntry<V> held) {
        return held.value(values::decode);
    }

    GridEntry<K, V> entryOf(K key, NearEntry<V> held) {
        return entry(key, valueOf(held), held.version(), held.expiry());
    }

    private static <K, V> GridEntry<K, V> entry(K key, V value, long version, long expiry) {
        return new GridEntry<>(key, value, version, expiry == Operation.NEVER ? null : Instant.ofEpochMilli(expiry));
    }

    /** Asks for an entry; its answer is kept near, if the map has a near-cache. */
    private <R extends @Nullable Object> Ask<@Nullable R> read(K key, BiFunction<V, Result, R> meaning) {
        Operation op = operation(Kind.GET, key);
        NearMap<V> home = near;
        NearMap.Wish<V> wish = home == null ? null : home.wish(keys.kept(key), op.keyLength);
        op.keeper = wish;
        return new Ask<>(op, result -> {
            byte[] bytes =
                    checked(Kind.GET, result, Status.FOUND, Status.MISSING).value();
            if (bytes == null) {
                return null;
            }
            V value = values.decode(bytes, result.flags());
            if (wish != null) {
                wish.made(value, result.version());
            }
            return meaning.apply(value, result);
        });
    }

    private byte[] encoded(K key) {
        byte[] bytes = keys.encode(Objects.requireNonNull(key, "key"));
        if (bytes.length < 1 || bytes.length > MAX_KEY) {
            throw new GridRequestException("a key is 1 to " + MAX_KEY + " bytes long, not " + bytes.length);
        }
        return bytes;
    }

    private Operation operation(Kind kind, K key) {
        byte[] bytes = encoded(key);
        return new Operation().reset(kind).key(bytes, 0, bytes.length);
    }

    private Operation put(K key, V value, Condition condition, Expiry expiry) {
        byte[] bytes = values.encode(Objects.requireNonNull(value, "value"));
        Operation op = operation(Kind.PUT, key).value(bytes, 0, bytes.length);
        op.flags = values.flags();
        op.condition = condition;
        op.expiry = moment(expiry);
        op.idle = expiry.idleMillis();
        return op;
    }

    private long moment(Expiry expiry) {
        return switch (expiry.kind()) {
            case NEVER -> Operation.NEVER;
            case KEEP -> Operation.KEEP;
            case AT -> expiry.millis();
            case AFTER -> {
                long now = caller.wallMillis();
                yield expiry.millis() > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + expiry.millis();
            }
        };
    }

    private Result checked(Operation.Kind kind, Result result, Status... answers) {
        for (Status answer : answers) {
            if (result.status() == answer) {
                return result;
            }
        }
        throw Failures.of(kind + " in map '" + map + "'", result);
    }

    private Ask<Boolean> whether(Operation op, Status... answersNo) {
        Kind kind = op.kind;
        return new Ask<>(op, result -> {
            boolean did = result.status() == (kind == Kind.GET ? Status.FOUND : Status.DONE);
            return did || checked(kind, result, answersNo) == null;
        });
    }

    Ask<@Nullable V> get(K key) {
        return read(key, (value, result) -> value);
    }

    Ask<@Nullable Versioned<V>> getVersioned(K key) {
        return read(key, (value, result) -> new Versioned<>(value, result.version()));
    }

    Ask<@Nullable GridEntry<K, V>> getEntry(K key) {
        return read(key, (value, result) -> entry(key, value, result.version(), result.expiry()));
    }

    /** Like {@link #getEntry}, for who goes through all entries: nothing is kept of it. */
    private Ask<@Nullable GridEntry<K, V>> passEntry(K key) {
        return new Ask<>(operation(Kind.GET, key), result -> {
            byte[] bytes =
                    checked(Kind.GET, result, Status.FOUND, Status.MISSING).value();
            return bytes == null
                    ? null
                    : entry(key, values.decode(bytes, result.flags()), result.version(), result.expiry());
        });
    }

    Ask<Boolean> containsKey(K key) {
        return whether(operation(Kind.GET, key), Status.MISSING);
    }

    Ask<Long> put(K key, V value, Expiry expiry) {
        Operation op = put(key, value, Condition.ALWAYS, expiry);
        return new Ask<>(op, result -> checked(Kind.PUT, result, Status.DONE).version());
    }

    Ask<Boolean> putIfAbsent(K key, V value, Expiry expiry) {
        return whether(put(key, value, Condition.IF_ABSENT, expiry), Status.EXISTS);
    }

    Ask<Boolean> replace(K key, V value, Expiry expiry) {
        return whether(put(key, value, Condition.IF_PRESENT, expiry), Status.MISSING);
    }

    Ask<Boolean> replaceIfVersion(K key, V value, long version, Expiry expiry) {
        Operation op = put(key, value, Condition.IF_VERSION, expiry);
        op.version = version;
        return whether(op, Status.EXISTS, Status.MISSING);
    }

    Ask<Boolean> touch(K key, Expiry expiry) {
        Operation op = operation(Kind.TOUCH, key);
        op.expiry = moment(expiry);
        op.idle = expiry.kind() == Expiry.Kind.KEEP ? Operation.KEEP : expiry.idleMillis();
        return whether(op, Status.MISSING);
    }

    Ask<Boolean> remove(K key) {
        return whether(operation(Kind.REMOVE, key), Status.MISSING);
    }

    Ask<Boolean> removeIfVersion(K key, long version) {
        Operation op = operation(Kind.REMOVE, key);
        op.condition = Condition.IF_VERSION;
        op.version = version;
        return whether(op, Status.EXISTS, Status.MISSING);
    }

    Ask<Long> increment(K key, long delta) {
        Operation op = operation(Kind.INCREMENT, key);
        op.delta = delta;
        op.expiry = Operation.KEEP;
        return new Ask<>(
                op, result -> checked(Kind.INCREMENT, result, Status.DONE).number());
    }

    Many<@Nullable V, Map<K, V>> getAll(Collection<K> keys) {
        List<K> wanted = List.copyOf(keys);
        List<@Nullable NearEntry<V>> held = new ArrayList<>(wanted.size());
        List<Ask<@Nullable V>> asked = new ArrayList<>();
        for (K key : wanted) {
            NearEntry<V> entry = held(key);
            held.add(entry);
            if (entry == null) {
                asked.add(get(key));
            }
        }
        return new Many<>(asked, values -> {
            Map<K, V> found = new LinkedHashMap<>();
            Iterator<@Nullable V> answers = values.iterator();
            for (int i = 0; i < wanted.size(); i++) {
                NearEntry<V> entry = held.get(i);
                V value = entry != null ? valueOf(entry) : answers.next();
                if (value != null) {
                    found.put(wanted.get(i), value);
                }
            }
            return found;
        });
    }

    Many<@Nullable GridEntry<K, V>, List<GridEntry<K, V>>> getEntries(List<K> keys) {
        return new Many<>(keys.stream().map(this::passEntry).toList(), entries -> {
            List<GridEntry<K, V>> found = new ArrayList<>();
            for (GridEntry<K, V> entry : entries) {
                if (entry != null) {
                    found.add(entry);
                }
            }
            return found;
        });
    }

    Many<Long, @Nullable Void> putAll(Map<K, V> entries, Expiry expiry) {
        List<Ask<Long>> puts = new ArrayList<>();
        entries.forEach((key, value) -> puts.add(put(key, value, expiry)));
        return new Many<>(puts, versions -> null);
    }

    Many<Result, Long> size() {
        return new Many<>(
                everywhere(Kind.SIZE),
                results -> results.stream().mapToLong(Result::number).sum());
    }

    Many<Result, @Nullable Void> clear() {
        return new Many<>(everywhere(Kind.CLEAR), results -> null);
    }

    private List<Ask<Result>> everywhere(Kind kind) {
        List<Ask<Result>> parts = new ArrayList<>();
        for (int partition = 0; partition < caller.partitions(); partition++) {
            parts.add(ofPartition(kind, partition));
        }
        return parts;
    }

    /** SIZE, CLEAR or SCAN of one partition. */
    Ask<Result> ofPartition(Kind kind, int partition) {
        Operation op = new Operation().reset(kind);
        op.partition = partition;
        return new Ask<>(op, result -> checked(kind, result, Status.DONE));
    }
}
