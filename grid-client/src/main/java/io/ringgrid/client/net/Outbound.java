package io.ringgrid.client.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.ringgrid.wire.ByteWriter;
import io.ringgrid.wire.Frame;

/**
 * What goes out on one connection. Thread-safe: frames leave in the order of the calls.
 *
 * <p>A sender only appends its frame to a buffer; the connection's event loop then writes all that has gathered with one
 * system call per turn. Frames that are neither written nor taken by the system are counted, and above the limit the
 * connection is closed: a reader that is too slow loses its connection, never our memory.
 */
public final class Outbound {
    /** Writes a frame's body. */
    @FunctionalInterface
    public interface Body {
        /** No body. */
        Body NONE = out -> {};

        /** Appends the body. */
        void writeTo(ByteWriter out);
    }

    /** A buffer larger than this is not kept for the next turn. */
    private static final int KEPT = 64 << 10;

    private final Channel channel;
    private final int limit;
    private final Runnable onOverflow;
    private final Runnable onWritten;
    private final Runnable flush = this::flush;

    /** Touched by the event loop alone. */
    private ByteWriter spare = new ByteWriter(256);

    // Guarded by this.
    private ByteWriter gathered = new ByteWriter(256);
    private boolean flushing;
    private boolean closed;
    /** Gathered, or handed to the channel and not yet taken by the system. */
    private long queued;

    /**
     * What goes out on this channel.
     *
     * @param limit in bytes
     * @param onOverflow closes the channel; called on the thread that sent too much
     * @param onWritten hears, on the event loop, that the system has taken some of it
     */
    Outbound(Channel channel, int limit, Runnable onOverflow, Runnable onWritten) {
        this.channel = channel;
        this.limit = limit;
        this.onOverflow = onOverflow;
        this.onWritten = onWritten;
    }

    /** Sends a frame; false, and nothing is sent, once the connection is closed. */
    public boolean send(int type, long correlation, Body body) {
        boolean overflow;
        boolean wake;
        synchronized (this) {
            if (closed) {
                return false;
            }
            queued += append(type, correlation, body);
            overflow = queued > limit;
            closed = overflow;
            wake = !flushing && !overflow;
            flushing |= wake;
        }
        if (overflow) {
            onOverflow.run();
            return false;
        }
        if (wake) {
            channel.eventLoop().execute(flush);
        }
        return true;
    }

    /** How many bytes wait to be written. */
    public synchronized long queued() {
        return queued;
    }

    private int append(int type, long correlation, Body body) {
        int start = Frame.begin(gathered, type, correlation);
        try {
            body.writeTo(gathered);
        } catch (Throwable e) {
            gathered.truncate(start);
            throw e;
        }
        Frame.end(gathered, start);
        return gathered.size() - start;
    }

    private void flush() {
        ByteWriter taken;
        synchronized (this) {
            flushing = false;
            taken = gathered;
            gathered = spare;
        }
        int size = taken.size();
        if (size > 0) {
            ByteBuf bytes = channel.alloc().buffer(size).writeBytes(taken.array(), 0, size);
            channel.writeAndFlush(bytes).addListener(done -> written(size));
        }
        spare = taken.array().length > KEPT ? new ByteWriter(256) : taken;
        spare.clear();
    }

    private void written(int size) {
        synchronized (this) {
            queued -= size;
        }
        onWritten.run();
    }

    /** Takes no more frames; what was gathered still goes out, if the channel lets it. */
    synchronized void close() {
        closed = true;
    }
}
