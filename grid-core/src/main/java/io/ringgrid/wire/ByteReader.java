package io.ringgrid.wire;

import io.ringgrid.ring.Id;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes that are being read, as {@link ByteWriter} wrote them. Not thread-safe. Whatever does not fit is a
 * {@link MalformedFrameException}; no length is believed before its bytes are there.
 */
public final class ByteReader {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;
    private final int end;
    private int position;

    /** Reads {@code length} bytes from {@code offset}. */
    public ByteReader(byte[] bytes, int offset, int length) {
        if (offset < 0 || length < 0 || offset > bytes.length - length) {
            throw new IndexOutOfBoundsException(offset + "+" + length + " of " + bytes.length);
        }
        this.bytes = bytes;
        this.position = offset;
        this.end = offset + length;
    }

    /** Reads all of the bytes. */
    public ByteReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private int take(int length) {
        if (length < 0 || length > end - position) {
            throw new MalformedFrameException(
                    "a field of " + length + " bytes where " + (end - position) + " are left");
        }
        int start = position;
        position += length;
        return start;
    }

    /** One byte, 0 to 255. */
    public int u8() {
        return bytes[take(1)] & 0xff;
    }

    /** Four bytes. */
    public int i32() {
        return (int) INT.get(bytes, take(4));
    }

    /** Eight bytes. */
    public long i64() {
        return (long) LONG.get(bytes, take(8));
    }

    /** One byte that must be 1 or 0. */
    public boolean bool() {
        int value = u8();
        if (value > 1) {
            throw new MalformedFrameException("a yes-or-no of " + value);
        }
        return value == 1;
    }

    /** Sixteen bytes. */
    public Id id() {
        return new Id(i64(), i64());
    }

    /** Bytes behind a four-byte length, as an array of their own. */
    public byte[] bytes() {
        int length = i32();
        int start = take(length);
        return Arrays.copyOfRange(bytes, start, start + length);
    }

    /** UTF-8 text behind a four-byte length. */
    public String string() {
        int length = i32();
        return new String(bytes, take(length), length, StandardCharsets.UTF_8);
    }

    /** A count of things that take at least {@code eachAtLeast} bytes each: never more than can be there. */
    public int count(int eachAtLeast) {
        int count = i32();
        if (count < 0 || (long) count * eachAtLeast > end - position) {
            throw new MalformedFrameException("a list of " + count + " where " + (end - position) + " bytes are left");
        }
        return count;
    }

    /** The array that is read from, for cursors that point into it. */
    public byte[] array() {
        return bytes;
    }

    /** Passes over bytes behind a four-byte length; returns where they start in {@link #array()}. */
    public int skipBytes() {
        int length = i32();
        return take(length);
    }

    /** Where the next byte is, in {@link #array()}. */
    public int position() {
        return position;
    }

    /** How many bytes are left. */
    public int left() {
        return end - position;
    }

    /** Ends the reading: nothing may be left. */
    public void end() {
        if (position != end) {
            throw new MalformedFrameException((end - position) + " bytes too many");
        }
    }
}
