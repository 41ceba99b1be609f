package io.ringgrid.client.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.MalformedFrameException;
import io.ringgrid.wire.Refused;
import io.ringgrid.wire.Welcome;
import java.net.ConnectException;
import java.net.InetSocketAddress;

/**
 * The dialer's end of one connection: HELLO, WELCOME, then frames; pings when nothing comes. Everything happens on its
 * event loop, but for {@link #send} and {@link #close}, which are thread-safe.
 */
final class Link extends FrameHandler {
    /** Hears of a link. */
    interface Listener {
        /** The handshake is complete. */
        void opened(Link link, Welcome welcome);

        /** A frame has come; its bytes are valid until this call returns. */
        void frame(int type, long correlation, byte[] bytes, int offset, int length);

        /** The link has ended, or could not be made. Called once. */
        void closed(Link link, Closed why);
    }

    private final LinkLimits limits;
    private final Hello hello;
    private final Listener listener;
    private boolean welcomed;

    private Link(LinkLimits limits, Hello hello, Listener listener) {
        super(limits);
        this.limits = limits;
        this.hello = hello;
        this.listener = listener;
    }

    /** Dials a member. */
    static Link dial(EventLoop loop, InetSocketAddress to, LinkLimits limits, Hello hello, Listener listener) {
        Link link = new Link(limits, hello, listener);
        new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, limits.connectMillis())
                .handler(link)
                .connect(to)
                .addListener(done -> {
                    Throwable cause = done.cause();
                    if (cause != null) {
                        link.end(failure(cause));
                    }
                });
        return link;
    }

    private static Closed failure(Throwable cause) {
        String reason = String.valueOf(cause.getMessage());
        if (cause instanceof ConnectTimeoutException) {
            return new Closed(Closed.Kind.TIMED_OUT, reason);
        }
        // The one class stands for several errors of connect(2); only the message tells ECONNREFUSED from the others.
        boolean nobody = cause instanceof ConnectException && reason.contains("refused");
        return new Closed(nobody ? Closed.Kind.NOBODY : Closed.Kind.FAILED, reason);
    }

    /** What was said when dialing. */
    Hello hello() {
        return hello;
    }

    @Override
    protected void opened() {
        send(Frame.HELLO, 0, hello::encode);
    }

    @Override
    protected void frame(int type, long correlation, byte[] bytes, int offset, int length) {
        if (!welcomed) {
            answered(type, new ByteReader(bytes, offset, length));
        } else {
            listener.frame(type, correlation, bytes, offset, length);
        }
    }

    private void answered(int type, ByteReader body) {
        if (type == Frame.REFUSED) {
            close(new Closed(Closed.Kind.TURNED_AWAY, Refused.decode(body).reason()));
            return;
        }
        if (type != Frame.WELCOME) {
            throw new MalformedFrameException("a frame of type " + type + " before the handshake was complete");
        }
        Welcome welcome = Welcome.decode(body);
        if (welcome.version() < hello.oldest() || welcome.version() > hello.newest()) {
            throw new MalformedFrameException("protocol version " + welcome.version() + " was not offered");
        }
        welcomed = true;
        established();
        listener.opened(this, welcome);
    }

    @Override
    protected void silent(int periods) {
        if ((long) periods * limits.pingMillis() >= limits.silenceMillis()) {
            close(new Closed(Closed.Kind.SILENT, "nothing heard for " + limits.silenceMillis() + " ms"));
        } else {
            send(Frame.PING, 0, Outbound.Body.NONE);
        }
    }

    @Override
    protected void written() {}

    @Override
    protected void ended(Closed why) {
        listener.closed(this, why);
    }
}
