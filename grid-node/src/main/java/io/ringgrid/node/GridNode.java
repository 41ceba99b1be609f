package io.ringgrid.node;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.ringgrid.Grid;
import io.ringgrid.GridMap;
import io.ringgrid.MemberInfo;
import io.ringgrid.Near;
import io.ringgrid.ObjectTypes;
import io.ringgrid.codec.Failures;
import io.ringgrid.codec.Glance;
import io.ringgrid.codec.OpeningCaller;
import io.ringgrid.codec.TypedMap;
import io.ringgrid.near.NearCache;
import io.ringgrid.node.binary.DoorLimits;
import io.ringgrid.node.binary.NativeDoor;
import io.ringgrid.node.cluster.Discovery;
import io.ringgrid.node.config.NodeConfig;
import io.ringgrid.node.engine.Health;
import io.ringgrid.node.engine.NodeEngine;
import io.ringgrid.node.http.HttpDoor;
import io.ringgrid.node.memcached.MemcachedDoor;
import io.ringgrid.node.metrics.Metrics;
import io.ringgrid.node.resp.RespDoor;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of the grid in this JVM, and the {@link Grid} as it sees it. Thread-safe.
 *
 * <pre>{@code
 * try (GridNode node = GridNode.start(NodeConfig.builder().cluster("shop").build())) {
 *     GridMap<String, String> users = node.map("users", String.class, String.class);
 *     users.put("ada", "Lovelace");
 * }
 * }</pre>
 */
public final class GridNode extends OpeningCaller implements Grid {
    private static final Logger LOG = LoggerFactory.getLogger(GridNode.class);
    private static final long LEAVE_MILLIS = 20_000;
    private static final long SEEDS_MILLIS = 8_000;
    /** Of the heap, that each door gives to answers which nobody reads. */
    private static final int UNREAD_PART = 8;

    private static final long MIN_UNREAD_BYTES = 32 << 20;

    private record MapId(Id cluster, Integer id) {}

    private final EventLoopGroup loops;
    private final NodeEngine engine;
    private final int port;
    private final int respClusterPort;
    private final Deque<AutoCloseable> closing = new ArrayDeque<>();
    private final Map<String, MapId> mapIds = new ConcurrentHashMap<>();
    private @Nullable Integer memcachedPort;
    private @Nullable Integer respPort;
    private @Nullable Integer httpPort;
    private boolean closed;

    private GridNode(NodeConfig config) throws IOException {
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        loops = new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory("ringgrid-io", true), NioIoHandler.newFactory());
        port = config.port() == 0 ? freePort(config.bind()) : config.port();
        respClusterPort = clusterPort(config);
        engine = new NodeEngine(config, port, respClusterPort, loops);
    }

    /**
     * Starts a member: opens its doors, finds the others, and joins them, or founds a cluster if there are none. Returns
     * when discovery is done; the member may serve a moment later, see {@link #awaitReady}.
     *
     * @throws UncheckedIOException if an address cannot be listened on
     */
    public static GridNode start(NodeConfig config) {
        try {
            GridNode node = new GridNode(config);
            try {
                node.open(config);
                return node;
            } catch (IOException | RuntimeException e) {
                node.stop();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** Where Redis Cluster's clients find this member: it must be known before the member joins. 0 if nowhere. */
    private static int clusterPort(NodeConfig config) throws IOException {
        Integer wanted = config.respClusterPort();
        if (wanted == null) {
            return 0;
        }
        return wanted == 0 ? freePort(config.bind()) : wanted;
    }

    private static int freePort(String host) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(host, 0));
            return socket.getLocalPort();
        }
    }

    private void open(NodeConfig config) throws IOException {
        DoorLimits doorLimits = DoorLimits.DEFAULT.with(NodeEngine.linkLimits(config));
        NativeDoor nativeDoor = NativeDoor.open(
                loops,
                new InetSocketAddress(config.bind(), port),
                doorLimits,
                engine::check,
                config.secret(),
                engine,
                engine);
        closing.push(nativeDoor);
        Metrics metrics = new Metrics(engine, engine::work);
        metrics.door("native", nativeDoor::figures);
        Limits limits = limits(config);
        if (config.memcachedPort() != null) {
            MemcachedDoor door =
                    MemcachedDoor.open(loops, at(config, config.memcachedPort()), engine, limits, config.secret());
            closing.push(door);
            memcachedPort = door.port();
            metrics.door("memcached", door::figures);
        }
        if (config.respPort() != null) {
            InetSocketAddress clusterBind = respClusterPort == 0 ? null : at(config, respClusterPort);
            RespDoor door =
                    RespDoor.open(loops, at(config, config.respPort()), clusterBind, engine, limits, config.secret());
            closing.push(door);
            respPort = door.port();
            metrics.door("resp", door::figures);
        }
        if (config.httpPort() != null) {
            HttpDoor door =
                    HttpDoor.open(loops, at(config, config.httpPort()), engine, limits, config.secret(), metrics::page);
            closing.push(door);
            httpPort = door.port();
            metrics.door("http", door::figures);
        }
        Discovery discovery = Discovery.join(
                new Discovery.Settings(
                        config.cluster(),
                        config.bind(),
                        config.jgroupsPort(),
                        config.seeds(),
                        config.bind() + ":" + port,
                        null),
                new Discovery.Listener() {
                    @Override
                    public void found(SortedSet<String> addresses) {
                        engine.found(addresses);
                    }

                    @Override
                    public void suspected(String address) {
                        LOG.debug("event=not-found address={}", address);
                    }
                });
        closing.push(discovery);
        awaitSeeds(discovery);
        engine.start(() -> nativeDoor.hangUp("this member has a new identity"));
        LOG.info(
                "event=started name={} cluster={} native={} memcached={} resp={} http={}",
                config.name(),
                config.cluster(),
                port,
                memcachedPort,
                respPort,
                httpPort);
    }

    private static void awaitSeeds(Discovery discovery) {
        try {
            if (!discovery.awaitSeeds(SEEDS_MILLIS)) {
                LOG.warn(
                        "event=seeds-not-found after {} ms: a seed's port is listened on, but not by a member that was"
                                + " found; if it is another cluster's, take it out of the seeds",
                        SEEDS_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static InetSocketAddress at(NodeConfig config, int doorPort) {
        return new InetSocketAddress(config.bind(), doorPort);
    }

    private static Limits limits(NodeConfig config) {
        Limits usual = Limits.DEFAULT;
        return new Limits(
                usual.maxConnections(),
                usual.maxSlots(),
                usual.maxPendingBytes(),
                Math.max(MIN_UNREAD_BYTES, Runtime.getRuntime().maxMemory() / UNREAD_PART),
                usual.maxRequestBytes(),
                config.maxValueBytes());
    }

    /** The port of the native door. */
    public int port() {
        return port;
    }

    /** The port of the memcached door, or null if it is off. */
    public @Nullable Integer memcachedPort() {
        return memcachedPort;
    }

    /** The port of the RESP door, or null if it is off. */
    public @Nullable Integer respPort() {
        return respPort;
    }

    /** The port of the RESP door for clients of Redis Cluster, or null if it is off. */
    public @Nullable Integer respClusterPort() {
        return respClusterPort == 0 ? null : respClusterPort;
    }

    /** The port of the HTTP door, or null if it is off. */
    public @Nullable Integer httpPort() {
        return httpPort;
    }

    /** How this member and its cluster are. */
    public Health health() {
        return engine.health();
    }

    /**
     * Waits until this member serves.
     *
     * @param timeoutMillis how long at most
     * @return whether it serves
     */
    public boolean awaitReady(long timeoutMillis) throws InterruptedException {
        return engine.awaitReady(timeoutMillis);
    }

    @Override
    public <K, V> GridMap<K, V> map(String name, Class<K> keyType, Class<V> valueType) {
        return opened(new TypedMap<>(name, keyType, valueType, this));
    }

    @Override
    public <K, V> GridMap<K, V> map(String name, Class<K> keyType, Class<V> valueType, ObjectTypes types) {
        return opened(new TypedMap<>(name, keyType, valueType, types, this));
    }

    @Override
    public <K, V> GridMap<K, V> map(String name, Class<K> keyType, Class<V> valueType, ObjectTypes types, Near near) {
        return opened(new TypedMap<>(name, keyType, valueType, types, near, this));
    }

    private <K, V> GridMap<K, V> opened(GridMap<K, V> map) {
        idOf(map.name());
        return map;
    }

    @Override
    public List<MemberInfo> members() {
        Topology topology = engine.topology();
        return topology == null
                ? List.of()
                : topology.members().stream()
                        .map(m -> new MemberInfo(m.id().toString(), m.name(), m.host(), m.port()))
                        .toList();
    }

    @Override
    public Result call(String map, Operation op, long deadlineNanos) {
        op.map = idOf(map);
        Consumer<Result> hears = engine.near().guard(op, GridNode::unheard);
        Result result = engine.call(op, deadlineNanos);
        hears.accept(result);
        return result;
    }

    @Override
    public @Nullable Glance glance(String map, byte[] key) {
        Integer known = knownId(map);
        return known == null ? null : engine.glance(known, key);
    }

    private static void unheard(Result result) {}

    @Override
    protected void ask(Operation op, long deadlineNanos, Consumer<Result> answer) {
        engine.submit(op, deadlineNanos, engine.near().guard(op, answer)::accept);
    }

    @Override
    public NearCache near() {
        return engine.near();
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public void elsewhere(Runnable work) {
        ForkJoinPool.commonPool().execute(work);
    }

    @Override
    public int partitions() {
        return engine.partitions();
    }

    @Override
    protected @Nullable Integer knownId(String map) {
        if (map.equals(DEFAULT_MAP)) {
            return 0;
        }
        Topology topology = engine.topology();
        MapId known = mapIds.get(map);
        if (known == null || topology == null || !known.cluster.equals(topology.cluster())) {
            return null;
        }
        return known.id;
    }

    @Override
    protected int idOf(String map) {
        Integer known = knownId(map);
        if (known != null) {
            return known;
        }
        CompletableFuture<Result> answer = new CompletableFuture<>();
        engine.openMap(map, answer::complete);
        Result result = await(answer);
        if (result.status() != Status.DONE) {
            throw Failures.of("map '" + map + "'", result);
        }
        int id = (int) result.number();
        Topology now = engine.topology();
        if (now != null) {
            mapIds.put(map, new MapId(now.cluster(), id));
        }
        return id;
    }

    @Override
    public <T> T await(CompletableFuture<T> answer) {
        return engine.await(answer);
    }

    @Override
    public long wallMillis() {
        return engine.wallMillis();
    }

    /** Leaves the cluster gracefully, which hands this member's partitions over, and ends. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        try {
            if (!engine.leave(LEAVE_MILLIS)) {
                LOG.warn(
                        "event=left-without-handover after {} ms: the cluster had no quorum, or nobody to take over;"
                                + " what only this member held is gone",
                        LEAVE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stop();
    }

    private synchronized void stop() {
        if (closed) {
            return;
        }
        closed = true;
        while (!closing.isEmpty()) {
            AutoCloseable next = closing.pop();
            try {
                next.close();
            } catch (Exception e) {
                LOG.warn("event=close-failed what={} it is left to the end of the process", next, e);
            }
        }
        engine.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
