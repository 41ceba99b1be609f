package io.ringgrid.op;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys that a SCAN found, as the value of its {@link Result}: one behind the other, each behind its length in four
 * bytes. Stateless.
 */
public final class KeyPage {
    /** About so many bytes a page has at the most: one more key, or those of one position, may go beyond. */
    public static final int MAX_BYTES = 256 << 10;

    private KeyPage() {}

    /** The keys as bytes. */
    public static byte[] encode(List<byte[]> keys) {
        int length = 0;
        for (byte[] key : keys) {
            length += 4 + key.length;
        }
        ByteBuffer page = ByteBuffer.allocate(length);
        for (byte[] key : keys) {
            page.putInt(key.length).put(key);
        }
        return page.array();
    }

    /**
     * The keys of a page.
     *
     * @throws IllegalArgumentException if these bytes are none
     */
    public static List<byte[]> decode(byte[] bytes) {
        List<byte[]> keys = new ArrayList<>();
        ByteBuffer page = ByteBuffer.wrap(bytes);
        try {
            while (page.hasRemaining()) {
                int length = page.getInt();
                if (length < 0 || length > page.remaining()) {
                    throw new IllegalArgumentException("a key of " + length + " bytes in a page of " + bytes.length);
                }
                byte[] key = new byte[length];
                page.get(key);
                keys.add(key);
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a page of keys that ends too early", e);
        }
        return keys;
    }
}
