package io.ringgrid.node.config;

import io.ringgrid.node.config.InvalidConfigException.Problem;
import io.ringgrid.store.MapLimit;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Settings;
import io.ringgrid.wire.Secret;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a member is started with. Immutable; the constructor refuses what cannot work, naming all problems at once.
 *
 * @param name of the member, for people
 * @param cluster members of other cluster names are never joined
 * @param bind the address that all doors listen on, and that others are told; one that others can reach needs a secret
 * @param port of the native door, for clients and members; 0 takes a free one
 * @param memcachedPort 0 takes a free one, null turns the door off
 * @param respPort 0 takes a free one, null turns the door off
 * @param respClusterPort where Redis Cluster's clients are sent to; 0 takes a free one, null turns that off
 * @param httpPort 0 takes a free one, null turns the door off
 * @param jgroupsPort where JGroups listens for discovery
 * @param seeds host:port of members' JGroups ports to ask first; may name this one
 * @param memoryBytes for entries, this member's backups included
 * @param partitions of the cluster: a power of two, 1 to 16384, the same on all members for the cluster's life
 * @param backups copies of each partition beside its primary, 0 to 6, the same on all members
 * @param maxValueBytes the largest value, the same on all members
 * @param zone copies are put in distinct zones first, such as racks; empty is a zone as well
 * @param weight this member's share of the data in relation to the others', 1 to 1,000,000
 * @param witness whether it only votes and holds no data, whatever its weight
 * @param maps what this member does with maps of these names when they are full; the others share its memory
 * @param secret what every door asks for, the same on all members; or null
 */
public record NodeConfig(
        String name,
        String cluster,
        String bind,
        int port,
        @Nullable Integer memcachedPort,
        @Nullable Integer respPort,
        @Nullable Integer respClusterPort,
        @Nullable Integer httpPort,
        int jgroupsPort,
        List<String> seeds,
        long memoryBytes,
        int partitions,
        int backups,
        int maxValueBytes,
        String zone,
        int weight,
        boolean witness,
        Map<String, MapLimit> maps,
        @Nullable Secret secret) {
    private static final int MAX_TEXT = 255;
    private static final int MAX_PORT = 65535;
    private static final int MAX_PARTITIONS = 16384;
    private static final int RESP_CLUSTER_PORT_OFFSET = 10_000;
    private static final int MAX_WEIGHT = 1_000_000;
    private static final int MIB = 1 << 20;
    private static final int MAX_VALUE = 64 << 20;
    /** A fifth of the memory is headroom, and must take the largest entry. */
    private static final int LEAST_VALUES = 5;

    /**
     * Checks everything.
     *
     * @throws InvalidConfigException naming every problem
     */
    public NodeConfig {
        seeds = List.copyOf(seeds);
        maps = Map.copyOf(maps);
        Checks checks = new Checks();
        checks.text("name", name);
        checks.text("cluster", cluster);
        checks.bind(bind, secret);
        checks.secret(secret);
        checks.within("port", port, 0, MAX_PORT);
        checks.door("memcached-port", memcachedPort);
        checks.door("resp-port", respPort);
        checks.door("resp-cluster-port", respClusterPort);
        checks.door("http-port", httpPort);
        checks.within("jgroups-port", jgroupsPort, 1, MAX_PORT);
        seeds.forEach(checks::seed);
        checks.that(
                Integer.bitCount(partitions) == 1 && partitions >= 1 && partitions <= MAX_PARTITIONS,
                "partitions",
                "must be a power of two from 1 to " + MAX_PARTITIONS + ", not " + partitions);
        checks.within("backups", backups, 0, Settings.MAX_BACKUPS);
        checks.memory(memoryBytes, maxValueBytes);
        checks.that(zone.length() <= MAX_TEXT, "zone", "must be up to " + MAX_TEXT + " characters");
        checks.within("weight", weight, 1, MAX_WEIGHT);
        checks.maps(maps);
        checks.end();
    }

    private static final class Checks {
        private final List<Problem> problems = new ArrayList<>();

        void that(boolean holds, String setting, String problem) {
            if (!holds) {
                problems.add(new Problem(setting, problem));
            }
        }

        void text(String setting, String text) {
            that(!text.isBlank() && text.length() <= MAX_TEXT, setting, "must be 1 to " + MAX_TEXT + " characters");
        }

        void within(String setting, int value, int least, int most) {
            that(value >= least && value <= most, setting, "must be " + least + " to " + most + ", not " + value);
        }

        void door(String setting, @Nullable Integer port) {
            within(setting, port == null ? 0 : port, 0, MAX_PORT);
        }

        void bind(String bind, @Nullable Secret secret) {
            InetAddress address;
            try {
                address = InetAddress.getByName(bind);
            } catch (UnknownHostException e) {
                that(false, "bind", "there is no host '" + bind + "'; use an address of this machine");
                return;
            }
            that(
                    !address.isAnyLocalAddress(),
                    "bind",
                    "'" + bind + "' is every address of this machine, and the others have to be told one;"
                            + " use the one that they reach");
            that(
                    address.isLoopbackAddress() || address.isAnyLocalAddress() || secret != null,
                    "bind",
                    "others can reach '" + bind + "', and there is no secret: give all members the same secret-file ("
                            + Secret.RECIPE + " > secret; chmod 600 secret), or bind to 127.0.0.1");
        }

        void secret(@Nullable Secret secret) {
            that(
                    secret == null || secret.length() >= Secret.MIN_BYTES,
                    "secret-file",
                    "the secret must have at least " + Secret.MIN_BYTES + " characters; make one with: "
                            + Secret.RECIPE);
        }

        void seed(String seed) {
            that(
                    seed.matches("[^\\s]*[^:\\s]:\\d{1,5}"),
                    "seeds",
                    "'" + seed + "' is not host:port, such as 127.0.0.1:7800");
        }

        void maps(Map<String, MapLimit> maps) {
            that(
                    maps.size() <= Topology.MAX_MAPS,
                    "maps",
                    "are " + maps.size() + ", and a cluster has at most " + Topology.MAX_MAPS);
            maps.keySet().forEach(name -> text("maps", name));
        }

        void memory(long memoryBytes, int maxValueBytes) {
            long least = (long) LEAST_VALUES * maxValueBytes;
            if (maxValueBytes < 1 || maxValueBytes > MAX_VALUE) {
                that(false, "max-value", "must be 1 byte to 64m, not " + maxValueBytes);
            } else {
                that(
                        memoryBytes >= least,
                        "memory",
                        "must be at least " + LEAST_VALUES + " times the largest value, " + ((least + MIB - 1) / MIB)
                                + "m, not " + memoryBytes + " bytes");
                long limit = DirectMemory.limitBytes();
                that(
                        memoryBytes <= limit,
                        "memory",
                        "is " + memoryBytes + " bytes, and this JVM grants " + limit
                                + " outside of its heap; start it with -XX:MaxDirectMemorySize="
                                + (memoryBytes + MIB - 1) / MIB + "m or more");
            }
        }

        void end() {
            if (!problems.isEmpty()) {
                throw new InvalidConfigException(problems);
            }
        }
    }

    /** The defaults: a member on loopback with the native door and no other. */
    public static Builder builder() {
        return new Builder();
    }

    /** Makes a configuration step by step. Not thread-safe. */
    public static final class Builder {
        private String name = "member";
        private String cluster = "ringgrid";
        private String bind = "127.0.0.1";
        private int port = 7654;
        private @Nullable Integer memcachedPort;
        private @Nullable Integer respPort;
        private @Nullable Integer respClusterPort;
        private boolean hasRespClusterPort;
        private @Nullable Integer httpPort;
        private int jgroupsPort = 7800;
        private List<String> seeds = List.of();
        private long memoryBytes = Math.max(64L << 20, DirectMemory.limitBytes() / 4);
        private int partitions = 1024;
        private int backups = 1;
        private int maxValueBytes = 8 << 20;
        private String zone = "";
        private int weight = 1;
        private boolean witness;
        private Map<String, MapLimit> maps = Map.of();
        private @Nullable Secret secret;

        private Builder() {}

        /** For people; {@code member} unless set. */
        public Builder name(String newName) {
            name = newName;
            return this;
        }

        /** Which cluster to join; {@code ringgrid} unless set. */
        public Builder cluster(String newCluster) {
            cluster = newCluster;
            return this;
        }

        /** The address of this machine that all doors listen on; 127.0.0.1 unless set. */
        public Builder bind(String address) {
            bind = address;
            return this;
        }

        /** The native door; 7654 unless set, 0 takes a free one. */
        public Builder port(int newPort) {
            port = newPort;
            return this;
        }

        /** Opens the memcached door; 0 takes a free port. */
        public Builder memcachedPort(@Nullable Integer newPort) {
            memcachedPort = newPort;
            return this;
        }

        /** Opens the RESP door; 0 takes a free port. */
        public Builder respPort(@Nullable Integer newPort) {
            respPort = newPort;
            return this;
        }

        /**
         * Opens the RESP door's second port, for clients of Redis Cluster; 0 takes a free one, null turns it off. Unless
         * set, the RESP door's port + 10000.
         */
        public Builder respClusterPort(@Nullable Integer newPort) {
            respClusterPort = newPort;
            hasRespClusterPort = true;
            return this;
        }

        private @Nullable Integer effectiveRespClusterPort() {
            if (respPort == null || hasRespClusterPort) {
                return respPort == null ? null : respClusterPort;
            }
            return respPort == 0 ? Integer.valueOf(0) : Integer.valueOf(respPort + RESP_CLUSTER_PORT_OFFSET);
        }

        /** Opens the HTTP door; 0 takes a free port. */
        public Builder httpPort(@Nullable Integer newPort) {
            httpPort = newPort;
            return this;
        }

        /** Where JGroups listens for discovery; 7800 unless set. */
        public Builder jgroupsPort(int newPort) {
            jgroupsPort = newPort;
            return this;
        }

        /** JGroups ports of members to ask first, as {@code host:port}; none unless set. */
        public Builder seeds(List<String> newSeeds) {
            seeds = newSeeds;
            return this;
        }

        /** Bytes for entries, backups included; a quarter of the JVM's heap, at least 64 MiB, unless set. */
        public Builder memoryBytes(long bytes) {
            memoryBytes = bytes;
            return this;
        }

        /** Of the cluster; 1024 unless set. */
        public Builder partitions(int count) {
            partitions = count;
            return this;
        }

        /** Copies beside the primary; 1 unless set. */
        public Builder backups(int count) {
            backups = count;
            return this;
        }

        /** The largest value, in bytes; 8 MiB unless set. */
        public Builder maxValueBytes(int bytes) {
            maxValueBytes = bytes;
            return this;
        }

        /** Copies are put in distinct zones first; none unless set. */
        public Builder zone(String newZone) {
            zone = newZone;
            return this;
        }

        /** This member's share of the data in relation to the others'; 1 unless set. */
        public Builder weight(int newWeight) {
            weight = newWeight;
            return this;
        }

        /** A member that only votes and holds no data: the third of two that must never both go on alone. */
        public Builder witness(boolean newWitness) {
            witness = newWitness;
            return this;
        }

        /**
         * What every door asks for, the same on all members; none unless set.
         *
         * @throws IllegalArgumentException if it is not a line of visible ASCII characters
         */
        public Builder secret(String text) {
            return secret(Secret.of(text));
        }

        /** The same of an array, which may be overwritten afterwards. */
        public Builder secret(char[] text) {
            return secret(Secret.of(text));
        }

        /**
         * What this member does with maps of these names when they are full. Give all members the same: each applies it to what
         * it is primary of.
         */
        public Builder maps(Map<String, MapLimit> byName) {
            maps = byName;
            return this;
        }

        Builder secret(Secret newSecret) {
            secret = newSecret;
            return this;
        }

        /**
         * Checks everything.
         *
         * @throws InvalidConfigException naming every problem, one per line
         */
        public NodeConfig build() {
            return new NodeConfig(
                    name,
                    cluster,
                    bind,
                    port,
                    memcachedPort,
                    respPort,
                    effectiveRespClusterPort(),
                    httpPort,
                    jgroupsPort,
                    seeds,
                    memoryBytes,
                    partitions,
                    backups,
                    maxValueBytes,
                    zone,
                    weight,
                    witness,
                    maps,
                    secret);
        }
    }
}
