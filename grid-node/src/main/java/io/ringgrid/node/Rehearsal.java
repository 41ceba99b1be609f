package io.ringgrid.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringgrid.node.cli.GridTool;
import io.ringgrid.node.config.NodeConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A member's first minute in short, run by the build so that the JVM can archive the classes that it took
 * ({@code -XX:ArchiveClassesAtExit}): one member founds a cluster, one joins, each answers through each door, both
 * leave.
 *
 * <p>The archive only makes a start faster. So whatever goes wrong is told, and fails no build; and nothing waits for
 * ever.
 */
final class Rehearsal {
    private static final long READY_MILLIS = 20_000;
    private static final int ANSWER_MILLIS = 10_000;

    private Rehearsal() {}

    public static void main(String[] args) throws InterruptedException {
        try (ServerSocket first = freePort();
                ServerSocket second = freePort()) {
            rehearse(first, second);
        } catch (IOException | UncheckedIOException failure) {
            System.out.println("the archive is made of less than a whole rehearsal: " + failure);
        }
        System.exit(0);
    }

    private static void rehearse(ServerSocket first, ServerSocket second) throws IOException, InterruptedException {
        String cluster = "rehearsal-" + first.getLocalPort();
        String seeds = "127.0.0.1:" + first.getLocalPort();
        try (GridNode founder = start(cluster, first, seeds)) {
            converse(founder);
            try (GridNode joiner = start(cluster, second, seeds)) {
                converse(joiner);
            }
            converse(founder);
        }
    }

    private static GridNode start(String cluster, ServerSocket reserved, String seeds)
            throws IOException, InterruptedException {
        int jgroupsPort = reserved.getLocalPort();
        reserved.close();
        NodeConfig options =
                Main.read("--cluster=" + cluster, "--jgroups-port=" + jgroupsPort, "--seeds=" + seeds, "--memory=64m");
        GridNode node = GridNode.start(NodeConfig.builder()
                .cluster(options.cluster())
                .port(0)
                .memcachedPort(0)
                .respPort(0)
                .httpPort(0)
                .jgroupsPort(options.jgroupsPort())
                .seeds(options.seeds())
                .memoryBytes(options.memoryBytes())
                .partitions(64)
                .build());
        if (!node.awaitReady(READY_MILLIS)) {
            node.close();
            throw new IOException("not ready within " + READY_MILLIS + " ms");
        }
        return node;
    }

    private static ServerSocket freePort() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    private static void converse(GridNode node) throws IOException {
        node.members();
        node.map("default", String.class, Long.class).increment("counter", 1);
        say(
                node.respPort(),
                "PING\r\nSET key value\r\nGET key\r\nINCR counter\r\nMGET key counter\r\nDEL key\r\nQUIT\r\n");
        say(
                node.memcachedPort(),
                "set key 0 0 5\r\nvalue\r\nget key\r\ngets key counter\r\nincr counter 1\r\ndelete key\r\nquit\r\n");
        for (String[] command : new String[][] {{"put", "key", "value"}, {"get", "key"}, {"ttl", "key"}, {"cluster"}}) {
            String[] words = Arrays.copyOf(command, command.length + 1);
            words[command.length] = "--contact=127.0.0.1:" + node.port();
            GridTool.run(System.out, System.out, words);
        }
        for (String path : new String[] {"/health/ready", "/cluster/safe", "/cluster", "/metrics"}) {
            say(node.httpPort(), "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        }
    }

    /** Says this, and hears what is answered until the member hangs up. */
    private static void say(@Nullable Integer port, String text) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Objects.requireNonNull(port))) {
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.getOutputStream().write(text.getBytes(UTF_8));
            new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))
                    .lines()
                    .forEach(System.out::println);
        }
    }
}
