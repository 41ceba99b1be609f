package io.ringgrid.wire;

import io.ringgrid.ring.Id;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that are being written, big-endian, growing as needed. Not thread-safe. */
public final class ByteWriter {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes;
    private int size;

    /** A writer that grows from this many bytes. */
    public ByteWriter(int capacity) {
        bytes = new byte[capacity];
    }

    private void need(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), bytes.length * 2));
        }
    }

    /** One byte: the low 8 bits. */
    public ByteWriter u8(int value) {
        need(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /** Four bytes. */
    public ByteWriter i32(int value) {
        need(4);
        INT.set(bytes, size, value);
        size += 4;
        return this;
    }

    /** Eight bytes. */
    public ByteWriter i64(long value) {
        need(8);
        LONG.set(bytes, size, value);
        size += 8;
        return this;
    }

    /** One byte: 1 or 0. */
    public ByteWriter bool(boolean value) {
        return u8(value ? 1 : 0);
    }

    /** Sixteen bytes. */
    public ByteWriter id(Id id) {
        return i64(id.high()).i64(id.low());
    }

    /** A four-byte length, then the bytes. */
    public ByteWriter bytes(byte[] source, int offset, int length) {
        return i32(length).raw(source, offset, length);
    }

    /** A four-byte length, then all of the bytes. */
    public ByteWriter bytes(byte[] source) {
        return bytes(source, 0, source.length);
    }

    /** A string: its UTF-8 bytes behind a four-byte length. */
    public ByteWriter string(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes as they are, with no length before them. */
    public ByteWriter raw(byte[] source, int offset, int length) {
        need(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
        return this;
    }

    /** How many bytes have been written. */
    public int size() {
        return size;
    }

    /** Overwrites four bytes that were written before. */
    public void setI32(int offset, int value) {
        if (offset < 0 || offset + 4 > size) {
            throw new IndexOutOfBoundsException(offset);
        }
        INT.set(bytes, offset, value);
    }

    /** The array that holds the written bytes, from 0 to {@link #size()}, until the next write. */
    public byte[] array() {
        return bytes;
    }

    /** The written bytes, as an array of their own. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** Forgets what was written from this size on. */
    public void truncate(int newSize) {
        if (newSize < 0 || newSize > size) {
            throw new IndexOutOfBoundsException(newSize);
        }
        size = newSize;
    }

    /** Forgets what was written; keeps the room. */
    public void clear() {
        size = 0;
    }
}
