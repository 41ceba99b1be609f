package io.ringgrid.node.memcached;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Door;
import io.ringgrid.node.transport.DoorFigures;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.wire.Secret;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The door for memcached's clients. Thread-safe. */
public final class MemcachedDoor implements AutoCloseable {
    private static final byte[] REFUSAL = "ERROR Too many open connections\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Door door;

    private MemcachedDoor(Door door) {
        this.door = door;
    }

    /**
     * Opens the door.
     *
     * @param bind where to listen; port 0 takes a free one
     * @param secret what each client has to say first, or null
     * @throws java.io.UncheckedIOException if the address cannot be bound
     */
    public static MemcachedDoor open(
            EventLoopGroup loops, InetSocketAddress bind, Engine engine, Limits limits, @Nullable Secret secret) {
        Statistics statistics = new Statistics(engine, limits, secret);
        Door door = new Door(loops, bind, limits, REFUSAL, opened ->
                new ChannelHandler[] {new MemcachedConnection(engine, limits, statistics, secret, opened)});
        return new MemcachedDoor(door);
    }

    /** The port that is listened on. */
    public int port() {
        return door.port();
    }

    /** What was counted since the door was opened. */
    public DoorFigures figures() {
        return door.figures();
    }

    /** Closes the door and its connections. */
    @Override
    public void close() {
        door.close();
    }
}
