package io.ringgrid.client.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.FrameReader;
import io.ringgrid.wire.MalformedFrameException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection that carries frames, at either end. Everything here happens on its event loop, but for {@link #out},
 * {@link #send} and {@link #close}, which are thread-safe.
 *
 * <p>Until {@link #established} is called it takes only small frames, and only for a limited time. What does not follow
 * the protocol ends this connection alone. {@link #ended} is called exactly once.
 */
public abstract class FrameHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(FrameHandler.class);

    private final LinkLimits limits;
    private final FrameReader reader = new FrameReader(Frame.HANDSHAKE_LIMIT);
    private final FrameReader.Sink sink = this::frame;

    private volatile @Nullable ChannelHandlerContext context;
    private volatile @Nullable Outbound out;
    private volatile @Nullable Closed closing;
    private @Nullable ScheduledFuture<?> timer;
    private boolean heard;
    private int silentPeriods;
    private boolean ended;

    /** A handler of one connection, with these limits. */
    protected FrameHandler(LinkLimits limits) {
        this.limits = limits;
    }

    /** TCP has connected. */
    protected abstract void opened();

    /**
     * A frame has come.
     *
     * @param bytes holds the body from {@code offset} on, until this call returns
     * @throws MalformedFrameException to close the connection
     */
    protected abstract void frame(int type, long correlation, byte[] bytes, int offset, int length);

    /** The connection has ended, or could not be made. */
    protected abstract void ended(Closed why);

    /** Nothing has come for the time of a ping, or several of them. */
    protected abstract void silent(int periods);

    /** The system has taken some of what was sent. */
    protected abstract void written();

    /** Sends a frame; false, and nothing is sent, unless the connection is open. */
    public final boolean send(int type, long correlation, Outbound.Body body) {
        Outbound open = out;
        return open != null && open.send(type, correlation, body);
    }

    /** How many bytes wait to be written. */
    protected final long queued() {
        Outbound open = out;
        return open == null ? 0 : open.queued();
    }

    /** Closes the connection, giving this as the reason; the first reason stays. What was sent before still goes out. */
    public final void close(Closed why) {
        synchronized (this) {
            if (closing != null) {
                return;
            }
            closing = why;
        }
        ChannelHandlerContext open = context;
        Outbound frames = out;
        if (open != null && frames != null) {
            frames.close();
            if (open.executor().inEventLoop()) {
                reader.stop();
            }
            // By way of the loop, behind the flush of what was sent before.
            open.executor().execute(() -> close(open));
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // channelInactive tells when it is done
    private static void close(ChannelHandlerContext open) {
        open.close();
    }

    /** The handshake is complete: frames of full size may come, and silence is noticed. */
    protected final void established() {
        reader.limit(limits.maxFrame());
        startTimer(limits.pingMillis(), this::listen);
    }

    /** Takes no frames for now, and soon reads nothing either. On the event loop. */
    protected final void pause() {
        reader.pause();
        context().channel().config().setAutoRead(false);
    }

    /** Takes frames again. On the event loop. */
    protected final void resume() {
        context().channel().config().setAutoRead(true);
        try {
            reader.resume(sink);
        } catch (MalformedFrameException e) {
            malformed(e);
        }
    }

    /** The connection's context. */
    protected final ChannelHandlerContext context() {
        ChannelHandlerContext open = context;
        if (open == null) {
            throw new IllegalStateException("not connected yet");
        }
        return open;
    }

    private void startTimer(int millis, Runnable task) {
        stopTimer();
        timer = context().executor().scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** Once for each ping's time. A pause of our own is one such time, however long: it is nobody's silence. */
    private void listen() {
        silentPeriods = heard ? 0 : silentPeriods + 1;
        heard = false;
        if (silentPeriods > 0) {
            silent(silentPeriods);
        }
    }

    @Override
    public final void channelActive(ChannelHandlerContext ctx) {
        out = new Outbound(ctx.channel(), limits.maxQueued(), this::overflow, this::written);
        context = ctx;
        if (closing != null) {
            close(ctx);
            return;
        }
        startTimer(limits.handshakeMillis(), this::late);
        opened();
    }

    private void late() {
        close(new Closed(Closed.Kind.TIMED_OUT, "no handshake within " + limits.handshakeMillis() + " ms"));
    }

    private void overflow() {
        close(new Closed(
                Closed.Kind.OVERFLOW, "more than " + limits.maxQueued() + " bytes wait for a reader that is too slow"));
    }

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf received = (ByteBuf) message;
        try {
            heard = true;
            int length = received.readableBytes();
            received.readBytes(reader.reserve(length), reader.end(), length);
            reader.received(length, sink);
        } catch (MalformedFrameException e) {
            malformed(e);
        } finally {
            received.release();
        }
    }

    private void malformed(MalformedFrameException e) {
        close(new Closed(Closed.Kind.MALFORMED, "not our protocol: " + e.getMessage()));
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            close(new Closed(Closed.Kind.RESET, "broken off: " + cause.getMessage()));
        } else {
            LOG.error(
                    "event=connection_fault remote={} what=\"please report this fault; the connection is closed\"",
                    ctx.channel().remoteAddress(),
                    cause);
            close(new Closed(Closed.Kind.FAILED, cause.toString()));
        }
    }

    @Override
    public final void channelInactive(ChannelHandlerContext ctx) {
        end(new Closed(Closed.Kind.HUNG_UP, "the other side closed the connection"));
    }

    /** Ends a connection that never came about, or that has ended. A reason that was given before has precedence. */
    final void end(Closed why) {
        if (ended) {
            return;
        }
        ended = true;
        close(why);
        stopTimer();
        reader.stop();
        Closed first = closing;
        ended(first == null ? why : first);
    }
}
