package io.ringgrid.ring;

/**
 * Which slot, and so which partition, a key belongs to: exactly Redis Cluster's rule (CRC16/XMODEM of the hash tag, or
 * of the whole key, modulo 16384), so that each Redis Cluster client routes as we do. Pure functions.
 *
 * <p>The hash tag is what stands between the first <code>{</code> and the first <code>}</code> after it, unless that is
 * nothing: <code>{user1}.name</code> and <code>{user1}.mail</code> share a slot.
 */
public final class Slots {
    /** How many slots there are. */
    public static final int COUNT = 16384;

    private static final char[] CRC16 = new char[256];

    static {
        for (int i = 0; i < 256; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
            }
            CRC16[i] = (char) crc;
        }
    }

    private Slots() {}

    /** The key's slot: 0 to 16383. */
    public static int slotOf(byte[] key, int offset, int length) {
        int end = offset + length;
        int open = indexOf(key, '{', offset, end);
        int close = open < 0 ? -1 : indexOf(key, '}', open + 1, end);
        return close > open + 1 ? crc16(key, open + 1, close) % COUNT : crc16(key, offset, end) % COUNT;
    }

    /**
     * The key's partition.
     *
     * @param partitions a power of two, 1 to 16384
     */
    public static int partitionOf(byte[] key, int offset, int length, int partitions) {
        return partitionOf(slotOf(key, offset, length), partitions);
    }

    /** The slot's partition: partitions are equal ranges of slots. */
    public static int partitionOf(int slot, int partitions) {
        return slot * partitions / COUNT;
    }

    private static int crc16(byte[] bytes, int from, int end) {
        int crc = 0;
        for (int i = from; i < end; i++) {
            crc = (crc << 8 ^ CRC16[(crc >>> 8 ^ bytes[i]) & 0xff]) & 0xffff;
        }
        return crc;
    }

    private static int indexOf(byte[] bytes, char wanted, int from, int end) {
        for (int i = from; i < end; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
