package io.ringgrid.node.memcached;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.op.Result;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one {@code flush_all <delay>} that this door has promised. As in memcached there is at most one: a later
 * {@code flush_all} replaces it, and one without a delay cancels it. Thread-safe.
 */
final class DelayedFlush {
    private static final Logger log = LoggerFactory.getLogger(DelayedFlush.class);

    private final Engine engine;
    private final EventLoopGroup loops;
    private @Nullable Future<?> promised;

    DelayedFlush(Engine engine, EventLoopGroup loops) {
        this.engine = engine;
        this.loops = loops;
    }

    synchronized void after(long millis) {
        cancel();
        promised = loops.schedule(() -> engine.clear(0, DelayedFlush::report), millis, TimeUnit.MILLISECONDS);
    }

    synchronized void cancel() {
        if (promised != null) {
            promised.cancel(false);
            promised = null;
        }
    }

    private static void report(Result result) {
        if (result.status() == Result.Status.DONE) {
            log.info("flush.delayed.done");
        } else {
            log.warn(
                    "flush.delayed.failed status={} reason={}: some entries may still be there; send flush_all again",
                    result.status(),
                    result.reason());
        }
    }
}
