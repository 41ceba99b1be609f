package io.ringgrid.node.memcached;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Door;
import io.ringgrid.node.transport.Limits;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** The door for memcached's clients. Thread-safe. */
public final class MemcachedDoor implements AutoCloseable {
    private static final byte[] REFUSAL = "ERROR Too many open connections\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Door door;
    private final DelayedFlush delayedFlush;

    private MemcachedDoor(Door door, DelayedFlush delayedFlush) {
        this.door = door;
        this.delayedFlush = delayedFlush;
    }

    /**
     * Opens the door.
     *
     * @param bind where to listen; port 0 takes a free one
     * @throws java.io.UncheckedIOException if the address cannot be bound
     */
    public static MemcachedDoor open(EventLoopGroup loops, InetSocketAddress bind, Engine engine, Limits limits) {
        Statistics statistics = new Statistics(engine);
        DelayedFlush delayedFlush = new DelayedFlush(engine, loops);
        Door door = new Door(loops, bind, limits, REFUSAL, opened ->
                new ChannelHandler[] {new MemcachedConnection(engine, limits, statistics, delayedFlush, opened)});
        return new MemcachedDoor(door, delayedFlush);
    }

    /** The port that is listened on. */
    public int port() {
        return door.port();
    }

    /** Closes the door and its connections, and forgets a flush that has not come yet. */
    @Override
    public void close() {
        delayedFlush.cancel();
        door.close();
    }
}
