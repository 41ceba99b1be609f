package io.ringgrid.node.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Slot;
import io.ringgrid.op.Result;
import org.jspecify.annotations.Nullable;

/** The answer for one key of a {@code get}. Thread-safe as {@link Slot} is. */
final class GetSlot extends Slot implements Engine.Answer {
    private static final byte[] VALUE = Replies.ascii("VALUE ");
    private static final byte[] LINE_END = {'\r', '\n'};

    /** What the slots of one {@code get} line share. Confined to the connection's event loop. */
    static final class Line {
        private boolean failed;
    }

    /** Ends the reply to one {@code get} line, unless an error has ended it. */
    static final class End extends Slot {
        private final Line line;

        End(Line line) {
            this.line = line;
        }

        void answer() {
            complete(0);
        }

        @Override
        protected void encode(ByteBuf out) {
            if (!line.failed) {
                out.writeBytes(Replies.END);
            }
        }
    }

    private final Line line;
    private final byte[] key;
    private final boolean withVersion;
    private final Statistics statistics;
    private @Nullable Result result;

    GetSlot(Line line, byte[] key, boolean withVersion, Statistics statistics) {
        this.line = line;
        this.key = key;
        this.withVersion = withVersion;
        this.statistics = statistics;
    }

    @Override
    public void accept(Result answer) {
        result = answer;
        byte[] value = answer.value();
        complete(key.length + (value == null ? 0 : value.length));
    }

    @Override
    protected void encode(ByteBuf out) {
        Result answer = result;
        if (answer == null) {
            throw new IllegalStateException("encoded before it was answered");
        }
        if (line.failed) {
            return;
        }
        if (answer.status() == Result.Status.MISSING) {
            statistics.getMisses.increment();
            return;
        }
        byte[] value = answer.value();
        if (answer.status() != Result.Status.FOUND || value == null) {
            line.failed = true;
            Replies.refused(answer, out);
            return;
        }
        statistics.getHits.increment();
        out.ensureWritable(key.length + value.length + 64);
        out.writeBytes(VALUE).writeBytes(key).writeByte(' ');
        ByteBufUtil.writeAscii(out, Integer.toUnsignedString(answer.flags()));
        out.writeByte(' ');
        ByteBufUtil.writeAscii(out, Integer.toString(value.length));
        if (withVersion) {
            out.writeByte(' ');
            ByteBufUtil.writeAscii(out, Long.toUnsignedString(answer.version()));
        }
        out.writeBytes(LINE_END).writeBytes(value).writeBytes(LINE_END);
    }
}
