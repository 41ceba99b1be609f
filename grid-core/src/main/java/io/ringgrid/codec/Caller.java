package io.ringgrid.codec;

import io.ringgrid.near.NearCache;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a typed map stands on: a member or a client. Thread-safe. */
public interface Caller {
    /** A deadline of this value means: as the member or client was told when it was made. */
    long USUAL_DEADLINE = 0;

    /**
     * Executes an operation on the map of this name, and waits for its answer.
     *
     * @param op its map's id is still to be set; its bytes are not changed and not kept
     * @param deadlineNanos how long it may take, or {@link #USUAL_DEADLINE}
     * @throws io.ringgrid.GridUnavailableException if the map's id cannot be found out now
     * @throws IllegalStateException on an event loop
     */
    Result call(String map, Operation op, long deadlineNanos);

    /**
     * Shows the entry of this key, if nobody has to be asked for it.
     *
     * @return null if it is to be asked for by {@link #call}
     */
    default @Nullable Glance glance(String map, byte[] key) {
        return null;
    }

    /**
     * Executes an operation like {@link #call}, without waiting.
     *
     * @param answer hears the result once, on any thread: it must not wait
     */
    void submit(String map, Operation op, long deadlineNanos, Consumer<Result> answer);

    /**
     * Waits for what becomes complete by answers.
     *
     * @throws RuntimeException if it ends so
     * @throws io.ringgrid.OutcomeUnknownException if this thread is interrupted
     * @throws IllegalStateException on an event loop, where it would wait for itself
     */
    <T> T await(CompletableFuture<T> future);

    /** Runs this on a thread that may wait. */
    void elsewhere(Runnable work);

    /** How many partitions the cluster has. */
    int partitions();

    /** What this process keeps near. */
    NearCache near();

    /** The monotonic clock, in nanoseconds. */
    long nanos();

    /** Wall-clock milliseconds, as the members judge expiry. */
    long wallMillis();
}
