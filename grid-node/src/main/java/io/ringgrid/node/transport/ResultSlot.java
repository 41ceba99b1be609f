package io.ringgrid.node.transport;

import io.netty.buffer.ByteBuf;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.op.Result;
import org.jspecify.annotations.Nullable;

/** The slot of an answer that is one {@link Result}. Thread-safe as {@link Slot} is. */
public final class ResultSlot extends Slot implements Engine.Answer {
    /** How a door says a result. */
    @FunctionalInterface
    public interface Encoder {
        void encode(Result result, ByteBuf out);
    }

    private final Encoder encoder;
    private @Nullable Result result;

    /** A slot that will say its result by the encoder. */
    public ResultSlot(Encoder encoder) {
        this.encoder = encoder;
    }

    @Override
    public void accept(Result answer) {
        result = answer;
        byte[] value = answer.value();
        complete(value == null ? 0 : value.length);
    }

    @Override
    protected void encode(ByteBuf out) {
        if (result == null) {
            throw new IllegalStateException("encoded before it was answered");
        }
        encoder.encode(result, out);
    }
}
