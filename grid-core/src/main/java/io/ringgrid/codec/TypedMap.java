package io.ringgrid.codec;

import io.ringgrid.Expiry;
import io.ringgrid.GridMap;
import io.ringgrid.GridRequestException;
import io.ringgrid.Versioned;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A {@link GridMap} over operations: the same for an embedded member and a thin client. Thread-safe.
 *
 * @param <K> the keys' type
 * @param <V> the values' type
 */
public final class TypedMap<K, V> implements GridMap<K, V> {
    /** The longest key, in bytes. */
    public static final int MAX_KEY = 64 << 10;
    /** The longest name of a map, in bytes. */
    public static final int MAX_NAME = 255;

    private final String name;
    private final Encoding<K> keys;
    private final Encoding<V> values;
    private final Caller caller;

    /**
     * The map of this name, seen with these types.
     *
     * @throws GridRequestException for a type that has no encoding, or a name that is not 1 to 255 bytes long
     */
    public TypedMap(String name, Class<K> keyType, Class<V> valueType, Caller caller) {
        int length = Encoding.of(String.class).encode(name).length;
        if (length < 1 || length > MAX_NAME) {
            throw new GridRequestException("a map's name is 1 to " + MAX_NAME + " bytes long, not " + length);
        }
        this.name = name;
        this.keys = Encoding.of(keyType);
        this.values = Encoding.of(valueType);
        this.caller = caller;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public @Nullable V get(K key) {
        Result result = call(operation(Kind.GET, key), Status.FOUND, Status.MISSING);
        return result.value() == null ? null : values.decode(result.value());
    }

    @Override
    public @Nullable Versioned<V> getVersioned(K key) {
        Result result = call(operation(Kind.GET, key), Status.FOUND, Status.MISSING);
        return result.value() == null ? null : new Versioned<>(values.decode(result.value()), result.version());
    }

    @Override
    public long put(K key, V value) {
        return call(put(key, value, Condition.ALWAYS), Status.DONE).version();
    }

    @Override
    public long put(K key, V value, Expiry expiry) {
        Operation op = put(key, value, Condition.ALWAYS);
        op.expiry = moment(expiry);
        return call(op, Status.DONE).version();
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

    @Override
    public boolean putIfAbsent(K key, V value) {
        return call(put(key, value, Condition.IF_ABSENT), Status.DONE, Status.EXISTS)
                        .status()
                == Status.DONE;
    }

    @Override
    public boolean replaceIfVersion(K key, V value, long version) {
        Operation op = put(key, value, Condition.IF_VERSION);
        op.version = version;
        op.expiry = Operation.KEEP;
        return call(op, Status.DONE, Status.EXISTS, Status.MISSING).status() == Status.DONE;
    }

    @Override
    public boolean remove(K key) {
        return call(operation(Kind.REMOVE, key), Status.DONE, Status.MISSING).status() == Status.DONE;
    }

    @Override
    public boolean removeIfVersion(K key, long version) {
        Operation op = operation(Kind.REMOVE, key);
        op.condition = Condition.IF_VERSION;
        op.version = version;
        return call(op, Status.DONE, Status.EXISTS, Status.MISSING).status() == Status.DONE;
    }

    @Override
    public long increment(K key, long delta) {
        Operation op = operation(Kind.INCREMENT, key);
        op.delta = delta;
        op.expiry = Operation.KEEP;
        return call(op, Status.DONE).number();
    }

    @Override
    public boolean containsKey(K key) {
        return call(operation(Kind.GET, key), Status.FOUND, Status.MISSING).status() == Status.FOUND;
    }

    private Operation operation(Kind kind, K key) {
        byte[] bytes = keys.encode(Objects.requireNonNull(key, "key"));
        if (bytes.length < 1 || bytes.length > MAX_KEY) {
            throw new GridRequestException("a key is 1 to " + MAX_KEY + " bytes long, not " + bytes.length);
        }
        return new Operation().reset(kind).key(bytes, 0, bytes.length);
    }

    private Operation put(K key, V value, Condition condition) {
        byte[] bytes = values.encode(Objects.requireNonNull(value, "value"));
        Operation op = operation(Kind.PUT, key).value(bytes, 0, bytes.length);
        op.condition = condition;
        return op;
    }

    private Result call(Operation op, Status... answers) {
        Result result = caller.call(name, op);
        for (Status answer : answers) {
            if (result.status() == answer) {
                return result;
            }
        }
        throw Failures.of(op.kind + " in map '" + name + "'", result);
    }

    @Override
    public String toString() {
        return "map '" + name + "'";
    }
}
