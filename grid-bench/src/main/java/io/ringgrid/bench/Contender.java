package io.ringgrid.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.infinispan.configuration.cache.CacheMode;

/** Who is measured, each at its best configuration that still does what it is for. Immutable. */
enum Contender {
    RINGGRID(
            "RingGrid",
            "ringgrid",
            "one member, 1024 partitions, eviction on (its default), no near-cache; `GridMap<String, byte[]>`",
            List.of()),
    RINGGRID_OF_THREE(
            "RingGrid, one of three",
            "ringgrid",
            "the same with two more members in processes of their own and one backup; only keys whose primary is the"
                    + " measured member",
            List.of()),
    HAZELCAST(
            "Hazelcast",
            "hazelcast",
            "one member, 271 partitions (its default), no backup, `BINARY`, no statistics, no metrics, no eviction, no"
                    + " near-cache, `IMap.set`, with the JVM options that it asks for",
            List.of(
                    "--add-modules=java.se",
                    "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
                    "--add-opens=java.base/java.lang=ALL-UNNAMED",
                    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                    "--add-opens=java.management/sun.management=ALL-UNNAMED",
                    "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED")),
    INFINISPAN_HEAP(
            "Infinispan heap",
            "infinispan",
            "one member, `DIST_SYNC`, `HEAP`, objects as they are (no copy), no statistics, no eviction, no near-cache,"
                    + " `IGNORE_RETURN_VALUES`",
            List.of()),
    INFINISPAN_OFF_HEAP(
            "Infinispan off-heap",
            "infinispan",
            "the same with `OFF_HEAP`, and `byte[]` keys as `application/octet-stream`, which it need not marshal",
            List.of()),
    INFINISPAN_LOCAL(
            "Infinispan heap, LOCAL",
            "infinispan",
            "a footnote: `LOCAL`, so not able to be a cluster; else as Infinispan heap",
            List.of()),
    CAFFEINE(
            "Caffeine",
            "caffeine",
            "for scale: a map in one JVM that hands out the very object; `maximumSize` that is never reached",
            List.of());

    private static final Properties VERSIONS = versions();

    private final String title;
    private final String library;
    private final String configuration;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> jvmOptions;

    Contender(String title, String library, String configuration, List<String> jvmOptions) {
        this.title = title;
        this.library = library;
        this.configuration = configuration;
        this.jvmOptions = jvmOptions;
    }

    private static Properties versions() {
        Properties versions = new Properties();
        try (InputStream in = Contender.class.getResourceAsStream("versions.properties")) {
            versions.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return versions;
    }

    /** Its name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Its name in tables. */
    String title() {
        return title;
    }

    /** The library's version, as this module's pom has it. */
    String version() {
        return VERSIONS.getProperty(library, "?");
    }

    /** How it is configured, for people. */
    String configuration() {
        return configuration;
    }

    /** What its JVM gets beside what all get. */
    List<String> jvmOptions() {
        return jvmOptions;
    }

    boolean isOurs() {
        return this == RINGGRID || this == RINGGRID_OF_THREE;
    }

    /** Starts it in this JVM. */
    Cache<?> open(Room room) {
        return switch (this) {
            case RINGGRID -> RingGridCache.alone(room);
            case RINGGRID_OF_THREE -> RingGridCache.oneOfThree(room);
            case HAZELCAST -> new HazelcastCache();
            case INFINISPAN_HEAP -> InfinispanCache.heap(CacheMode.DIST_SYNC);
            case INFINISPAN_OFF_HEAP -> InfinispanCache.offHeap(CacheMode.DIST_SYNC);
            case INFINISPAN_LOCAL -> InfinispanCache.heap(CacheMode.LOCAL);
            case CAFFEINE -> new CaffeineCache(room);
        };
    }
}
