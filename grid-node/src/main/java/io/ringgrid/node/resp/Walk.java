package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Slot;
import io.ringgrid.op.KeyPage;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the keys of partitions, one page after the other, until enough are seen or none is left. What it sees is
 * the keys' door: each page is of one moment, the walk is not.
 *
 * <p>A round asks as many partitions at once as the rounds before found empty, so that a small map costs few rounds and a
 * large one no page that is thrown away. One round runs at a time, on whichever thread brought the last answer of the one
 * before.
 */
abstract class Walk extends Slot {
    private static final int MOST_AT_ONCE = 128;

    private final Engine engine;
    private final int map;
    private final int[] partitions;
    private final long pageSize;
    /** Calls of {@link #advance} that are not worked off: whoever finds none loops, so that answers never nest. */
    private final AtomicInteger calls = new AtomicInteger();

    private final AtomicInteger unanswered = new AtomicInteger();
    private Result[] pages = new Result[0];
    private int at;
    private long position;
    private int width = 1;
    private @Nullable Result failure;
    private boolean over;

    /**
     * A walk that has not begun.
     *
     * @param partitions which, in this order
     * @param position in the first of them; 0 is its beginning
     * @param pageSize how many keys to ask of a partition at once
     */
    Walk(Engine engine, int map, int[] partitions, long position, long pageSize) {
        this.engine = engine;
        this.map = map;
        this.partitions = partitions;
        this.position = position;
        this.pageSize = pageSize;
    }

    /** Sees a key. */
    abstract void see(byte[] key);

    /** Whether the walk may end, after a page was seen. */
    abstract boolean isEnough();

    /** Writes the reply; nothing has failed. */
    abstract void write(ByteBuf out);

    /** In which partition the walk goes on; -1 if it has come to the end. */
    final int nextPartition() {
        return at == partitions.length ? -1 : partitions[at];
    }

    /** Where in that partition. */
    final long nextPosition() {
        return position;
    }

    void start() {
        advance();
    }

    private void advance() {
        if (calls.getAndIncrement() > 0) {
            return;
        }
        do {
            take();
            ask();
        } while (calls.decrementAndGet() > 0);
        if (over) {
            complete(0);
        }
    }

    /** Sees the pages of the round, in order, up to the first that is not its partition's last. */
    private void take() {
        for (Result page : pages) {
            byte[] value = page.value();
            if (page.status() != Status.DONE || value == null) {
                failure = page;
                over = true;
                return;
            }
            KeyPage.decode(value).forEach(this::see);
            position = page.number();
            if (position == 0) {
                at++;
            }
            if (isEnough()) {
                over = true;
                return;
            }
            if (position != 0) {
                width = 1;
                return;
            }
        }
        width = pages.length == 0 ? 1 : Math.min(MOST_AT_ONCE, 2 * width);
    }

    private void ask() {
        over |= at == partitions.length;
        if (over) {
            return;
        }
        int count = Math.min(width, partitions.length - at);
        Result[] round = new Result[count];
        pages = round;
        unanswered.set(count);
        Operation operation = new Operation();
        int first = at;
        long from = position;
        for (int i = 0; i < count; i++) {
            operation.reset(Kind.SCAN);
            operation.map = map;
            operation.partition = partitions[first + i];
            operation.version = i == 0 ? from : 0;
            operation.delta = pageSize;
            int place = i;
            engine.submit(operation, page -> {
                round[place] = page;
                if (unanswered.decrementAndGet() == 0) {
                    advance();
                }
            });
        }
    }

    @Override
    protected final void encode(ByteBuf out) {
        Result failed = failure;
        if (failed != null) {
            Replies.refused(failed, out);
        } else {
            write(out);
        }
    }
}
