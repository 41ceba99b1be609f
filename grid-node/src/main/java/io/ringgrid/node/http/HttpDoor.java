package io.ringgrid.node.http;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Door;
import io.ringgrid.node.transport.DoorFigures;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.wire.Secret;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The door for browsers, probes and monitoring. Thread-safe. */
public final class HttpDoor implements AutoCloseable {
    private static final int MAX_REQUEST_LINE_BYTES = 4 << 10;
    private static final int MAX_HEADERS_BYTES = 16 << 10;
    private static final byte[] REFUSAL =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private final Door door;

    private HttpDoor(Door door) {
        this.door = door;
    }

    /**
     * Opens the door.
     *
     * @param bind where to listen; port 0 takes a free one
     * @param secret what all pages but those of health ask for as a bearer token (RFC 6750), or null
     * @param metrics what Prometheus reads, in its text format
     * @throws java.io.UncheckedIOException if the address cannot be bound
     */
    public static HttpDoor open(
            EventLoopGroup loops,
            InetSocketAddress bind,
            Engine engine,
            Limits limits,
            @Nullable Secret secret,
            Supplier<String> metrics) {
        HttpDecoderConfig decoding = new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                .setMaxHeaderSize(MAX_HEADERS_BYTES);
        return new HttpDoor(new Door(loops, bind, limits, REFUSAL, door -> new ChannelHandler[] {
            new HttpServerCodec(decoding),
            new HttpServerKeepAliveHandler(),
            new HttpHandler(door, target -> Page.of(target, engine, metrics), secret)
        }));
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
