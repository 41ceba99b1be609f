package io.ringgrid.node.resp;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Door;
import io.ringgrid.node.transport.DoorFigures;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.wire.Secret;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The door for Redis' clients. Thread-safe.
 *
 * <p>It has two listeners, because a client of Redis Cluster never says that it is one. At the first, every key is served,
 * by forwarding if it lives elsewhere, and what concerns all keys concerns the whole cluster's. At the second, which is the
 * one that {@code CLUSTER SLOTS} tells of, a wrong member answers MOVED, and speaks for its own slots.
 */
public final class RespDoor implements AutoCloseable {
    private static final byte[] REFUSAL = "-ERR max number of clients reached\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Door door;
    private final @Nullable Door clusterDoor;

    private RespDoor(Door door, @Nullable Door clusterDoor) {
        this.door = door;
        this.clusterDoor = clusterDoor;
    }

    /**
     * Opens the door, for plain clients alone.
     *
     * @param bind where to listen; port 0 takes a free one
     * @param secret what AUTH has to say, or null
     * @throws java.io.UncheckedIOException if the address cannot be bound
     */
    public static RespDoor open(
            EventLoopGroup loops, InetSocketAddress bind, Engine engine, Limits limits, @Nullable Secret secret) {
        return open(loops, bind, null, engine, limits, secret);
    }

    /**
     * Opens the door.
     *
     * @param bind where to listen for plain clients; port 0 takes a free one
     * @param clusterBind where to listen for clients of Redis Cluster; null for nowhere
     * @param secret what AUTH has to say, or null
     * @throws java.io.UncheckedIOException if an address cannot be bound
     */
    public static RespDoor open(
            EventLoopGroup loops,
            InetSocketAddress bind,
            @Nullable InetSocketAddress clusterBind,
            Engine engine,
            Limits limits,
            @Nullable Secret secret) {
        Statistics statistics = new Statistics(engine, limits);
        Clients clients = new Clients();
        Door plain = listen(loops, bind, new RespContext(engine, limits, statistics, clients, false, secret));
        if (clusterBind == null) {
            return new RespDoor(plain, null);
        }
        try {
            return new RespDoor(
                    plain,
                    listen(loops, clusterBind, new RespContext(engine, limits, statistics, clients, true, secret)));
        } catch (UncheckedIOException e) {
            plain.close();
            throw e;
        }
    }

    static Door listen(EventLoopGroup loops, InetSocketAddress bind, RespContext context) {
        return new Door(
                loops, bind, context.limits, REFUSAL, door -> new ChannelHandler[] {new RespConnection(context, door)});
    }

    /** The port that is listened on for plain clients. */
    public int port() {
        return door.port();
    }

    /** What was counted at both ports since the door was opened. */
    public DoorFigures figures() {
        return clusterDoor == null ? door.figures() : door.figures().plus(clusterDoor.figures());
    }

    /** Closes the door and its connections. */
    @Override
    public void close() {
        door.close();
        if (clusterDoor != null) {
            clusterDoor.close();
        }
    }
}
