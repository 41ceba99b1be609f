package io.ringgrid.node.metrics;

import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.Health;
import io.ringgrid.node.engine.Work;
import io.ringgrid.node.transport.DoorFigures;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The page that Prometheus reads: what this member's engine, doors and JVM have counted. Thread-safe.
 *
 * <p>Names are those of Micrometer's binders where it has them ({@code cache_*}, {@code jvm_*}), so that ready-made
 * dashboards fit; the rest begins with {@code ringgrid_}. Each operation is counted once in the whole cluster, by the
 * member that executed it as primary: sums over all members are right.
 */
public final class Metrics {
    private final Engine engine;
    private final Supplier<Work> work;
    /** By name, as they were added. */
    private final Map<String, Supplier<DoorFigures>> doors = Collections.synchronizedMap(new LinkedHashMap<>());

    /** The figures of this engine. */
    public Metrics(Engine engine, Supplier<Work> work) {
        this.engine = engine;
        this.work = work;
    }

    /** Adds a door's figures under this name. */
    public void door(String name, Supplier<DoorFigures> figures) {
        doors.put(name, figures);
    }

    /** The page, in Prometheus' text format 0.0.4. */
    public String page() {
        Exposition out = new Exposition();
        Health health = engine.health();
        Work done = work.get();
        cache(out, health, done);
        maps(out, done.maps());
        replication(out, health, done);
        doors(out);
        JvmFigures.write(out);
        return out.toString();
    }

    private static void cache(Exposition out, Health health, Work work) {
        String[] cache = {"cache", health.cluster()};
        out.counter("cache_gets_total", "Reads of a key that were executed here.")
                .sample(work.hits(), "cache", health.cluster(), "result", "hit")
                .sample(work.misses(), "cache", health.cluster(), "result", "miss");
        out.counter("cache_puts_total", "Entries that were set, changed or counted up here.")
                .sample(work.puts(), cache);
        out.counter("cache_removals_total", "Entries that were removed here on demand.")
                .sample(work.removals(), cache);
        out.counter("cache_evictions_total", "Entries that were evicted here for want of memory.")
                .sample(health.evictions(), cache);
        out.gauge("cache_size", "Entries in this member's memory, copies included.")
                .sample(health.entries(), cache);
        out.counter("ringgrid_expirations_total", "Entries that expired here.").sample(health.expirations());
        out.counter("ringgrid_failures_total", "Operations that were not executed, or whose outcome is unknown.")
                .sample(work.failures());
        out.gauge("ringgrid_memory_used_bytes", "Bytes of entries, copies included.")
                .sample(health.usedBytes());
        out.gauge("ringgrid_memory_max_bytes", "The limit of ringgrid_memory_used_bytes.")
                .sample(health.maxBytes());
    }

    private static void maps(Exposition out, List<Work.OfMap> maps) {
        out.gauge("ringgrid_map_entries", "Entries of which this member is primary.");
        samples(out, maps, Work.OfMap::entries);
        out.gauge("ringgrid_map_bytes", "What those take with their headers, without the index.");
        samples(out, maps, Work.OfMap::bytes);
        out.counter("ringgrid_map_hits_total", "Reads executed here that found an entry.");
        samples(out, maps, Work.OfMap::hits);
        out.counter("ringgrid_map_misses_total", "Reads executed here that found none.");
        samples(out, maps, Work.OfMap::misses);
        out.counter("ringgrid_map_evictions_total", "Entries that were evicted here.");
        samples(out, maps, Work.OfMap::evictions);
        out.counter("ringgrid_map_expirations_total", "Entries that ended here by time, or for want of use.");
        samples(out, maps, Work.OfMap::expirations);
        out.gauge(
                "ringgrid_map_evicted_after_seconds",
                "How long nobody had used the entry that was evicted last, about.");
        samples(out, maps, Work.OfMap::evictedAfterSeconds);
    }

    private static void samples(Exposition out, List<Work.OfMap> maps, ToLongFunction<Work.OfMap> figure) {
        maps.forEach(map -> out.sample(figure.applyAsLong(map), "map", map.name()));
    }

    private static void replication(Exposition out, Health health, Work work) {
        int primaries = 0;
        int backups = 0;
        for (Health.Member member : health.members()) {
            if (member.id().equals(health.memberId())) {
                primaries = member.primaries();
                backups = member.backups();
            }
        }
        out.gauge("ringgrid_ready", "1 while this member serves.").sample(health.ready() ? 1 : 0);
        out.gauge("ringgrid_safe", "1 while every partition has its copies, as far as this member knows.")
                .sample(health.safe() ? 1 : 0);
        out.gauge("ringgrid_members", "Members of the committed topology.")
                .sample(health.members().size());
        out.gauge("ringgrid_topology_term", "The committed topology's term.").sample(health.topologyTerm());
        out.gauge("ringgrid_topology_version", "The committed topology's version.")
                .sample(health.topologyVersion());
        out.gauge("ringgrid_partitions", "Partitions that this member holds in sync, by role.")
                .sample(primaries, "role", "primary")
                .sample(backups, "role", "backup");
        out.gauge("ringgrid_partitions_missing_copies", "The cluster's partitions that lack a copy or a primary.")
                .sample(health.missingCopies());
        out.gauge("ringgrid_partitions_lost", "The cluster's partitions of which no copy is left.")
                .sample(health.lostPartitions());
        out.gauge("ringgrid_partitions_filling", "Partitions that this member fills another one's copy of.")
                .sample(work.fillings());
        out.counter("ringgrid_replication_mutations_sent_total", "Mutations sent to copies, repeated ones included.")
                .sample(work.mutationsSent());
        out.counter("ringgrid_replication_mutations_received_total", "Mutations that came for this member's copies.")
                .sample(work.mutationsReceived());
        out.counter("ringgrid_replication_acks_received_total", "Acknowledgements by copies; each may be of many.")
                .sample(work.acksReceived());
        out.gauge("ringgrid_replication_pending_bytes", "Mutations kept here because some copy may still lack them.")
                .sample(work.pendingBytes());
        out.counter(
                        "ringgrid_copies_differing_total",
                        "Copies that were found to differ, and made anew: a bug if not 0.")
                .sample(work.differences());
        out.counter(
                        "ringgrid_requests_repeated_total",
                        "Requests that were asked again after a fault, and answered as they were the first time.")
                .sample(work.repeated());
    }

    private void doors(Exposition out) {
        Map<String, DoorFigures> now = new LinkedHashMap<>();
        synchronized (doors) {
            doors.forEach((name, figures) -> now.put(name, figures.get()));
        }
        out.gauge("ringgrid_door_connections", "Connections that are open.");
        samples(out, now, DoorFigures::connections);
        out.counter("ringgrid_door_connections_total", "Connections that were accepted or refused.");
        samples(out, now, DoorFigures::accepted);
        out.counter("ringgrid_door_refused_total", "Connections that were refused because there were too many.");
        samples(out, now, DoorFigures::refused);
        out.counter("ringgrid_door_commands_total", "Commands that were taken from clients and members.");
        samples(out, now, DoorFigures::commands);
        out.counter("ringgrid_door_errors_total", "Answers that were errors.");
        samples(out, now, DoorFigures::errors);
        out.counter("ringgrid_door_received_bytes_total", "Bytes that came in.");
        samples(out, now, DoorFigures::bytesRead);
        out.counter("ringgrid_door_sent_bytes_total", "Bytes that went out.");
        samples(out, now, DoorFigures::bytesWritten);
    }

    private static void samples(Exposition out, Map<String, DoorFigures> doors, ToLongFunction<DoorFigures> figure) {
        doors.forEach((name, figures) -> out.sample(figure.applyAsLong(figures), "door", name));
    }
}
