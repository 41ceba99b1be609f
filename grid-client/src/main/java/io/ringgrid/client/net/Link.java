package io.ringgrid.client.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.ByteWriter;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.MalformedFrameException;
import io.ringgrid.wire.Refused;
import io.ringgrid.wire.Secret;
import io.ringgrid.wire.Welcome;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The dialer's end of one connection: HELLO, WELCOME (with a {@link Secret}, its proof between), then frames; pings when nothing comes. Everything happens on its
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

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] NONE = {};

    private final LinkLimits limits;
    private final Hello hello;
    private final @Nullable Secret secret;
    private final Listener listener;
    /** The body of HELLO. */
    private byte[] said = NONE;
    /** The body of CHALLENGE, or nothing before it. */
    private byte[] challenge = NONE;

    private boolean welcomed;
    private volatile boolean unanswered;

    private Link(LinkLimits limits, Hello hello, @Nullable Secret secret, Listener listener) {
        super(limits);
        this.limits = limits;
        this.hello = hello;
        this.secret = secret;
        this.listener = listener;
    }

    /** Dials a member. */
    static Link dial(
            EventLoop loop,
            InetSocketAddress to,
            LinkLimits limits,
            Hello hello,
            @Nullable Secret secret,
            Listener listener) {
        Link link = new Link(limits, hello, secret, listener);
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
        unanswered = true;
        ByteWriter out = new ByteWriter(256);
        hello.encode(out);
        if (secret != null) {
            byte[] nonce = new byte[Secret.NONCE_BYTES];
            RANDOM.nextBytes(nonce);
            out.bytes(nonce);
        }
        said = out.toByteArray();
        say(Frame.HELLO, said);
    }

    @Override
    protected void frame(int type, long correlation, byte[] bytes, int offset, int length) {
        if (!welcomed) {
            answered(type, Arrays.copyOfRange(bytes, offset, offset + length));
        } else {
            listener.frame(type, correlation, bytes, offset, length);
        }
    }

    /** Whether TCP has connected, and nobody has answered yet. */
    boolean isUnanswered() {
        return unanswered;
    }

    private void say(int type, byte[] body) {
        send(type, 0, out -> out.raw(body, 0, body.length));
    }

    private void answered(int type, byte[] bytes) {
        if (type == Frame.CHALLENGE && secret != null && challenge.length == 0 && bytes.length > 0) {
            challenge = bytes;
            say(Frame.PROOF, secret.dialerProof(said, challenge));
            return;
        }
        unanswered = false;
        ByteReader body = new ByteReader(bytes);
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
        if (secret != null && !isProven(secret, welcome, body)) {
            close(new Closed(
                    Closed.Kind.TURNED_AWAY,
                    "that member did not prove that it knows the secret: start it with the secret-file of the others"));
            return;
        }
        welcomed = true;
        established();
        listener.opened(this, welcome);
    }

    private boolean isProven(Secret known, Welcome welcome, ByteReader body) {
        ByteWriter out = new ByteWriter(256);
        welcome.encode(out);
        return challenge.length > 0
                && body.left() > 0
                && Secret.isSame(known.doorProof(said, challenge, out.toByteArray()), body.bytes());
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
