package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Slot;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The one answer of a command with several keys. Its parts may be answered by any threads in any order; a part that failed
 * makes the whole answer an error, so that a key is never silently left out.
 */
class KeysSlot extends Slot {
    /** Writes the answer when all parts have theirs. */
    @FunctionalInterface
    interface Merger {
        void merge(KeysSlot slot, ByteBuf out);
    }

    private final Kind kind;
    private final int keyStep;
    private final Result[] results;
    private final long maxBytes;
    private final Merger merger;
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private int asked;
    /** Whether the connection waits for answers before it asks for the next part. */
    private volatile boolean stalled;

    private volatile boolean tooLarge;

    /**
     * A slot of {@code count} parts.
     *
     * @param keyStep arguments from key to key
     * @param maxBytes of values that the answer may hold
     */
    KeysSlot(Kind kind, int keyStep, int count, long maxBytes, Merger merger) {
        this.kind = kind;
        this.keyStep = keyStep;
        this.results = new Result[count];
        this.maxBytes = maxBytes;
        this.merger = merger;
    }

    Kind kind() {
        return kind;
    }

    int keyStep() {
        return keyStep;
    }

    int count() {
        return results.length;
    }

    Result result(int part) {
        return results[part];
    }

    boolean isAsked() {
        return asked == results.length;
    }

    int nextKeyArgument() {
        return 1 + asked * keyStep;
    }

    /** Whether so many parts are unanswered that the next has to wait; the slot will nudge when they are fewer. */
    boolean hasUnanswered(int max) {
        // First the flag, then the count: whoever answers does it the other way round, so no nudge is missed.
        stalled = true;
        boolean full = asked - answered.get() >= max;
        stalled = full;
        return full;
    }

    /** Where the next part's answer goes. */
    Engine.Answer nextPart() {
        int part = asked++;
        return result -> accept(part, result);
    }

    /** What is kept of a part's result. */
    Result kept(Result result) {
        return result;
    }

    private void accept(int part, Result result) {
        Result kept = kept(result);
        byte[] value = kept.value();
        long total = bytes.addAndGet(value == null ? 0 : value.length);
        if (total > maxBytes) {
            tooLarge = true;
            results[part] = Result.MISSING;
        } else {
            results[part] = kept;
        }
        if (answered.incrementAndGet() == results.length) {
            complete((int) Math.min(Integer.MAX_VALUE, bytes.get()));
        } else if (stalled) {
            nudge();
        }
    }

    /** Writes the answer from results that came in another way. */
    void write(List<Result> all, ByteBuf out) {
        for (int i = 0; i < results.length; i++) {
            results[i] = kept(all.get(i));
        }
        encode(out);
    }

    @Override
    protected void encode(ByteBuf out) {
        Result worst = null;
        boolean changed = false;
        for (Result result : results) {
            switch (result.status()) {
                case FOUND, MISSING -> {}
                case DONE -> changed = true;
                case OUTCOME_UNKNOWN -> worst = result;
                default -> worst = worst == null ? result : worst;
            }
        }
        if (tooLarge) {
            out.writeBytes(
                    Replies.error("ERR the reply would be larger than " + maxBytes + " bytes, ask for fewer keys"));
        } else if (worst == null) {
            merger.merge(this, out);
        } else if (changed && worst.status() != Status.OUTCOME_UNKNOWN) {
            String why = worst.reason().isEmpty() ? worst.status().toString() : worst.reason();
            Replies.refused(Result.refused(Status.OUTCOME_UNKNOWN, "only some of the keys were changed: " + why), out);
        } else {
            Replies.refused(worst, out);
        }
    }
}
