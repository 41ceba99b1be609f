package io.ringgrid.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Finds the frames in the bytes of one connection, however they are cut. Not thread-safe.
 *
 * <p>Its memory grows with the bytes received, never with a declared length: a length is only compared with the limit.
 * Received bytes are put straight into {@link #reserve}'s array, and frames are shown where they lie.
 */
public final class FrameReader {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final byte[] EMPTY = new byte[0];
    /** An array larger than this is given back as soon as nothing is left in it. */
    private static final int KEPT = 64 << 10;

    /** Hears of each frame. */
    @FunctionalInterface
    public interface Sink {
        /**
         * A frame has come.
         *
         * @param bytes holds the body from {@code offset} on, until this call returns
         * @param length the body's, in bytes
         */
        void frame(int type, long correlation, byte[] bytes, int offset, int length);
    }

    private int limit;
    private byte[] bytes = EMPTY;
    private int start;
    private int end;
    private boolean stopped;
    private boolean paused;
    private boolean showing;

    /**
     * A reader of frames of at most this size.
     *
     * @param limit of a whole frame, header included, in bytes
     */
    public FrameReader(int limit) {
        this.limit = limit;
    }

    /** From the next frame on, this is the limit. */
    public void limit(int newLimit) {
        limit = newLimit;
    }

    /** Makes room for this many bytes; they are to be put into the returned array at {@link #end()}. */
    public byte[] reserve(int length) {
        if (bytes.length - end < length) {
            int held = end - start;
            byte[] target = bytes.length - held >= length
                    ? bytes
                    : new byte[Math.max(Math.addExact(held, length), Math.min(2 * bytes.length, limit))];
            System.arraycopy(bytes, start, target, 0, held);
            bytes = target;
            start = 0;
            end = held;
        }
        return bytes;
    }

    /** Where the next received byte belongs. */
    public int end() {
        return end;
    }

    /**
     * This many bytes were put into the array; the frames that are complete are shown.
     *
     * @throws MalformedFrameException if a frame is larger than the limit, or too short to be one
     */
    public void received(int length, Sink sink) {
        end += length;
        show(sink);
    }

    private void show(Sink sink) {
        if (showing) {
            return;
        }
        showing = true;
        try {
            showAll(sink);
        } finally {
            showing = false;
        }
        if (start == end || stopped) {
            release();
        }
    }

    private void showAll(Sink sink) {
        while (!stopped && !paused && end - start >= Frame.TYPE) {
            int counted = (int) INT.get(bytes, start + Frame.LENGTH);
            if (counted < Frame.COUNTED || counted > limit - Frame.TYPE) {
                throw new MalformedFrameException("a frame of " + (counted & 0xffff_ffffL) + " bytes; from "
                        + Frame.COUNTED + " to " + (limit - Frame.TYPE) + " are allowed");
            }
            int next = start + Frame.TYPE + counted;
            if (next > end) {
                break;
            }
            int type = bytes[start + Frame.TYPE] & 0xff;
            long correlation = (long) LONG.get(bytes, start + Frame.CORRELATION);
            int body = start + Frame.HEADER;
            start = next;
            sink.frame(type, correlation, bytes, body, counted - Frame.COUNTED);
        }
    }

    /** Shows no more frames for now, not even those that are complete. A sink may say so, too. */
    public void pause() {
        paused = true;
    }

    /** Shows frames again, beginning with those that came meanwhile. A sink may say so, too. */
    public void resume(Sink sink) {
        paused = false;
        show(sink);
    }

    /** Shows no more frames: the connection is being closed. */
    public void stop() {
        stopped = true;
    }

    private void release() {
        start = 0;
        end = 0;
        if (bytes.length > KEPT) {
            bytes = EMPTY;
        }
    }

    /** How many bytes it holds on to. */
    int capacity() {
        return bytes.length;
    }

    /** For callers whose bytes lie elsewhere: copies them in, and shows the frames. */
    public void feed(byte[] source, int offset, int length, Sink sink) {
        System.arraycopy(source, offset, reserve(length), end, length);
        received(length, sink);
    }
}
