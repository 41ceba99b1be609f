package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.node.transport.ResultSlot;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands that are written down instead of executed: the operations that they ask for, and how each says what became of
 * its own. Confined to its connection's event loop.
 */
final class Recording {
    /** Writes the reply of one command from its results. */
    @FunctionalInterface
    private interface Reply {
        void write(List<Result> results, ByteBuf out);
    }

    private record Step(int first, int count, Reply reply) {}

    private final List<Operation> parts = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private boolean abandoned;

    void say(byte[] bytes) {
        steps.add(new Step(0, 0, (results, out) -> out.writeBytes(bytes)));
    }

    void ask(Operation part, ResultSlot.Encoder encoder) {
        steps.add(new Step(parts.size(), 1, (results, out) -> encoder.encode(results.get(0), out)));
        parts.add(part);
    }

    void ask(List<Operation> all, KeysSlot slot) {
        steps.add(new Step(parts.size(), all.size(), slot::write));
        parts.addAll(all);
    }

    /** A command came that cannot be part of a transaction. */
    void abandon() {
        abandoned = true;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    List<Operation> parts() {
        return parts;
    }

    /** Writes EXEC's reply. */
    void write(List<Result> results, ByteBuf out) {
        Replies.head(out, '*', steps.size());
        for (Step step : steps) {
            step.reply.write(results.subList(step.first, step.first + step.count), out);
        }
    }
}
