package io.ringgrid.node.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a member is started with. Immutable; the constructor refuses what cannot work, naming all problems at once.
 *
 * @param name of the member, for people
 * @param cluster members of other cluster names are never joined
 * @param host where all doors listen: a loopback address
 * @param port of the native door, for clients and members; 0 takes a free one
 * @param memcachedPort 0 takes a free one, null turns the door off
 * @param respPort 0 takes a free one, null turns the door off
 * @param httpPort 0 takes a free one, null turns the door off
 * @param jgroupsPort where JGroups listens for discovery
 * @param seeds host:port of members' JGroups ports to ask first; may name this one
 * @param memoryBytes for entries, this member's backups included
 * @param partitions of the cluster: a power of two, 1 to 16384, the same on all members for the cluster's life
 * @param backups copies of each partition beside its primary, 0 or 1, the same on all members
 * @param maxValueBytes the largest value, the same on all members
 */
public record NodeConfig(
        String name,
        String cluster,
        String host,
        int port,
        @Nullable Integer memcachedPort,
        @Nullable Integer respPort,
        @Nullable Integer httpPort,
        int jgroupsPort,
        List<String> seeds,
        long memoryBytes,
        int partitions,
        int backups,
        int maxValueBytes) {
    private static final int MAX_PARTITIONS = 16384;
    private static final int MAX_VALUE = 64 << 20;
    /** A fifth of the memory is headroom, and must take the largest entry. */
    private static final int LEAST_VALUES = 5;

    /**
     * Checks everything.
     *
     * @throws IllegalArgumentException naming every problem, one per line
     */
    public NodeConfig {
        seeds = List.copyOf(seeds);
        List<String> problems = new ArrayList<>();
        if (name.isBlank() || name.length() > 255) {
            problems.add("name: must be 1 to 255 characters");
        }
        if (cluster.isBlank() || cluster.length() > 255) {
            problems.add("cluster: must be 1 to 255 characters");
        }
        if (!isLoopback(host)) {
            problems.add("host: '" + host + "' is not a loopback address; this version listens on loopback only,"
                    + " use 127.0.0.1");
        }
        port(problems, "port", port);
        port(problems, "memcached-port", memcachedPort);
        port(problems, "resp-port", respPort);
        port(problems, "http-port", httpPort);
        if (jgroupsPort < 1 || jgroupsPort > 65535) {
            problems.add("jgroups-port: must be 1 to 65535, not " + jgroupsPort);
        }
        for (String seed : seeds) {
            if (!seed.matches("[^:\\s]+:\\d{1,5}")) {
                problems.add("seeds: '" + seed + "' is not host:port, such as 127.0.0.1:7800");
            }
        }
        if (Integer.bitCount(partitions) != 1 || partitions < 1 || partitions > MAX_PARTITIONS) {
            problems.add("partitions: must be a power of two from 1 to " + MAX_PARTITIONS + ", not " + partitions);
        }
        if (backups < 0 || backups > 1) {
            problems.add("backups: must be 0 or 1, not " + backups);
        }
        if (maxValueBytes < 1 || maxValueBytes > MAX_VALUE) {
            problems.add("max-value: must be 1 byte to 64m, not " + maxValueBytes);
        } else if (memoryBytes < (long) LEAST_VALUES * maxValueBytes) {
            problems.add("memory: must be at least " + LEAST_VALUES + " times the largest value, "
                    + (((long) LEAST_VALUES * maxValueBytes) >> 20) + "m, not " + memoryBytes + " bytes");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static void port(List<String> problems, String name, @Nullable Integer port) {
        if (port != null && (port < 0 || port > 65535)) {
            problems.add(name + ": must be 0 to 65535, not " + port);
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
        private String host = "127.0.0.1";
        private int port = 7654;
        private @Nullable Integer memcachedPort;
        private @Nullable Integer respPort;
        private @Nullable Integer httpPort;
        private int jgroupsPort = 7800;
        private List<String> seeds = List.of();
        private long memoryBytes = Math.max(64L << 20, Runtime.getRuntime().maxMemory() / 4);
        private int partitions = 1024;
        private int backups = 1;
        private int maxValueBytes = 8 << 20;

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

        /** Where all doors listen; 127.0.0.1 unless set. */
        public Builder host(String newHost) {
            host = newHost;
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

        /**
         * Checks everything.
         *
         * @throws IllegalArgumentException naming every problem, one per line
         */
        public NodeConfig build() {
            return new NodeConfig(
                    name,
                    cluster,
                    host,
                    port,
                    memcachedPort,
                    respPort,
                    httpPort,
                    jgroupsPort,
                    seeds,
                    memoryBytes,
                    partitions,
                    backups,
                    maxValueBytes);
        }
    }
}
