package io.ringgrid.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringgrid.Expiry;
import io.ringgrid.Grid;
import io.ringgrid.GridMap;
import io.ringgrid.client.GridClient;
import io.ringgrid.node.GridNode;
import io.ringgrid.node.config.NodeConfig;
import io.ringgrid.node.engine.Health;
import io.ringgrid.ring.Slots;
import io.ringgrid.store.MapLimit;
import io.ringgrid.topology.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A member of the grid in this JVM, alone or with two others in processes of their own. Thread-safe. */
final class RingGridCache implements Cache<String> {
    private static final int PARTITIONS = 1024;
    private static final int READY_MILLIS = 60_000;
    private static final int MAX_VALUE_BYTES = 1 << 20;
    private static final Expiry AN_HOUR = Expiry.after(Duration.ofHours(1));

    private final GridNode node;
    private final GridMap<String, byte[]> map;
    private final List<Companion> companions;
    private final boolean @Nullable [] own;

    private RingGridCache(GridNode node, List<Companion> companions) {
        this.node = node;
        this.companions = companions;
        awaitSafe(node, 1 + companions.size());
        this.map = node.map(Grid.DEFAULT_MAP);
        this.own = companions.isEmpty() ? null : ownPartitions(node);
    }

    static RingGridCache alone(Room room) {
        int port = freePorts(1).get(0);
        return new RingGridCache(start("alone", "bench-" + port, port, List.of(port), room.memoryBytes()), List.of());
    }

    /** A member whose only map has this limit. */
    static RingGridCache limited(int partitions, MapLimit limit, long memoryBytes) {
        int port = freePorts(1).get(0);
        NodeConfig.Builder config = config("alone", "bench-" + port, port, List.of(port), memoryBytes)
                .partitions(partitions)
                .maps(Map.of(Grid.DEFAULT_MAP, limit));
        return new RingGridCache(GridNode.start(config.build()), List.of());
    }

    static RingGridCache oneOfThree(Room room) {
        List<Integer> ports = freePorts(3);
        String cluster = "bench-" + ports.get(0);
        GridNode node = start("n1", cluster, ports.get(0), ports, room.memoryBytes());
        List<Companion> companions = List.of(
                Companion.start("n2", cluster, ports.get(1), ports, room.memoryBytes()),
                Companion.start("n3", cluster, ports.get(2), ports, room.memoryBytes()));
        return new RingGridCache(node, companions);
    }

    /** Starts a member with the native door alone. */
    static GridNode start(String name, String cluster, int jgroupsPort, List<Integer> seedPorts, long memoryBytes) {
        return GridNode.start(
                config(name, cluster, jgroupsPort, seedPorts, memoryBytes).build());
    }

    private static NodeConfig.Builder config(
            String name, String cluster, int jgroupsPort, List<Integer> seedPorts, long memoryBytes) {
        return NodeConfig.builder()
                .name(name)
                .cluster(cluster)
                .port(0)
                .jgroupsPort(jgroupsPort)
                .seeds(seedPorts.stream().map(port -> "127.0.0.1:" + port).toList())
                .partitions(PARTITIONS)
                .maxValueBytes(MAX_VALUE_BYTES)
                .memoryBytes(memoryBytes);
    }

    private static List<Integer> freePorts(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            List<Integer> ports =
                    sockets.stream().map(ServerSocket::getLocalPort).toList();
            for (ServerSocket socket : sockets) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitSafe(GridNode node, int members) {
        long until = System.nanoTime() + READY_MILLIS * 1_000_000L;
        while (System.nanoTime() < until) {
            Health health = node.health();
            if (health.ready() && health.safe() && health.members().size() == members && isShared(health)) {
                return;
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while the members join", e);
            }
        }
        throw new IllegalStateException("not " + members + " members that are safe: " + node.health());
    }

    /** Whether each member has its share of the partitions, give or take a tenth. */
    private static boolean isShared(Health health) {
        int share = health.partitions() / health.members().size();
        return health.members().stream().allMatch(member -> Math.abs(member.primaries() - share) <= share / 10 + 1);
    }

    private static boolean[] ownPartitions(GridNode node) {
        try (GridClient client = GridClient.connect("127.0.0.1:" + node.port())) {
            Topology topology = client.topology();
            boolean[] own = new boolean[PARTITIONS];
            String self = node.health().memberId();
            for (int p = 0; p < PARTITIONS; p++) {
                own[p] = self.equals(String.valueOf(topology.partitions().get(p).primary()));
            }
            return own;
        }
    }

    @Override
    public String key(int number) {
        return Entries.text(number);
    }

    @Override
    public boolean isOwn(String key) {
        boolean[] known = own;
        if (known == null) {
            return true;
        }
        byte[] bytes = key.getBytes(UTF_8);
        return known[Slots.partitionOf(bytes, 0, bytes.length, PARTITIONS)];
    }

    @Override
    public byte @Nullable [] get(String key) {
        return map.get(key);
    }

    @Override
    public void put(String key, byte[] value) {
        check(map.put(key, value));
    }

    @Override
    public void putForAnHour(String key, byte[] value) {
        check(map.put(key, value, AN_HOUR));
    }

    private static void check(long version) {
        if (version <= 0) {
            throw new IllegalStateException("a put was answered with version " + version);
        }
    }

    @Override
    public void clear() {
        map.clear();
    }

    @Override
    public long entries() {
        return node.health().entries();
    }

    @Override
    public long reportedBytes() {
        return node.health().usedBytes();
    }

    @Override
    public void close() {
        node.close(); // while the others are there to take over
        companions.forEach(Companion::close);
    }
}
