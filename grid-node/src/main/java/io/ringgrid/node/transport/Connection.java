package io.ringgrid.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: bytes in, answers out in order of arrival. Confined to its event loop.
 *
 * <p>What was received and not yet understood lies in {@link #input} from {@link #start} to {@link #end}. The array grows
 * with the bytes received, never with a length that somebody declared. {@link #step} is called as long as it gets on and
 * the window of answers has room; a full window stops asking, and reading, until the head drains. So a client that sends
 * without reading hurts only itself.
 *
 * <p>Answers that come while a readable event is worked on leave with that event's one write. Those that come later, from
 * another thread, wake the event loop once, however many they are.
 *
 * <p>A peer that has shut down its sending side (a script that pipes commands into {@code nc}) still hears all answers.
 */
public abstract class Connection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);
    private static final byte[] EMPTY = new byte[0];
    private static final int FIRST_BYTES = 4 << 10;
    /** An empty input array beyond this is given back. */
    private static final int KEPT_BYTES = 64 << 10;
    /** How long a connection that we end may still send, so that its peer can read our last words. */
    private static final long LINGER_MILLIS = 1000;

    protected final Limits limits;
    protected byte[] input = EMPTY;
    protected int start;
    protected int end;

    private @Nullable Answers answers;
    private @Nullable Channel channel;
    private boolean running;
    private boolean paused;
    private boolean fenced;
    private boolean inputEnded;
    private boolean ending;
    private boolean ended;
    private boolean allSent;

    protected Connection(Limits limits) {
        this.limits = limits;
    }

    /**
     * Takes the next request, or the next part of one, from the input.
     *
     * @return false if nothing can be done before more bytes arrive, or before a {@link #fence} has fallen
     */
    protected abstract boolean step();

    /**
     * Whether a command that has been taken in part must wait before its next part. Who says yes has a slot that will
     * {@link Slot#nudge} the connection.
     */
    protected boolean isStalled() {
        return false;
    }

    /** An answer was written from this index on; here it can be counted. */
    protected void encoded(ByteBuf out, int from) {}

    /** Opens the next slot. The slot's answer may come at once or later, from any thread. */
    protected final <S extends Slot> S open(S slot) {
        answers().open(slot);
        return slot;
    }

    /** Answers with bytes that are known already. */
    protected final void say(byte[] bytes) {
        answers().say(bytes);
    }

    /** Whether every answer is on its way to the peer. */
    protected final boolean isQuiet() {
        answers().collect();
        return answers().isEmpty();
    }

    /** Nothing further is taken from the input until every open slot is answered. */
    protected final void fence() {
        fenced = true;
    }

    /** Ends the connection when every open slot is answered; nothing further is taken from the input. */
    protected final void endAfterAnswers() {
        ending = true;
    }

    /** The connection's channel, for timers and addresses. */
    protected final Channel channel() {
        if (channel == null) {
            throw new IllegalStateException("not connected");
        }
        return channel;
    }

    @Override
    public final void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        answers = new Answers(context.channel(), limits, this::drain, this::encoded);
    }

    @Override
    public final void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf received = (ByteBuf) message;
        try {
            if (!ending) {
                append(received);
            }
        } finally {
            received.release();
        }
        run();
    }

    @Override
    public final void channelReadComplete(ChannelHandlerContext context) {
        answers().flush();
        endIfDone();
    }

    @Override
    public final void channelWritabilityChanged(ChannelHandlerContext context) {
        resume();
    }

    @Override
    public final void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            if (allSent) {
                close();
            } else {
                endIfDone();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ending = true;
        ended = true;
        input = EMPTY;
        start = 0;
        end = 0;
        answers().discard();
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            log.debug("connection.lost peer={} reason={}", context.channel().remoteAddress(), cause.toString());
        } else {
            log.error(
                    "connection.failed peer={}: it is closed, the others go on; please report this",
                    context.channel().remoteAddress(),
                    cause);
        }
        close();
    }

    private void append(ByteBuf received) {
        int length = received.readableBytes();
        if (input.length - end < length) {
            makeRoom(length);
        }
        received.readBytes(input, end, length);
        end += length;
    }

    private void makeRoom(int length) {
        int unread = end - start;
        byte[] target = input;
        if (unread + length > input.length) {
            long doubled = Math.max(FIRST_BYTES, 2L * input.length);
            target = new byte[(int) Math.min(Integer.MAX_VALUE - 16, Math.max(doubled, (long) unread + length))];
        }
        System.arraycopy(input, start, target, 0, unread);
        input = target;
        start = 0;
        end = unread;
    }

    private boolean isReady() {
        if (fenced && answers().isEmpty()) {
            fenced = false;
        }
        return !ending && !fenced && !isStalled() && !answers().isFull();
    }

    private void run() {
        if (running) {
            return;
        }
        running = true;
        answers().collectingStarts();
        boolean stopped;
        try {
            boolean more = true;
            stopped = !isReady();
            while (more && !stopped) {
                more = step();
                answers().collect();
                more |= fenced;
                stopped = !isReady();
            }
        } finally {
            answers().collectingEnds();
            running = false;
        }
        giveBackInput();
        // As it was seen above: an answer that comes meanwhile, from another thread, resumes only whoever has paused.
        // Looking again here would leave the rest of the input to nobody.
        setPaused(!ending && stopped);
    }

    private void giveBackInput() {
        if (start == end) {
            start = 0;
            end = 0;
            if (input.length > KEPT_BYTES) {
                input = EMPTY;
            }
        }
    }

    private void setPaused(boolean pause) {
        if (paused != pause) {
            paused = pause;
            channel().config().setAutoRead(!pause);
        }
    }

    private void drain() {
        answers().drainStarts();
        if (ended) {
            return;
        }
        try {
            answers().collect();
            resume();
            answers().flush();
            endIfDone();
        } catch (RuntimeException e) {
            // Not within a handler's event: nobody else would close the connection.
            channel().pipeline().fireExceptionCaught(e);
        }
    }

    private void resume() {
        if (paused && isReady()) {
            run();
            answers().flush();
            endIfDone();
        }
    }

    private void endIfDone() {
        boolean last = ending || (inputEnded && !paused);
        if (!last || ended || !answers().isEmpty()) {
            return;
        }
        ended = true;
        ending = true;
        answers().flush();
        // Netty drops what the system has not taken yet when a channel is closed, so that comes after the last byte.
        channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> allIsSent());
    }

    private void allIsSent() {
        allSent = true;
        if (inputEnded) {
            close();
            return;
        }
        // Closing with unread bytes in the socket would reset the connection, and the peer might not hear why.
        SocketChannel socket = (SocketChannel) channel();
        socket.shutdownOutput().addListener(this::noteFailure);
        socket.config().setAutoRead(true);
        Future<?> lingering = socket.eventLoop().schedule(this::close, LINGER_MILLIS, TimeUnit.MILLISECONDS);
        socket.closeFuture().addListener(closed -> lingering.cancel(false));
    }

    private void close() {
        channel().close().addListener(this::noteFailure);
    }

    private void noteFailure(Future<?> closing) {
        if (!closing.isSuccess()) {
            log.debug(
                    "connection.gone peer={} reason={}",
                    channel().remoteAddress(),
                    closing.cause().toString());
        }
    }

    private Answers answers() {
        if (answers == null) {
            throw new IllegalStateException("not connected");
        }
        return answers;
    }
}
