package io.ringgrid.node.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.GridNode;
import io.ringgrid.node.binary.Await;
import io.ringgrid.node.binary.FreePort;
import io.ringgrid.node.config.NodeConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pages of two real members, before and after commands through their doors. */
class MetricsTest {
    private static final int PARTITIONS = 64;

    private final List<GridNode> nodes = new ArrayList<>();

    @BeforeEach
    void start() throws IOException, InterruptedException {
        List<Integer> ports = FreePort.several(2);
        for (int port : ports) {
            nodes.add(GridNode.start(NodeConfig.builder()
                    .name("n" + nodes.size())
                    .cluster("metrics-" + ports.get(0))
                    .port(0)
                    .memcachedPort(0)
                    .respPort(0)
                    .httpPort(0)
                    .jgroupsPort(port)
                    .seeds(ports.stream().map(seed -> "127.0.0.1:" + seed).toList())
                    .partitions(PARTITIONS)
                    .maxValueBytes(1 << 20)
                    .memoryBytes(64 << 20)
                    .build()));
            assertTrue(nodes.get(nodes.size() - 1).awaitReady(20_000), "not ready");
        }
        for (GridNode node : nodes) {
            Await.until(
                    "both members hold copies",
                    () -> node.health().safe() && node.health().members().size() == 2);
        }
    }

    @AfterEach
    void stop() {
        nodes.forEach(GridNode::close);
    }

    private static Map<String, Double> page(GridNode node) {
        try {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + Objects.requireNonNull(node.httpPort()) + "/metrics"))
                    .build();
            return PageReader.read(HttpClient.newHttpClient()
                    .send(request, BodyHandlers.ofString())
                    .body());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Of all members together. */
    private double sum(String sample) {
        return nodes.stream().mapToDouble(node -> of(page(node), sample)).sum();
    }

    private static double of(Map<String, Double> page, String sample) {
        Double value = page.get(sample);
        if (value == null) {
            throw new AssertionError(sample + " is not in " + page.keySet());
        }
        return value;
    }

    private static void say(@Nullable Integer port, String text) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Objects.requireNonNull(port))) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(text.getBytes(UTF_8));
            socket.getInputStream().readAllBytes();
        }
    }

    @Test
    void figuresMoveWithCommands() throws IOException {
        String cache = "{cache=\"" + nodes.get(0).health().cluster() + "\"";
        String hits = "cache_gets_total" + cache + ",result=\"hit\"}";
        String misses = "cache_gets_total" + cache + ",result=\"miss\"}";
        assertEquals(0, sum(hits) + sum(misses));
        StringBuilder commands = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            commands.append("set k").append(i).append(" 0 0 1\r\nv\r\n");
        }
        for (int i = 0; i < 20; i++) {
            commands.append("get k").append(i).append("\r\nget m").append(i).append("\r\n");
        }
        say(nodes.get(0).memcachedPort(), commands + "incr n 1\r\nnonsense\r\ndelete k0\r\nquit\r\n");
        say(nodes.get(1).respPort(), "SET k1 2\r\nINCR k1\r\nGET k1\r\nGET m1\r\nNONSENSE\r\nQUIT\r\n");

        // Each once in the cluster, whichever member was asked and whichever executed it.
        assertEquals(21, sum(hits));
        assertEquals(21, sum(misses));
        assertEquals(22, sum("cache_puts_total" + cache + "}"));
        assertEquals(1, sum("cache_removals_total" + cache + "}"));
        assertEquals(0, sum("cache_evictions_total" + cache + "}"));
        assertEquals(2 * 19, sum("cache_size" + cache + "}"), "19 entries and their copies");

        assertEquals(19, sum("ringgrid_map_entries{map=\"default\"}"), "each at its primary");
        assertTrue(sum("ringgrid_map_bytes{map=\"default\"}") > 19 * "k1v".length());
        assertEquals(21, sum("ringgrid_map_hits_total{map=\"default\"}"));
        assertEquals(21, sum("ringgrid_map_misses_total{map=\"default\"}"));
        assertEquals(0, sum("ringgrid_map_evictions_total{map=\"default\"}"));

        Map<String, Double> first = page(nodes.get(0));
        assertEquals(64, of(first, "ringgrid_door_commands_total{door=\"memcached\"}"));
        assertEquals(1, of(first, "ringgrid_door_errors_total{door=\"memcached\"}"));
        assertEquals(1, of(first, "ringgrid_door_connections_total{door=\"memcached\"}"));
        assertEquals(0, of(first, "ringgrid_door_refused_total{door=\"memcached\"}"));
        assertTrue(of(first, "ringgrid_door_received_bytes_total{door=\"memcached\"}") >= commands.length());
        assertTrue(of(first, "ringgrid_door_sent_bytes_total{door=\"memcached\"}") > 20 * "STORED\r\n".length());
        assertTrue(of(first, "ringgrid_door_commands_total{door=\"native\"}") > 0, "the other member's requests");
        assertTrue(of(first, "ringgrid_door_received_bytes_total{door=\"native\"}") > 0);
        assertTrue(of(first, "ringgrid_door_connections{door=\"http\"}") >= 1);
        Map<String, Double> second = page(nodes.get(1));
        assertEquals(6, of(second, "ringgrid_door_commands_total{door=\"resp\"}"));
        assertEquals(1, of(second, "ringgrid_door_errors_total{door=\"resp\"}"));
    }

    @Test
    void theClusterAndTheJvmAreThere() {
        for (int i = 0; i < 50; i++) {
            nodes.get(0).map("default", String.class, Long.class).increment("k" + i, 1);
        }
        for (GridNode node : nodes) {
            Map<String, Double> page = page(node);
            assertEquals(1, of(page, "ringgrid_ready"));
            assertEquals(1, of(page, "ringgrid_safe"));
            assertEquals(2, of(page, "ringgrid_members"));
            assertEquals((double) node.health().topologyVersion(), of(page, "ringgrid_topology_version"));
            assertEquals(
                    PARTITIONS,
                    of(page, "ringgrid_partitions{role=\"primary\"}")
                            + of(page, "ringgrid_partitions{role=\"backup\"}"));
            assertEquals(0, of(page, "ringgrid_partitions_missing_copies"));
            assertEquals(0, of(page, "ringgrid_partitions_lost"));
            assertEquals(0, of(page, "ringgrid_partitions_filling"));
            assertTrue(of(page, "ringgrid_replication_mutations_sent_total") > 0);
            assertTrue(of(page, "ringgrid_replication_mutations_received_total") > 0);
            assertTrue(of(page, "ringgrid_replication_acks_received_total") > 0);
            assertTrue(of(page, "ringgrid_memory_used_bytes") > 0);
            assertTrue(of(page, "jvm_threads_live_threads") > 1);
            assertTrue(
                    page.keySet().stream().anyMatch(name -> name.startsWith("jvm_memory_used_bytes{area=\"heap\",")));
            assertTrue(page.keySet().stream().anyMatch(name -> name.startsWith("jvm_gc_pause_seconds_count{gc=")));
        }
        assertTrue(sum("ringgrid_replication_mutations_sent_total") >= 50);
        Await.until("what all copies have is forgotten", () -> sum("ringgrid_replication_pending_bytes") < 50 * 100);
    }
}
