package io.ringgrid.node.resp;

import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.Sweep;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.topology.Topology;
import io.ringgrid.wire.Secret;
import org.jspecify.annotations.Nullable;

/** What all connections of a RESP door share. Thread-safe. */
final class RespContext {
    final Engine engine;
    final Limits limits;
    final Statistics statistics;
    final Clients clients;
    /** Whether its connections are told where keys live, and see this member's alone. */
    final boolean isCluster;
    /** What AUTH has to say; null if nothing is asked for. */
    final @Nullable Secret secret;

    private volatile @Nullable Layout layout;

    RespContext(
            Engine engine,
            Limits limits,
            Statistics statistics,
            Clients clients,
            boolean isCluster,
            @Nullable Secret secret) {
        this.engine = engine;
        this.limits = limits;
        this.statistics = statistics;
        this.clients = clients;
        this.isCluster = isCluster;
        this.secret = secret;
    }

    /** Who serves what now; null before this member has joined. */
    @Nullable
    Layout layout() {
        Topology topology = engine.topology();
        Layout known = layout;
        if (topology == null) {
            return null;
        }
        if (known == null || !known.isOf(topology)) {
            known = Layout.of(topology);
            layout = known;
        }
        return known;
    }

    /**
     * The partitions that a connection sees, in their order: all, or those that this member serves, which is unknown (null)
     * before it has joined.
     */
    int @Nullable [] partitions() {
        if (!isCluster) {
            return Sweep.everywhere(engine);
        }
        Layout now = layout();
        return now == null ? null : now.partitionsOf(engine.self());
    }
}
