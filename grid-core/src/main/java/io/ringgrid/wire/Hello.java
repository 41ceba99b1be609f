package io.ringgrid.wire;

import io.ringgrid.ring.Id;

/**
 * What who dials a member says first. Immutable.
 *
 * <pre>
 *   magic 4 | oldest 1 | newest 1 | role 1 | cluster id 16 | member id 16 | port 4 | cluster name n4 | host n4
 * </pre>
 *
 * <p>Who knows a {@link Secret} appends a nonce (n4) of 32 bytes, another one for each connection.
 *
 * @param magic {@link #MAGIC}, or this is another protocol
 * @param oldest the oldest version of the protocol that the dialer speaks, 0 to 255
 * @param newest the newest version of the protocol that the dialer speaks, 0 to 255
 * @param role what the dialer is
 * @param cluster the name of its cluster; empty: any, for a client
 * @param clusterId the cluster that it belongs to, or {@link Id#NONE}
 * @param memberId who it is, or {@link Id#NONE} for a client
 * @param host where its own native door listens; empty for a client
 * @param port where its own native door listens; 0 for a client
 */
public record Hello(
        int magic,
        int oldest,
        int newest,
        Role role,
        String cluster,
        Id clusterId,
        Id memberId,
        String host,
        int port) {
    /** "RGrd". */
    public static final int MAGIC = 0x52477264;
    /** The version of the protocol that this code speaks, and the only one. */
    public static final int VERSION = 1;

    /** What who dials is. The order is part of the wire format: append only. */
    public enum Role {
        CLIENT,
        MEMBER;

        private static final Role[] ALL = values();
    }

    /** A client's. */
    public static Hello client(String cluster) {
        return new Hello(MAGIC, VERSION, VERSION, Role.CLIENT, cluster, Id.NONE, Id.NONE, "", 0);
    }

    /** A member's. */
    public static Hello member(String cluster, Id clusterId, Id memberId, String host, int port) {
        return new Hello(MAGIC, VERSION, VERSION, Role.MEMBER, cluster, clusterId, memberId, host, port);
    }

    /** Appends it. */
    public void encode(ByteWriter out) {
        out.i32(magic).u8(oldest).u8(newest).u8(role.ordinal());
        out.id(clusterId).id(memberId).i32(port).string(cluster).string(host);
    }

    /**
     * Reads one. One with another magic than ours ends there, and has defaults for the rest.
     *
     * @throws MalformedFrameException if these bytes are none
     */
    public static Hello decode(ByteReader in) {
        int magic = in.i32();
        if (magic != MAGIC) {
            return new Hello(magic, 0, 0, Role.CLIENT, "", Id.NONE, Id.NONE, "", 0);
        }
        int oldest = in.u8();
        int newest = in.u8();
        int role = in.u8();
        if (role >= Role.ALL.length) {
            throw new MalformedFrameException("a role of " + role);
        }
        Id clusterId = in.id();
        Id memberId = in.id();
        int port = in.i32();
        return new Hello(magic, oldest, newest, Role.ALL[role], in.string(), clusterId, memberId, in.string(), port);
    }
}
