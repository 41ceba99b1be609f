package io.ringgrid.codec;

import io.ringgrid.AsyncGridMap;
import io.ringgrid.Expiry;
import io.ringgrid.GridEntry;
import io.ringgrid.Versioned;
import io.ringgrid.near.NearEntry;
import io.ringgrid.op.Result;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The twins that do not wait. Thread-safe.
 *
 * @param <K> the keys' type
 * @param <V> the values' type
 */
final class AsyncTypedMap<K, V> implements AsyncGridMap<K, V> {
    private final Asks<K, V> asks;
    private final Caller caller;
    private final long deadlineNanos;

    AsyncTypedMap(Asks<K, V> asks, Caller caller, long deadlineNanos) {
        this.asks = asks;
        this.caller = caller;
        this.deadlineNanos = deadlineNanos;
    }

    private <R extends @Nullable Object> CompletionStage<R> later(Supplier<Ask<R>> made) {
        CompletableFuture<R> stage = new CompletableFuture<>();
        attempt(stage, () -> {
            Ask<R> ask = made.get();
            caller.submit(
                    asks.map,
                    ask.op(),
                    deadlineNanos,
                    result -> complete(stage, () -> ask.meaning().apply(result)));
        });
        return stage;
    }

    /** What is kept near ends its stage at once. */
    private <R extends @Nullable Object> CompletionStage<R> heldOr(
            K key, Function<NearEntry<V>, R> meaning, Supplier<Ask<R>> made) {
        CompletableFuture<R> stage = new CompletableFuture<>();
        try {
            NearEntry<V> held = asks.held(key);
            if (held == null) {
                return later(made);
            }
            stage.complete(meaning.apply(held));
        } catch (RuntimeException e) {
            stage.completeExceptionally(e);
        }
        return stage;
    }

    private <P extends @Nullable Object, R extends @Nullable Object> CompletionStage<R> laterAll(
            Supplier<Many<P, R>> made) {
        CompletableFuture<R> stage = new CompletableFuture<>();
        attempt(stage, () -> {
            Many<P, R> many = made.get();
            CompletableFuture<List<Result>> unused = Bulk.start(caller, asks.map, deadlineNanos, many.asks())
                    .whenComplete((results, failure) -> {
                        if (failure != null) {
                            stage.completeExceptionally(failure);
                        } else {
                            complete(stage, () -> many.meaning(results));
                        }
                    });
        });
        return stage;
    }

    /** Ends the stage by a meaning: on a thread that may wait, for the application goes on from there. */
    private <R extends @Nullable Object> void complete(CompletableFuture<R> stage, Supplier<R> meaning) {
        attempt(stage, () -> caller.elsewhere(() -> attempt(stage, () -> stage.complete(meaning.get()))));
    }

    /** Does this; if it cannot be done, that is the end of the stage, which would have none otherwise. */
    private static void attempt(CompletableFuture<?> stage, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            stage.completeExceptionally(e);
        }
    }

    @Override
    public CompletionStage<@Nullable V> get(K key) {
        return heldOr(key, asks::valueOf, () -> asks.get(key));
    }

    @Override
    public CompletionStage<@Nullable Versioned<V>> getVersioned(K key) {
        return heldOr(key, held -> new Versioned<>(asks.valueOf(held), held.version()), () -> asks.getVersioned(key));
    }

    @Override
    public CompletionStage<@Nullable GridEntry<K, V>> getEntry(K key) {
        return heldOr(key, held -> asks.entryOf(key, held), () -> asks.getEntry(key));
    }

    @Override
    public CompletionStage<Long> put(K key, V value) {
        return put(key, value, Expiry.NEVER);
    }

    @Override
    public CompletionStage<Long> put(K key, V value, Expiry expiry) {
        return later(() -> asks.put(key, value, expiry));
    }

    @Override
    public CompletionStage<Boolean> putIfAbsent(K key, V value) {
        return putIfAbsent(key, value, Expiry.NEVER);
    }

    @Override
    public CompletionStage<Boolean> putIfAbsent(K key, V value, Expiry expiry) {
        return later(() -> asks.putIfAbsent(key, value, expiry));
    }

    @Override
    public CompletionStage<Boolean> replace(K key, V value) {
        return replace(key, value, Expiry.KEEP);
    }

    @Override
    public CompletionStage<Boolean> replace(K key, V value, Expiry expiry) {
        return later(() -> asks.replace(key, value, expiry));
    }

    @Override
    public CompletionStage<Boolean> replaceIfVersion(K key, V value, long version) {
        return replaceIfVersion(key, value, version, Expiry.KEEP);
    }

    @Override
    public CompletionStage<Boolean> replaceIfVersion(K key, V value, long version, Expiry expiry) {
        return later(() -> asks.replaceIfVersion(key, value, version, expiry));
    }

    @Override
    public CompletionStage<Boolean> touch(K key, Expiry expiry) {
        return later(() -> asks.touch(key, expiry));
    }

    @Override
    public CompletionStage<Boolean> remove(K key) {
        return later(() -> asks.remove(key));
    }

    @Override
    public CompletionStage<Boolean> removeIfVersion(K key, long version) {
        return later(() -> asks.removeIfVersion(key, version));
    }

    @Override
    public CompletionStage<Long> increment(K key, long delta) {
        return later(() -> asks.increment(key, delta));
    }

    @Override
    public CompletionStage<Boolean> containsKey(K key) {
        return heldOr(key, held -> true, () -> asks.containsKey(key));
    }

    @Override
    public CompletionStage<Map<K, V>> getAll(Collection<K> keys) {
        return laterAll(() -> asks.getAll(keys));
    }

    @Override
    public CompletionStage<@Nullable Void> putAll(Map<K, V> entries) {
        return putAll(entries, Expiry.NEVER);
    }

    @Override
    public CompletionStage<@Nullable Void> putAll(Map<K, V> entries, Expiry expiry) {
        return laterAll(() -> asks.putAll(entries, expiry));
    }

    @Override
    public CompletionStage<Long> size() {
        return laterAll(asks::size);
    }

    @Override
    public CompletionStage<@Nullable Void> clear() {
        return laterAll(asks::clear);
    }

    @Override
    public String toString() {
        return "map '" + asks.map + "'";
    }
}
