package io.ringgrid.node;

import io.ringgrid.node.config.NodeConfig;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code scripts/grid-node}: one dedicated member, until SIGTERM or SIGINT, on which it leaves gracefully. */
@Command(
        name = "grid-node",
        description = "Runs one member of a RingGrid cluster; SIGTERM makes it leave gracefully.",
        mixinStandardHelpOptions = true,
        version = "RingGrid 0.1.0",
        sortOptions = false,
        showDefaultValues = true)
public final class Main implements Callable<Integer> {
    private static final int WRONG_USE = 2;

    @Option(names = "--name", description = "the member's name, for people")
    private String name = "n1";

    @Option(names = "--cluster", description = "members of other cluster names are never joined")
    private String cluster = "ringgrid";

    @Option(names = "--port", description = "native door, for Java clients and members")
    private int port = 7654;

    @Option(names = "--memcached-port", description = "memcached door; 0 = off")
    private int memcachedPort = 11211;

    @Option(names = "--resp-port", description = "Redis door; 0 = off")
    private int respPort = 6379;

    @Option(names = "--http-port", description = "HTTP door, for health checks; 0 = off")
    private int httpPort = 8080;

    @Option(names = "--jgroups-port", description = "where JGroups listens for discovery")
    private int jgroupsPort = 7800;

    @Option(
            names = "--seeds",
            split = ",",
            description = "JGroups host:port of members to ask first, with commas; may name this one")
    private List<String> seeds = List.of("127.0.0.1:7800", "127.0.0.1:7801", "127.0.0.1:7802");

    @Option(
            names = "--memory",
            converter = Bytes.class,
            description = "for entries, backups included: bytes, or with k, m, g")
    private long memory = 512L << 20;

    @Option(names = "--partitions", description = "of the cluster: a power of two, the same on all members")
    private int partitions = 1024;

    @Option(names = "--backups", description = "copies beside each primary, 0 or 1, the same on all members")
    private int backups = 1;

    private Main() {}

    static final class Bytes implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            String lower = text.toLowerCase(Locale.ROOT);
            if (!lower.matches("[1-9][0-9]{0,14}[kmg]?")) {
                throw new TypeConversionException("'" + text + "' is not a size such as 512m");
            }
            int shift =
                    switch (lower.charAt(lower.length() - 1)) {
                        case 'k' -> 10;
                        case 'm' -> 20;
                        case 'g' -> 30;
                        default -> 0;
                    };
            String digits = shift == 0 ? lower : lower.substring(0, lower.length() - 1);
            return Long.parseLong(digits) << shift;
        }
    }

    /** Runs a member. Exit status 0 after a graceful end, 1 if it cannot start, 2 if it was called wrongly. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    /** What these options ask for. */
    static NodeConfig parse(String... args) {
        Main main = new Main();
        new CommandLine(main).parseArgs(args);
        return main.config();
    }

    @Override
    public Integer call() throws InterruptedException {
        NodeConfig config;
        try {
            config = config();
        } catch (IllegalArgumentException e) {
            String.valueOf(e.getMessage()).lines().forEach(problem -> System.err.println("grid-node: --" + problem));
            return WRONG_USE;
        }
        GridNode node;
        try {
            node = GridNode.start(config);
        } catch (UncheckedIOException e) {
            System.err.println(
                    "grid-node: " + e.getMessage() + "\nIs another process using this port? Choose another.");
            return 1;
        }
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(node::close, "ringgrid-shutdown"));
        ended.await();
        return 0;
    }

    private NodeConfig config() {
        return NodeConfig.builder()
                .name(name)
                .cluster(cluster)
                .port(port)
                .memcachedPort(memcachedPort == 0 ? null : Integer.valueOf(memcachedPort))
                .respPort(respPort == 0 ? null : Integer.valueOf(respPort))
                .httpPort(httpPort == 0 ? null : Integer.valueOf(httpPort))
                .jgroupsPort(jgroupsPort)
                .seeds(seeds)
                .memoryBytes(memory)
                .partitions(partitions)
                .backups(backups)
                .build();
    }
}
