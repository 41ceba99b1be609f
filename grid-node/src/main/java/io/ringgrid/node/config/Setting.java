package io.ringgrid.node.config;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What can be set of a dedicated member, with the defaults of one: the table from which the command line, the
 * environment and the file are read. Immutable.
 */
public enum Setting {
    NAME("name", "n1", "the member's name, for people", NodeConfig.Builder::name),
    CLUSTER("cluster", "ringgrid", "members of other cluster names are never joined", NodeConfig.Builder::cluster),
    BIND("bind", "127.0.0.1", "the address of this machine that all doors listen on", NodeConfig.Builder::bind),
    PORT("port", "7654", "native door, for Java clients and members", number(NodeConfig.Builder::port)),
    MEMCACHED_PORT("memcached-port", "11211", "memcached door; 0 = off", door(NodeConfig.Builder::memcachedPort)),
    RESP_PORT("resp-port", "6379", "Redis door; 0 = off", door(NodeConfig.Builder::respPort)),
    RESP_CLUSTER_PORT(
            "resp-cluster-port",
            null,
            "Redis door for clients of Redis Cluster; 0 = off; resp-port + 10000 unless set",
            door(NodeConfig.Builder::respClusterPort)),
    HTTP_PORT("http-port", "8080", "HTTP door, for health and metrics; 0 = off", door(NodeConfig.Builder::httpPort)),
    JGROUPS_PORT(
            "jgroups-port", "7800", "where JGroups listens for discovery", number(NodeConfig.Builder::jgroupsPort)),
    SEEDS(
            "seeds",
            "127.0.0.1:7800,127.0.0.1:7801,127.0.0.1:7802",
            "JGroups host:port of members to ask first, with commas; may name this one",
            (builder, text) -> builder.seeds(list(text))),
    MEMORY(
            "memory",
            "512m",
            "for entries, backups included: bytes, or with k, m, g",
            (builder, text) -> builder.memoryBytes(bytes(text))),
    MAPS(
            "maps",
            "",
            "maps with limits or policies of their own: sessions lru entries=100000 bytes=64m, default none",
            (builder, text) -> builder.maps(MapLimits.read(list(text)))),
    MAX_VALUE(
            "max-value",
            "8m",
            "the largest value, up to 64m, the same on all members",
            (builder, text) -> builder.maxValueBytes((int) Math.min(Integer.MAX_VALUE, bytes(text)))),
    PARTITIONS(
            "partitions",
            "1024",
            "of the cluster: a power of two, the same on all members",
            number(NodeConfig.Builder::partitions)),
    BACKUPS(
            "backups",
            "1",
            "copies beside each primary, 0 to 6, the same on all members",
            number(NodeConfig.Builder::backups)),
    ZONE("zone", "", "copies are put in distinct zones first, such as racks", NodeConfig.Builder::zone),
    WEIGHT("weight", "1", "this member's share of the data beside the others'", number(NodeConfig.Builder::weight)),
    WITNESS(
            "witness",
            "false",
            "this member only votes and holds no data: the third of two",
            (builder, text) -> builder.witness(flag(text))),
    SECRET_FILE(
            "secret-file",
            null,
            "holds what every door asks for; all members have the same, and only their user may read it",
            (builder, text) -> builder.secret(SecretFile.read(Path.of(text))));

    private static final String PREFIX = "GRID_";
    private static final Map<String, Setting> BY_KEY =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Setting::key, Function.identity()));

    private final String key;
    private final @Nullable String usual;
    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // all readers are without state
    private final BiConsumer<NodeConfig.Builder, String> reader;

    Setting(String key, @Nullable String usual, String description, BiConsumer<NodeConfig.Builder, String> reader) {
        this.key = key;
        this.usual = usual;
        this.description = description;
        this.reader = reader;
    }

    /** Its name, such as {@code memcached-port}: in the file as it is, on the command line behind two hyphens. */
    public String key() {
        return key;
    }

    /** Its name in the environment, such as {@code GRID_MEMCACHED_PORT}. */
    public String variable() {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** What it is for, in a few words. */
    public String description() {
        return description;
    }

    /** Its default, as it would be written; null if it has none. */
    public @Nullable String usual() {
        return usual;
    }

    /** The setting of this name, or null. */
    static @Nullable Setting of(String key) {
        return BY_KEY.get(key);
    }

    /**
     * Sets it.
     *
     * @throws IllegalArgumentException with what is wrong, if this is none of its values
     */
    void read(NodeConfig.Builder builder, String text) {
        reader.accept(builder, text);
    }

    /** A member with all defaults. */
    static NodeConfig.Builder defaults() {
        NodeConfig.Builder builder = NodeConfig.builder();
        for (Setting setting : values()) {
            if (setting.usual != null) {
                setting.read(builder, setting.usual);
            }
        }
        return builder;
    }

    private static BiConsumer<NodeConfig.Builder, String> number(BiConsumer<NodeConfig.Builder, Integer> target) {
        return (builder, text) -> target.accept(builder, number(text));
    }

    private static BiConsumer<NodeConfig.Builder, String> door(
            BiConsumer<NodeConfig.Builder, @Nullable Integer> target) {
        return (builder, text) -> {
            int port = number(text);
            target.accept(builder, port == 0 ? null : port);
        };
    }

    private static int number(String text) {
        if (!text.matches("-?[0-9]{1,9}")) {
            throw new IllegalArgumentException("'" + text + "' is not a whole number");
        }
        return Integer.parseInt(text);
    }

    /** Whether it needs no value on the command line: that it is named there says yes. */
    public boolean isFlag() {
        return this == WITNESS;
    }

    private static boolean flag(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        }
        return text.equals("true");
    }

    static long bytes(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (!lower.matches("[1-9][0-9]{0,8}[kmg]?|[1-9][0-9]{9,14}")) {
            throw new IllegalArgumentException("'" + text + "' is not a size such as 512m");
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

    private static List<String> list(String text) {
        return text.isBlank()
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }
}
