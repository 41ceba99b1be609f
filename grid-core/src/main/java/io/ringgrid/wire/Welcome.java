package io.ringgrid.wire;

import io.ringgrid.ring.Id;

/**
 * How a member answers a {@link Hello} that it accepts. Immutable.
 *
 * <pre>
 *   version 1 | cluster id 16 | member id 16 | port 4 | name n4 | host n4
 * </pre>
 *
 * <p>Who knows the {@link Secret} appends its proof (n4).
 *
 * @param version of the protocol, that both will speak
 * @param clusterId the cluster that the member belongs to, or {@link Id#NONE} before it has joined
 * @param memberId who it is
 * @param name its name, for people
 * @param host where its native door listens
 * @param port where its native door listens
 */
public record Welcome(int version, Id clusterId, Id memberId, String name, String host, int port) implements Reply {
    @Override
    public int type() {
        return Frame.WELCOME;
    }

    @Override
    public void encode(ByteWriter out) {
        out.u8(version).id(clusterId).id(memberId).i32(port).string(name).string(host);
    }

    /**
     * Reads one.
     *
     * @throws MalformedFrameException if these bytes are none
     */
    public static Welcome decode(ByteReader in) {
        int version = in.u8();
        Id clusterId = in.id();
        Id memberId = in.id();
        int port = in.i32();
        return new Welcome(version, clusterId, memberId, in.string(), in.string(), port);
    }
}
