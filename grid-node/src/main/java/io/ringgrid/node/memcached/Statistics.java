package io.ringgrid.node.memcached;

import io.netty.channel.Channel;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.Health;
import io.ringgrid.node.memcached.Replies.Reply;
import io.ringgrid.node.transport.Door;
import io.ringgrid.node.transport.DoorFigures;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.node.transport.ResultSlot;
import io.ringgrid.op.Result;
import io.ringgrid.wire.Secret;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What this door has done since it was opened, or since {@code stats reset}, under memcached's names. Thread-safe.
 *
 * <p>Of memcached's figures those are here that are true of a grid. Its slab classes are: the whole memory of this member
 * is told as class 1.
 */
final class Statistics {
    private final List<LongAdder> counters = new ArrayList<>();
    final LongAdder gets = counter();
    final LongAdder getHits = counter();
    final LongAdder getMisses = counter();
    final LongAdder sets = counter();
    final LongAdder touches = counter();
    final LongAdder flushes = counter();
    final LongAdder tooLarge = counter();
    final LongAdder logins = counter();
    final LongAdder wrongSecrets = counter();
    private final LongAdder noMemory = counter();
    private final LongAdder stored = counter();
    private final Outcomes touched = new Outcomes();
    private final Outcomes deleted = new Outcomes();
    private final Outcomes incremented = new Outcomes();
    private final Outcomes decremented = new Outcomes();
    private final Outcomes swapped = new Outcomes();

    /** How the verbs answer; those with hits and misses count them on the way. */
    final Reply store = storing(new Reply(Replies::stored, Replies::nothing));

    final Reply extend = storing(new Reply(Replies::extended, Replies::nothing));
    final Reply cas = storing(swapped.countedBy(Replies::swapped));
    final Reply tooLargeToSet = new Reply(Replies::tooLarge, Replies::nothing);
    final Reply increment = incremented.countedBy(Replies::counted);
    final Reply decrement = decremented.countedBy(Replies::counted);
    final Reply delete = deleted.countedBy(Replies::deleted);
    final Reply touch = touched.countedBy(Replies::touched);

    private final Engine engine;
    private final Limits limits;
    private final @Nullable Secret secret;
    /** What had been counted elsewhere at the last reset. */
    private volatile Elsewhere before = new Elsewhere(0, 0, 0, 0, 0, 0);

    /** What the member and the transport count. */
    private record Elsewhere(
            long accepted, long refused, long bytesRead, long bytesWritten, long evictions, long expirations) {
        static Elsewhere now(Door door, Health health) {
            DoorFigures figures = door.figures();
            return new Elsewhere(
                    figures.accepted(),
                    figures.refused(),
                    figures.bytesRead(),
                    figures.bytesWritten(),
                    health.evictions(),
                    health.expirations());
        }

        Elsewhere since(Elsewhere other) {
            return new Elsewhere(
                    accepted - other.accepted,
                    refused - other.refused,
                    bytesRead - other.bytesRead,
                    bytesWritten - other.bytesWritten,
                    evictions - other.evictions,
                    expirations - other.expirations);
        }
    }

    Statistics(Engine engine, Limits limits, @Nullable Secret secret) {
        this.engine = engine;
        this.limits = limits;
        this.secret = secret;
    }

    private LongAdder counter() {
        LongAdder counter = new LongAdder();
        counters.add(counter);
        return counter;
    }

    LongAdder touchHits() {
        return touched.hits;
    }

    LongAdder touchMisses() {
        return touched.misses;
    }

    private Reply storing(Reply reply) {
        return new Reply(
                (result, out) -> {
                    countStored(result);
                    reply.aloud().encode(result, out);
                },
                (result, out) -> {
                    countStored(result);
                    reply.silent().encode(result, out);
                });
    }

    private void countStored(Result result) {
        switch (result.status()) {
            case DONE -> stored.increment();
            case OUT_OF_MEMORY -> noMemory.increment();
            default -> {}
        }
    }

    /**
     * The reply to {@code stats <what>}; null if there is no such report.
     *
     * @param asking the connection that asks
     */
    byte @Nullable [] report(String what, Door door, Channel asking) {
        return switch (what) {
            case "items" -> items(door);
            case "slabs" -> slabs();
            case "settings" -> settings(door);
            case "conns" -> connections(door, asking);
            case "reset" -> reset(door);
            default -> null;
        };
    }

    private byte[] reset(Door door) {
        counters.forEach(LongAdder::reset);
        before = Elsewhere.now(door, engine.health());
        return Replies.RESET;
    }

    /** The reply to {@code stats}. */
    byte[] general(Door door) {
        Health health = engine.health();
        Elsewhere elsewhere = Elsewhere.now(door, health).since(before);
        Report report = new Report();
        report.line("pid", ProcessHandle.current().pid());
        report.line("uptime", health.uptimeMillis() / 1000);
        report.line("time", engine.wallMillis() / 1000);
        report.line("version", MemcachedConnection.VERSION);
        report.line("pointer_size", System.getProperty("sun.arch.data.model", "64"));
        report.line("max_connections", limits.maxConnections());
        report.line("curr_connections", door.figures().connections());
        report.line("total_connections", elsewhere.accepted);
        report.line("rejected_connections", elsewhere.refused);
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
        report.line("store_no_memory", noMemory.sum());
        report.line("auth_cmds", logins.sum());
        report.line("auth_errors", wrongSecrets.sum());
        report.line("bytes_read", elsewhere.bytesRead);
        report.line("bytes_written", elsewhere.bytesWritten);
        report.line("limit_maxbytes", health.maxBytes());
        report.line("accepting_conns", 1);
        report.line("bytes", health.usedBytes());
        report.line("curr_items", health.entries());
        report.line("total_items", stored.sum());
        report.line("evictions", elsewhere.evictions);
        report.line("reclaimed", elsewhere.expirations);
        return report.end();
    }

    private byte[] items(Door door) {
        Health health = engine.health();
        Elsewhere elsewhere = Elsewhere.now(door, health).since(before);
        Report report = new Report();
        if (health.entries() > 0) {
            report.line("items:1:number", health.entries());
            report.line("items:1:mem_requested", health.usedBytes());
            report.line("items:1:evicted", elsewhere.evictions);
            report.line("items:1:outofmemory", noMemory.sum());
            report.line("items:1:reclaimed", elsewhere.expirations);
        }
        return report.end();
    }

    private byte[] slabs() {
        Health health = engine.health();
        Report report = new Report();
        report.line("1:used_chunks", health.entries());
        report.line("1:get_hits", getHits.sum());
        report.line("1:cmd_set", sets.sum());
        report.line("1:delete_hits", deleted.hits.sum());
        report.line("1:incr_hits", incremented.hits.sum());
        report.line("1:decr_hits", decremented.hits.sum());
        report.line("1:cas_hits", swapped.hits.sum());
        report.line("1:cas_badval", swapped.others.sum());
        report.line("1:touch_hits", touched.hits.sum());
        report.line("active_slabs", 1);
        report.line("total_malloced", health.usedBytes());
        return report.end();
    }

    private byte[] settings(Door door) {
        Report report = new Report();
        report.line("maxbytes", engine.health().maxBytes());
        report.line("maxconns", limits.maxConnections());
        report.line("tcpport", door.port());
        report.line("udpport", 0);
        report.line("inter", door.address().getAddress().getHostAddress());
        report.line("verbosity", 0);
        report.line("evictions", "on");
        report.line("domain_socket", "NULL");
        report.line("shutdown_command", "no");
        report.line("detail_enabled", "no");
        report.line("cas_enabled", "yes");
        report.line("binding_protocol", "ascii");
        report.line("auth_enabled_sasl", "no");
        report.line("auth_enabled_ascii", secret != null ? "yes" : "no");
        report.line("item_size_max", limits.maxValueBytes());
        report.line("flush_enabled", "yes");
        report.line("dump_enabled", "no");
        report.line("idle_timeout", 0);
        report.line("track_sizes", "no");
        report.line("ssl_enabled", "no");
        return report.end();
    }

    private static byte[] connections(Door door, Channel asking) {
        Report report = new Report();
        report.line("0:addr", tcp(door.address()));
        report.line("0:state", "conn_listening");
        report.line("0:secs_since_last_cmd", 0);
        int number = 0;
        for (Channel connection : door.connections()) {
            if (connection.isActive() && connection.remoteAddress() instanceof InetSocketAddress peer) {
                String name = ++number + ":";
                report.line(name + "addr", tcp(peer));
                report.line(name + "listen_addr", tcp(door.address()));
                report.line(name + "state", connection == asking ? "conn_parse_cmd" : "conn_read");
                report.line(name + "secs_since_last_cmd", Door.silentMillis(connection) / 1000);
            }
        }
        return report.end();
    }

    private static String tcp(InetSocketAddress address) {
        return "tcp:" + address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    private final class Outcomes {
        private final LongAdder hits = counter();
        private final LongAdder misses = counter();
        /** There is an entry with another version. */
        private final LongAdder others = counter();

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
