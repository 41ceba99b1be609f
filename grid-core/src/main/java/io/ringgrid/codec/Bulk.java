package io.ringgrid.codec;

import io.ringgrid.op.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Many asks at the same time, of which at most {@value #WINDOW} are under way: what goes to one member leaves together.
 * Thread-safe: asks by whoever calls {@link #start} and then by those who bring answers.
 */
final class Bulk {
    /** Far below what a router takes, so that one call does not crowd out all others. */
    static final int WINDOW = 1024;

    private final Caller caller;
    private final String map;
    private final long deadlineNanos;
    private final List<? extends Ask<?>> asks;
    private final @Nullable Result[] results;
    private final CompletableFuture<List<Result>> all = new CompletableFuture<>();

    // Guarded by this.
    private int next;
    private int underWay;
    private boolean asking;

    private Bulk(Caller caller, String map, long deadlineNanos, List<? extends Ask<?>> asks) {
        this.caller = caller;
        this.map = map;
        this.deadlineNanos = deadlineNanos;
        this.asks = asks;
        this.results = new @Nullable Result[asks.size()];
    }

    /**
     * Asks them all; what is returned becomes complete on any thread, with the results in the order of the asks, or with
     * what the caller threw when it was to submit one.
     */
    static CompletableFuture<List<Result>> start(
            Caller caller, String map, long deadlineNanos, List<? extends Ask<?>> asks) {
        Bulk bulk = new Bulk(caller, map, deadlineNanos, asks);
        if (asks.isEmpty()) {
            bulk.all.complete(List.of());
        } else {
            bulk.askOn();
        }
        return bulk.all;
    }

    /** Asks while there is room; an answer that comes at once does not ask in turn, or the stack would grow with it. */
    private void askOn() {
        while (true) {
            int index;
            synchronized (this) {
                if (asking || next == asks.size() || underWay == WINDOW) {
                    return;
                }
                asking = true;
                index = next++;
                underWay++;
            }
            try {
                caller.submit(map, asks.get(index).op(), deadlineNanos, result -> answered(index, result));
            } catch (RuntimeException e) {
                // Nobody asks any further, and nobody waits for what is under way.
                all.completeExceptionally(e);
                return;
            }
            synchronized (this) {
                asking = false;
            }
        }
    }

    private void answered(int index, Result result) {
        boolean last;
        synchronized (this) {
            results[index] = result;
            underWay--;
            last = underWay == 0 && next == asks.size();
        }
        if (last) {
            finish();
        } else {
            askOn();
        }
    }

    private void finish() {
        List<Result> answers = new ArrayList<>(results.length);
        for (Result result : results) {
            answers.add(Objects.requireNonNull(result));
        }
        all.complete(answers);
    }
}
