package io.ringgrid.node.binary;

import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import io.ringgrid.wire.Reply;
import io.ringgrid.wire.Secret;
import io.ringgrid.wire.Welcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A member of a {@link FakeCluster}: a native door with a {@link FakeEngine} behind it. Thread-safe. */
public final class FakeMember implements AutoCloseable {
    private final FakeCluster cluster;
    private final String name;
    private final FakeEngine engine;
    private final NativeDoor door;
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private volatile Id id;

    public FakeMember(FakeCluster cluster, Id id, String name, int port, DoorLimits limits) {
        this(cluster, id, name, port, limits, null);
    }

    public FakeMember(FakeCluster cluster, Id id, String name, int port, DoorLimits limits, @Nullable Secret secret) {
        this.cluster = cluster;
        this.id = id;
        this.name = name;
        this.engine = new FakeEngine(cluster, this);
        try {
            this.door = NativeDoor.open(
                    cluster.loops,
                    // Somebody who dials a port of the system's own choice again and again may meet himself there.
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port == 0 ? FreePort.next() : port),
                    limits,
                    hello -> Reply.to(hello, FakeCluster.NAME, welcome()),
                    secret,
                    engine,
                    new Sink());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Sink implements PeerSink {
        @Override
        public void met(Id member, String host, int port) {
            heard.add(member.brief() + " met at " + host + ":" + port);
        }

        @Override
        public void received(Id from, long correlation, byte[] body) {
            heard.add(from.brief() + " " + correlation + " " + new String(body, StandardCharsets.UTF_8));
        }
    }

    private Welcome welcome() {
        Topology topology = cluster.topology();
        return new Welcome(1, topology == null ? Id.NONE : topology.cluster(), id, name, "127.0.0.1", port());
    }

    /** Has another identity from now on. */
    public void identity(Id newId) {
        id = newId;
        door.hangUp("another identity");
    }

    public Id id() {
        return id;
    }

    public String name() {
        return name;
    }

    public int port() {
        return door.port();
    }

    public String address() {
        return "127.0.0.1:" + port();
    }

    public FakeEngine engine() {
        return engine;
    }

    public NativeDoor door() {
        return door;
    }

    /** What other members said. */
    public List<String> heard() {
        return heard;
    }

    /** As if its process were killed: the door and all connections are closed at once. */
    @Override
    public void close() {
        door.close();
    }
}
