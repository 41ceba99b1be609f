package io.ringgrid.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection's answers in order of arrival. Confined to the connection's event loop, but for {@link #completed}, which
 * any thread calls.
 *
 * <p>Completed slots at the head are encoded into one buffer, which is written once per event. What waits is bounded by
 * {@link Limits}: {@link #isFull} says that no further request may be read until the head drains.
 *
 * <p>An answer's size is known when it comes, which for another member's key is too late: a thousand gets of a mebibyte
 * each would all be under way. So what is not answered yet is taken to be as large as the largest of the last answers. A
 * new connection begins with a guess that lets a few requests through; it gives way within some dozens of small answers.
 */
final class Answers {
    private static final int FIRST_GUESS_BYTES = 128 << 10;
    /** By what part of itself the expectation falls with each smaller answer. */
    private static final int FORGETTING = 8;

    private final Channel channel;
    private final Limits limits;
    private final Runnable drain;
    private final ObjIntConsumer<ByteBuf> encoded;
    private final ArrayDeque<Slot> slots = new ArrayDeque<>();
    /** Of completed slots that are not encoded yet. */
    private final AtomicLong waitingBytes = new AtomicLong();

    private final AtomicInteger unanswered = new AtomicInteger();
    /** How many bytes the next answer may have. */
    private int expectedBytes = FIRST_GUESS_BYTES;

    private final AtomicBoolean drainScheduled = new AtomicBoolean();
    private @Nullable ByteBuf out;
    private boolean collecting;

    /**
     * Answers for a channel.
     *
     * @param drain runs on the channel's event loop when slots were completed outside of a collecting event; it has to
     *     begin with {@link #drainStarts}
     * @param encoded hears of each answer that was written, and from which index on
     */
    Answers(Channel channel, Limits limits, Runnable drain, ObjIntConsumer<ByteBuf> encoded) {
        this.channel = channel;
        this.limits = limits;
        this.drain = drain;
        this.encoded = encoded;
    }

    void open(Slot slot) {
        slot.openIn(this);
        slots.add(slot);
        unanswered.incrementAndGet();
    }

    /** Says bytes that are known already. */
    void say(byte[] bytes) {
        if (slots.isEmpty()) {
            int from = out().writerIndex();
            out().writeBytes(bytes);
            encoded.accept(out(), from);
        } else {
            Said said = new Said(bytes);
            open(said);
            said.complete(bytes.length);
        }
    }

    boolean isEmpty() {
        return slots.isEmpty();
    }

    boolean isFull() {
        return slots.size() >= limits.maxSlots()
                || waitingBytes.get() + expectedBytes() >= limits.maxPendingBytes()
                || !channel.isWritable();
    }

    /** Of all open slots but one: the last may be a command of many keys that has yet to ask for them. */
    private long expectedBytes() {
        return Math.max(0, unanswered.get() - 1) * (long) expectedBytes;
    }

    /** Between these two, completions on the event loop schedule nothing: the caller collects by itself. */
    void collectingStarts() {
        collecting = true;
    }

    void collectingEnds() {
        collecting = false;
    }

    void drainStarts() {
        drainScheduled.set(false);
    }

    void completed(int bytes) {
        waitingBytes.addAndGet(bytes);
        unanswered.decrementAndGet();
        nudge();
    }

    void nudge() {
        if (channel.eventLoop().inEventLoop() && collecting) {
            return;
        }
        if (drainScheduled.compareAndSet(false, true)) {
            channel.eventLoop().execute(drain);
        }
    }

    /** Encodes the completed head. */
    void collect() {
        for (Slot head = slots.peek(); head != null && head.isComplete(); head = slots.peek()) {
            slots.remove();
            waitingBytes.addAndGet(-head.bytes());
            expectedBytes = Math.max(head.bytes(), expectedBytes - expectedBytes / FORGETTING);
            int from = out().writerIndex();
            head.encode(out());
            if (head.isMute()) {
                out().writerIndex(from);
            }
            encoded.accept(out(), from);
            if (out().readableBytes() >= limits.maxPendingBytes()) {
                flush();
            }
        }
    }

    /** Writes what was encoded. */
    void flush() {
        ByteBuf encoded = out;
        out = null;
        if (encoded == null) {
            return;
        }
        if (encoded.isReadable()) {
            // The void promise hands a failure to the connection's exceptionCaught.
            ChannelFuture unused = channel.writeAndFlush(encoded, channel.voidPromise());
        } else {
            encoded.release();
        }
    }

    /** The connection is gone: nobody reads the answers that still come. */
    void discard() {
        slots.clear();
        if (out != null) {
            out.release();
            out = null;
        }
    }

    private ByteBuf out() {
        if (out == null) {
            out = channel.alloc().buffer(1024);
        }
        return out;
    }

    private static final class Said extends Slot {
        private final byte[] bytes;

        Said(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        protected void encode(ByteBuf target) {
            target.writeBytes(bytes);
        }
    }
}
