package io.ringgrid.node.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Slot;
import io.ringgrid.op.Result;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The answer for one key of a {@code get} or {@code gat}. Thread-safe as {@link Slot} is. */
final class GetSlot extends Slot implements Engine.Answer {
    private static final byte[] VALUE = Replies.ascii("VALUE ");
    private static final byte[] LINE_END = {'\r', '\n'};

    /** What the slots of one line share. Confined to the connection's event loop. */
    static final class Line {
        private final boolean withVersion;
        private final LongAdder hits;
        private final LongAdder misses;
        private boolean failed;

        Line(boolean withVersion, LongAdder hits, LongAdder misses) {
            this.withVersion = withVersion;
            this.hits = hits;
            this.misses = misses;
        }
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
    private @Nullable Result result;

    GetSlot(Line line, byte[] key) {
        this.line = line;
        this.key = key;
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
            line.misses.increment();
            return;
        }
        byte[] value = answer.value();
        boolean found = answer.status() == Result.Status.FOUND || answer.status() == Result.Status.DONE;
        if (!found || value == null) {
            line.failed = true;
            Replies.refused(answer, out);
            return;
        }
        line.hits.increment();
        out.ensureWritable(key.length + value.length + 64);
        out.writeBytes(VALUE).writeBytes(key).writeByte(' ');
        ByteBufUtil.writeAscii(out, Integer.toUnsignedString(answer.flags()));
        out.writeByte(' ');
        ByteBufUtil.writeAscii(out, Integer.toString(value.length));
        if (line.withVersion) {
            out.writeByte(' ');
            ByteBufUtil.writeAscii(out, Long.toUnsignedString(answer.version()));
        }
        out.writeBytes(LINE_END).writeBytes(value).writeBytes(LINE_END);
    }
}
