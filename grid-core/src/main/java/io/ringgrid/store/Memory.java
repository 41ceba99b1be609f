package io.ringgrid.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Bytes outside of the Java heap, in chunks that are allocated on demand and never moved. An address is the chunk's number and
 * the offset in it:
 *
 * <pre>
 *   chunk 12 bits | offset 30 bits
 * </pre>
 *
 * Readers may look at an address while others write there: they get some bytes, and must find out afterwards whether to believe
 * them. Whoever keeps to addresses that were once given out never leaves a chunk. Chunks are added by one thread at a time.
 */
final class Memory {
    static final int ADDRESS_BITS = 42;
    static final int CHUNK_BITS = 30;
    static final int MOST_CHUNK_BYTES = 1 << CHUNK_BITS;
    /** A chunk begins with a cache line. */
    static final int ALIGNMENT = 64;

    static final long REFUSED = -1;

    private static final int OFFSET_MASK = MOST_CHUNK_BYTES - 1;
    private static final int MOST_CHUNKS = 1 << (ADDRESS_BITS - CHUNK_BITS);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final ByteBuffer[] chunks = new ByteBuffer[MOST_CHUNKS];
    private int count;

    /**
     * One chunk more, zeroed.
     *
     * @param bytes a multiple of {@link #ALIGNMENT}
     * @return its first address; −1 if the JVM does not grant it ({@code -XX:MaxDirectMemorySize})
     */
    long addChunk(int bytes) {
        ByteBuffer granted;
        try {
            granted = ByteBuffer.allocateDirect(bytes + ALIGNMENT);
        } catch (OutOfMemoryError refused) {
            return REFUSED;
        }
        ByteBuffer chunk = granted.alignedSlice(ALIGNMENT).slice(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
        chunks[count] = chunk;
        return (long) count++ << CHUNK_BITS;
    }

    boolean mayAddChunk() {
        return count < MOST_CHUNKS;
    }

    int chunks() {
        return count;
    }

    int chunkBytes(int index) {
        return chunks[index].capacity();
    }

    private static int offset(long address) {
        return (int) address & OFFSET_MASK;
    }

    private ByteBuffer chunk(long address) {
        return chunks[(int) (address >>> CHUNK_BITS)];
    }

    byte getByte(long address) {
        return chunk(address).get(offset(address));
    }

    void putByte(long address, int value) {
        chunk(address).put(offset(address), (byte) value);
    }

    short getShort(long address) {
        return chunk(address).getShort(offset(address));
    }

    void putShort(long address, int value) {
        chunk(address).putShort(offset(address), (short) value);
    }

    int getInt(long address) {
        return chunk(address).getInt(offset(address));
    }

    void putInt(long address, int value) {
        chunk(address).putInt(offset(address), value);
    }

    long getLong(long address) {
        return chunk(address).getLong(offset(address));
    }

    void putLong(long address, long value) {
        chunk(address).putLong(offset(address), value);
    }

    void copyOut(long address, byte[] into, int from, int length) {
        chunk(address).get(offset(address), into, from, length);
    }

    void copyIn(long address, byte[] bytes, int from, int length) {
        chunk(address).put(offset(address), bytes, from, length);
    }

    /** Whether these bytes are at that address. */
    boolean matches(long address, byte[] bytes, int from, int length) {
        ByteBuffer chunk = chunk(address);
        int offset = offset(address);
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            if (chunk.getLong(offset + i) != (long) LONG.get(bytes, from + i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (chunk.get(offset + i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }
}
