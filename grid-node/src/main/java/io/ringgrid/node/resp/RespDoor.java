package io.ringgrid.node.resp;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Door;
import io.ringgrid.node.transport.Limits;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** The door for Redis' clients. Thread-safe. */
public final class RespDoor implements AutoCloseable {
    private static final byte[] REFUSAL = "-ERR max number of clients reached\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Door door;

    private RespDoor(Door door) {
        this.door = door;
    }

    /**
     * Opens the door.
     *
     * @param bind where to listen; port 0 takes a free one
     * @throws java.io.UncheckedIOException if the address cannot be bound
     */
    public static RespDoor open(EventLoopGroup loops, InetSocketAddress bind, Engine engine, Limits limits) {
        Statistics statistics = new Statistics(engine, limits);
        return new RespDoor(new Door(loops, bind, limits, REFUSAL, door ->
                new ChannelHandler[] {new RespConnection(engine, limits, statistics, door)}));
    }

    /** The port that is listened on. */
    public int port() {
        return door.port();
    }

    /** Closes the door and its connections. */
    @Override
    public void close() {
        door.close();
    }
}
