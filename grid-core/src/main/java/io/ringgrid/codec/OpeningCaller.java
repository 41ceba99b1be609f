package io.ringgrid.codec;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A caller who finds out a map's id, and opens the map again if the cluster was replaced by another. Thread-safe. */
public abstract class OpeningCaller implements Caller {
    /** The map's id, or null if it has to be asked for. */
    protected abstract @Nullable Integer knownId(String map);

    /**
     * The map's id, asked for if need be.
     *
     * @throws io.ringgrid.GridException if it cannot be found out now
     */
    protected abstract int idOf(String map);

    /** Executes an operation that has its map's id. */
    protected abstract void ask(Operation op, long deadlineNanos, Consumer<Result> answer);

    @Override
    public final void submit(String map, Operation op, long deadlineNanos, Consumer<Result> answer) {
        Integer known = knownId(map);
        if (known != null) {
            op.map = known;
            ask(op, deadlineNanos, answer);
            return;
        }
        // The cluster was replaced by another, where the map has to be opened first.
        Operation kept = op.copy();
        elsewhere(() -> {
            try {
                kept.map = idOf(map);
            } catch (RuntimeException e) {
                answer.accept(Result.refused(Status.UNAVAILABLE, String.valueOf(e.getMessage())));
                return;
            }
            ask(kept, deadlineNanos, answer);
        });
    }
}
