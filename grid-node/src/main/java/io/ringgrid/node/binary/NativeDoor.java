package io.ringgrid.node.binary;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.ringgrid.client.net.Closed;
import io.ringgrid.client.net.Outbound;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.DoorCounts;
import io.ringgrid.node.transport.DoorFigures;
import io.ringgrid.topology.Topology;
import io.ringgrid.wire.ByteWriter;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.Reply;
import io.ringgrid.wire.Secret;
import io.ringgrid.wire.TopologyCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The native door: accepts clients and other members on one port, executes what they ask where this member is primary,
 * and hands on what members say. Thread-safe.
 *
 * <p>A connection is nobody's until its handshake is complete, and what it sends that is not our protocol ends that
 * connection alone. Answers go back in any order, on the connection on which the request came.
 */
public final class NativeDoor implements AutoCloseable {
    private final DoorLimits limits;
    private final Function<Hello, Reply> check;
    private final @Nullable Secret secret;
    private final Engine engine;
    private final PeerSink peers;
    /** Keys and values of requests that wait for an answer are on the heap: parked, or in the log of a stream. */
    private static final long MAX_UNANSWERED =
            Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 8);

    private final AtomicLong unanswered = new AtomicLong();
    private final AtomicInteger open = new AtomicInteger();
    private final DoorCounts counts = new DoorCounts();
    private final Set<DoorConnection> connections = ConcurrentHashMap.newKeySet();

    private volatile @Nullable Encoded encoded;
    private @Nullable Channel server;

    private record Encoded(Topology topology, byte[] bytes) {
        boolean isOf(Topology other) {
            return topology.cluster().equals(other.cluster())
                    && topology.term() == other.term()
                    && topology.version() == other.version();
        }
    }

    private NativeDoor(
            DoorLimits limits, Function<Hello, Reply> check, @Nullable Secret secret, Engine engine, PeerSink peers) {
        this.limits = limits;
        this.check = check;
        this.secret = secret;
        this.engine = engine;
        this.peers = peers;
    }

    /**
     * Opens the door.
     *
     * @param loops of NIO; stays the caller's
     * @param bind where to listen; port 0 takes a free one
     * @param check judges a handshake, usually with {@link Reply#to}; called on event loops
     * @param secret what clients and members have to prove that they know, or null
     * @param peers where what other members say goes
     * @throws IOException if nothing can listen there
     */
    public static NativeDoor open(
            EventLoopGroup loops,
            InetSocketAddress bind,
            DoorLimits limits,
            Function<Hello, Reply> check,
            @Nullable Secret secret,
            Engine engine,
            PeerSink peers)
            throws IOException {
        NativeDoor door = new NativeDoor(limits, check, secret, engine, peers);
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(door.counts.traffic()).addLast(new DoorConnection(door));
                    }
                })
                .bind(bind)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + bind + ": " + bound.cause().getMessage(), bound.cause());
        }
        door.server = bound.channel();
        engine.onTopology(door::publish);
        return door;
    }

    /** The port that it listens on. */
    public int port() {
        return server == null ? 0 : ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** How many connections are open. */
    public int connections() {
        return connections.size();
    }

    /** What was counted since the door was opened; commands are requests, errors those that had no result. */
    public DoorFigures figures() {
        return counts.figures(connections());
    }

    /** A request was taken. */
    void commanded() {
        counts.commanded();
    }

    /** A request had no result, or a handshake was refused. */
    void failed() {
        counts.failed();
    }

    /** Closes all connections, because this member is no longer who it said it was; new ones are welcome. */
    public void hangUp(String reason) {
        connections.forEach(connection -> connection.close(new Closed(Closed.Kind.LOCAL, reason)));
    }

    /** Closes the door and all connections. */
    @Override
    public void close() {
        if (server != null) {
            server.close().awaitUninterruptibly();
        }
        hangUp("the door is closed");
    }

    private void publish(Topology committed) {
        Outbound.Body body = body(committed);
        for (DoorConnection connection : connections) {
            if (connection.isClient()) {
                connection.send(Frame.TOPOLOGY, 0, body);
            }
        }
    }

    /** The frame's body for a topology, which is encoded once for all connections. */
    Outbound.Body body(Topology topology) {
        Encoded known = encoded;
        if (known == null || !known.isOf(topology)) {
            ByteWriter out = new ByteWriter(1024);
            TopologyCodec.encode(topology, out);
            known = new Encoded(topology, out.toByteArray());
            encoded = known;
        }
        byte[] bytes = known.bytes;
        return out -> out.raw(bytes, 0, bytes.length);
    }

    /** A connection was accepted; false if it is one too many. */
    boolean entered(DoorConnection connection) {
        connections.add(connection);
        counts.accepted();
        boolean room = open.incrementAndGet() <= limits.maxConnections();
        if (!room) {
            counts.refused();
        }
        return room;
    }

    void left(DoorConnection connection) {
        if (connections.remove(connection)) {
            open.decrementAndGet();
        }
    }

    /** Takes this many bytes of a request into account; false if too many are unanswered. A single one is always taken. */
    boolean admit(int bytes) {
        long before = unanswered.getAndAdd(bytes);
        boolean room = before == 0 || before + bytes <= MAX_UNANSWERED;
        if (!room) {
            release(bytes);
        }
        return room;
    }

    void release(int bytes) {
        unanswered.addAndGet(-bytes);
    }

    Handshake handshake() {
        return new Handshake(check, secret);
    }

    DoorLimits limits() {
        return limits;
    }

    Engine engine() {
        return engine;
    }

    PeerSink peers() {
        return peers;
    }
}
