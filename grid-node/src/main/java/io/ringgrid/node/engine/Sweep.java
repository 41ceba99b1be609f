package io.ringgrid.node.engine;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One operation on each of some partitions, map after map; the numbers of the answers are added. Of one command. */
public final class Sweep {
    private final Engine engine;
    private final Kind kind;
    private final long moment;
    private final int[] partitions;
    private final Queue<Integer> maps;
    private final Engine.Answer answer;
    private final AtomicLong sum = new AtomicLong();
    private final AtomicReference<@Nullable Result> failure = new AtomicReference<>();

    private Sweep(Engine engine, Kind kind, long moment, List<Integer> maps, int[] partitions, Engine.Answer answer) {
        this.engine = engine;
        this.kind = kind;
        this.moment = moment;
        this.maps = new ArrayDeque<>(maps);
        this.partitions = partitions;
        this.answer = answer;
    }

    /**
     * Counts or clears.
     *
     * @param kind SIZE or CLEAR
     * @param moment of a CLEAR, as the operation's expiry; {@link Operation#NEVER} clears at once
     * @param answer hears DONE with the sum, or why not all is done
     */
    public static void run(
            Engine engine, Kind kind, long moment, List<Integer> maps, int[] partitions, Engine.Answer answer) {
        new Sweep(engine, kind, moment, maps, partitions, answer).next();
    }

    /** All partitions of the cluster, in their order. */
    public static int[] everywhere(Engine engine) {
        return IntStream.range(0, engine.partitions()).toArray();
    }

    private void next() {
        Integer map = maps.poll();
        Result failed = failure.get();
        if (map == null || partitions.length == 0 || failed != null) {
            answer.accept(failed != null ? failed : Result.number(Status.DONE, sum.get()));
            return;
        }
        AtomicInteger unanswered = new AtomicInteger(partitions.length);
        Operation operation = new Operation();
        for (int partition : partitions) {
            operation.reset(kind);
            operation.map = map;
            operation.partition = partition;
            operation.expiry = moment;
            engine.submit(operation, result -> {
                if (result.status() == Status.DONE) {
                    sum.addAndGet(result.number());
                } else {
                    failure.accumulateAndGet(result, Sweep::worse);
                }
                if (unanswered.decrementAndGet() == 0) {
                    next();
                }
            });
        }
    }

    private static @Nullable Result worse(@Nullable Result one, @Nullable Result other) {
        return one != null && one.status() == Status.OUTCOME_UNKNOWN ? one : other;
    }
}
