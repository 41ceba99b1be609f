package io.ringgrid.node.resp;

import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.Health;
import io.ringgrid.node.transport.Door;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/** What this door has done since it was opened, and INFO's report of it under Redis' names. Thread-safe. */
final class Statistics {
    final LongAdder commands = new LongAdder();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final Engine engine;
    private final Limits limits;

    private static final Engine.Keyspace NO_KEYS = new Engine.Keyspace(0, 0);

    Statistics(Engine engine, Limits limits) {
        this.engine = engine;
        this.limits = limits;
    }

    void countRead(Result result) {
        if (result.status() == Status.FOUND) {
            hits.increment();
        } else if (result.status() == Status.MISSING) {
            misses.increment();
        }
    }

    void countReads(KeysSlot slot) {
        for (int i = 0; i < slot.count(); i++) {
            countRead(slot.result(i));
        }
    }

    /** INFO's text: all sections, or those that the arguments name. */
    String report(Door door, boolean isCluster, Arguments arguments) {
        Health health = engine.health();
        Report report = new Report(arguments);
        if (report.section("Server")) {
            report.line("redis_version", Server.REDIS_VERSION);
            report.line("ringgrid_version", Server.RINGGRID_VERSION);
            report.line("redis_mode", isCluster ? "cluster" : "standalone");
            report.line("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
            report.line("arch_bits", System.getProperty("sun.arch.data.model", "64"));
            report.line("process_id", Long.toString(ProcessHandle.current().pid()));
            report.line("tcp_port", Integer.toString(door.port()));
            report.line("server_time_usec", Long.toString(engine.wallMillis() * 1000));
            report.line("uptime_in_seconds", Long.toString(health.uptimeMillis() / 1000));
            report.line("uptime_in_days", Long.toString(health.uptimeMillis() / 86_400_000));
        }
        if (report.section("Clients")) {
            report.line("connected_clients", Integer.toString(door.figures().connections()));
            report.line("blocked_clients", "0");
            report.line("maxclients", Integer.toString(limits.maxConnections()));
        }
        if (report.section("Memory")) {
            report.line("used_memory", Long.toString(health.usedBytes()));
            report.line("maxmemory", Long.toString(health.maxBytes()));
        }
        if (report.section("Stats")) {
            report.line(
                    "total_connections_received", Long.toString(door.figures().accepted()));
            report.line("total_commands_processed", commands.toString());
            report.line("rejected_connections", Long.toString(door.figures().refused()));
            report.line("expired_keys", Long.toString(health.expirations()));
            report.line("evicted_keys", Long.toString(health.evictions()));
            report.line("keyspace_hits", hits.toString());
            report.line("keyspace_misses", misses.toString());
        }
        if (report.section("Replication")) {
            report.line("role", "master");
        }
        if (report.section("Cluster")) {
            report.line("cluster_enabled", "1");
        }
        if (report.section("Keyspace")) {
            for (int database = 0; database < Databases.COUNT; database++) {
                int map = Databases.id(database, engine.topology());
                Engine.Keyspace keys = map < 0 ? NO_KEYS : engine.keyspace(map);
                if (keys.entries() > 0) {
                    // Clients take the line apart: all three must be there. How long they live on average is not known.
                    report.line(
                            "db" + database, "keys=" + keys.entries() + ",expires=" + keys.expiring() + ",avg_ttl=0");
                }
            }
        }
        return report.text();
    }

    /** Redis' layout: sections with a title, an empty line between them. */
    private static final class Report {
        private final Arguments arguments;
        private final StringBuilder text = new StringBuilder(512);

        Report(Arguments arguments) {
            this.arguments = arguments;
        }

        boolean section(String title) {
            if (!isWanted(title.toLowerCase(Locale.ROOT))) {
                return false;
            }
            if (text.length() > 0) {
                text.append("\r\n");
            }
            text.append("# ").append(title).append("\r\n");
            return true;
        }

        private boolean isWanted(String name) {
            for (int i = 1; i < arguments.count(); i++) {
                if (arguments.is(i, name)
                        || arguments.is(i, "all")
                        || arguments.is(i, "everything")
                        || arguments.is(i, "default")) {
                    return true;
                }
            }
            return arguments.count() == 1;
        }

        void line(String name, String value) {
            text.append(name).append(':').append(value).append("\r\n");
        }

        String text() {
            return text.toString();
        }
    }
}
