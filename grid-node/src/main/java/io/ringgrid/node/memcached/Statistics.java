package io.ringgrid.node.memcached;

import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.Health;
import io.ringgrid.node.memcached.Replies.Reply;
import io.ringgrid.node.transport.Door;
import io.ringgrid.node.transport.ResultSlot;
import io.ringgrid.op.Result;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;

/** What this door has done since it was opened, under memcached's names. Thread-safe. */
final class Statistics {
    final LongAdder gets = new LongAdder();
    final LongAdder getHits = new LongAdder();
    final LongAdder getMisses = new LongAdder();
    final LongAdder sets = new LongAdder();
    final LongAdder touches = new LongAdder();
    final LongAdder flushes = new LongAdder();
    final LongAdder tooLarge = new LongAdder();
    private final Outcomes touched = new Outcomes();
    private final Outcomes deleted = new Outcomes();
    private final Outcomes incremented = new Outcomes();
    private final Outcomes decremented = new Outcomes();
    private final Outcomes swapped = new Outcomes();

    /** How the verbs answer; those with hits and misses count them on the way. */
    final Reply store = new Reply(Replies::stored, Replies::nothing);

    final Reply tooLargeToSet = new Reply(Replies::tooLarge, Replies::nothing);
    final Reply cas = swapped.countedBy(Replies::swapped);
    final Reply increment = incremented.countedBy(Replies::counted);
    final Reply decrement = decremented.countedBy(Replies::counted);
    final Reply delete = deleted.countedBy(Replies::deleted);
    final Reply touch = touched.countedBy(Replies::touched);

    private final Engine engine;

    Statistics(Engine engine) {
        this.engine = engine;
    }

    /** The reply to {@code stats}. */
    byte[] report(Door door) {
        Health health = engine.health();
        Report report = new Report();
        report.line("pid", ProcessHandle.current().pid());
        report.line("uptime", health.uptimeMillis() / 1000);
        report.line("time", engine.wallMillis() / 1000);
        report.line("version", MemcachedConnection.VERSION);
        report.line("pointer_size", System.getProperty("sun.arch.data.model", "64"));
        report.line("curr_connections", door.openConnections());
        report.line("total_connections", door.totalConnections());
        report.line("rejected_connections", door.refusedConnections());
        report.line("cmd_get", gets.sum());
        report.line("cmd_set", sets.sum());
        report.line("cmd_flush", flushes.sum());
        report.line("cmd_touch", touches.sum());
        report.line("get_hits", getHits.sum());
        report.line("get_misses", getMisses.sum());
        report.line("delete_misses", deleted.misses.sum());
        report.line("delete_hits", deleted.hits.sum());
        report.line("incr_misses", incremented.misses.sum());
        report.line("incr_hits", incremented.hits.sum());
        report.line("decr_misses", decremented.misses.sum());
        report.line("decr_hits", decremented.hits.sum());
        report.line("cas_misses", swapped.misses.sum());
        report.line("cas_hits", swapped.hits.sum());
        report.line("cas_badval", swapped.others.sum());
        report.line("touch_hits", touched.hits.sum());
        report.line("touch_misses", touched.misses.sum());
        report.line("store_too_large", tooLarge.sum());
        report.line("limit_maxbytes", health.maxBytes());
        report.line("bytes", health.usedBytes());
        report.line("curr_items", health.entries());
        report.line("evictions", health.evictions());
        report.line("reclaimed", health.expirations());
        return report.end();
    }

    private static final class Outcomes {
        private final LongAdder hits = new LongAdder();
        private final LongAdder misses = new LongAdder();
        /** There is an entry with another version. */
        private final LongAdder others = new LongAdder();

        Reply countedBy(ResultSlot.Encoder encoder) {
            return new Reply(
                    (result, out) -> {
                        count(result);
                        encoder.encode(result, out);
                    },
                    (result, out) -> count(result));
        }

        private void count(Result result) {
            switch (result.status()) {
                case DONE -> hits.increment();
                case MISSING -> misses.increment();
                case EXISTS -> others.increment();
                default -> {}
            }
        }
    }

    private static final class Report {
        private final StringBuilder text = new StringBuilder(1024);

        void line(String name, long value) {
            line(name, Long.toString(value));
        }

        void line(String name, String value) {
            text.append("STAT ").append(name).append(' ').append(value).append("\r\n");
        }

        byte[] end() {
            return text.append("END\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        }
    }
}
