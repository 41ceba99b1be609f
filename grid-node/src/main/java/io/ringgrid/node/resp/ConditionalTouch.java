package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Slot;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import org.jspecify.annotations.Nullable;

/**
 * Sets a key's expiry if the present one meets a condition, as one atomic step: what was read is written only if the
 * entry's version is still the same, and read again otherwise. One step runs at a time, on whichever thread the answer
 * of the one before came.
 *
 * <p>The connection takes no further command meanwhile, so that this keeps its place among them.
 */
final class ConditionalTouch extends Slot {
    /** Judges the present expiry, {@link Operation#NEVER} included. */
    @FunctionalInterface
    interface Condition {
        boolean holds(long presentExpiry);
    }

    /** How often the key may have changed in between before we say so. */
    private static final int MAX_ATTEMPTS = 64;

    private final Engine engine;
    private final Condition condition;
    private final byte[] key;
    private final long expiry;
    private final Operation operation = new Operation();
    private int attempts;
    private @Nullable Result outcome;

    ConditionalTouch(Engine engine, byte[] key, Condition condition, long expiry) {
        this.engine = engine;
        this.key = key;
        this.condition = condition;
        this.expiry = expiry;
    }

    void start() {
        if (attempts++ == MAX_ATTEMPTS) {
            finish(Result.refused(Status.UNAVAILABLE, "the key changes faster than it can be read, try again"));
            return;
        }
        engine.submit(operation.reset(Kind.GET).key(key, 0, key.length), this::onEntry);
    }

    private void onEntry(Result entry) {
        if (entry.status() != Status.FOUND) {
            finish(entry);
        } else if (!condition.holds(entry.expiry())) {
            finish(Result.MISSING);
        } else {
            operation.reset(Kind.TOUCH).key(key, 0, key.length);
            operation.expiry = expiry;
            operation.condition = Operation.Condition.IF_VERSION;
            operation.version = entry.version();
            engine.submit(operation, this::onTouched);
        }
    }

    private void onTouched(Result touched) {
        if (touched.status() == Status.EXISTS) {
            start();
        } else {
            finish(touched);
        }
    }

    private void finish(Result result) {
        outcome = result;
        complete(0);
    }

    @Override
    protected void encode(ByteBuf out) {
        if (outcome == null) {
            throw new IllegalStateException("encoded before it was answered");
        }
        Replies.whether(outcome, out);
    }
}
