package io.ringgrid.node.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.ringgrid.node.GridNode;
import io.ringgrid.node.binary.FreePort;
import io.ringgrid.node.config.NodeConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A cluster of real members in this JVM, with all doors on free ports. */
public final class RealMembers implements AutoCloseable {
    private static final long READY_MILLIS = 60_000;
    private static final int PARTITIONS = 64;

    private final List<GridNode> members = new ArrayList<>();

    private RealMembers() {}

    /** Starts so many members, and waits until all partitions have their copies. */
    public static RealMembers start(int count) throws IOException {
        RealMembers real = new RealMembers();
        int[] ports = new int[count];
        List<String> seeds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ports[i] = FreePort.next();
            seeds.add("127.0.0.1:" + ports[i]);
        }
        for (int port : ports) {
            real.members.add(GridNode.start(NodeConfig.builder()
                    .name("n" + real.members.size())
                    .cluster("conformance-" + ports[0])
                    .port(0)
                    .memcachedPort(0)
                    .respPort(0)
                    .jgroupsPort(port)
                    .seeds(seeds)
                    .memoryBytes(128L << 20)
                    .partitions(PARTITIONS)
                    .build()));
        }
        real.awaitReady();
        return real;
    }

    /**
     * Starts one member with the native door alone, and waits until it is ready; whoever asks closes it.
     *
     * @param seeds JGroups' ports of the cluster's members, of this one too
     */
    public static GridNode member(String name, String cluster, int jgroupsPort, List<Integer> seeds)
            throws InterruptedException {
        GridNode node = GridNode.start(NodeConfig.builder()
                .name(name)
                .cluster(cluster)
                .port(0)
                .jgroupsPort(jgroupsPort)
                .seeds(seeds.stream().map(port -> "127.0.0.1:" + port).toList())
                .partitions(PARTITIONS)
                .memoryBytes(64 << 20)
                .build());
        boolean ready = node.awaitReady(READY_MILLIS);
        if (!ready) {
            String reason = node.health().reason();
            node.close();
            fail(name + " is not ready: " + reason);
        }
        return node;
    }

    private void awaitReady() {
        long deadline = System.nanoTime() + READY_MILLIS * 1_000_000;
        while (!members.stream()
                .allMatch(member -> member.health().safe()
                        && member.health().ready()
                        && member.members().size() == members.size())) {
            assertTrue(
                    System.nanoTime() < deadline,
                    "the members are not ready: " + members.get(0).health());
            Thread.onSpinWait();
        }
    }

    /** The members, in the order of their start. */
    public List<GridNode> members() {
        return members;
    }

    @Override
    public void close() {
        members.forEach(GridNode::close);
    }
}
