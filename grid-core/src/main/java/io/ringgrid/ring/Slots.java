package io.ringgrid.ring;

/**
 * Key → slot → partition. Stateless. Slots are exactly those of Redis Cluster (redis.io/docs/latest/operate/oss_and_stack/
 * reference/cluster-spec, "Key distribution model" and "Hash tags"), so that each of its clients finds our owners.
 */
public final class Slots {
    /** How many slots there are. */
    public static final int COUNT = 16384;

    private static final int[] CRC = new int[256];

    static {
        for (int i = 0; i < CRC.length; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : crc << 1 ^ 0x1021;
            }
            CRC[i] = crc & 0xffff;
        }
    }

    private Slots() {}

    /**
     * The slot of a key, 0 to 16383. If the key has an opening brace, a closing brace behind it, and something between, only
     * what is between the first such two is hashed.
     */
    public static int slot(byte[] key, int offset, int length) {
        int end = offset + length;
        int open = indexOf('{', key, offset, end);
        int close = open < 0 ? -1 : indexOf('}', key, open + 1, end);
        return close <= open + 1 ? crc16(key, offset, end) % COUNT : crc16(key, open + 1, close) % COUNT;
    }

    /**
     * The partition that a slot belongs to.
     *
     * @param slot 0 to 16383
     * @param partitions how many the cluster has, 1 to 16384
     */
    public static int partition(int slot, int partitions) {
        return slot * partitions / COUNT;
    }

    /** The partition that a key belongs to. */
    public static int partitionOf(byte[] key, int offset, int length, int partitions) {
        return partition(slot(key, offset, length), partitions);
    }

    private static int indexOf(char wanted, byte[] bytes, int from, int end) {
        for (int i = from; i < end; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** CRC16/XMODEM: polynomial 0x1021, from 0, not reflected. */
    static int crc16(byte[] bytes, int from, int end) {
        int crc = 0;
        for (int i = from; i < end; i++) {
            crc = (crc << 8 ^ CRC[(crc >>> 8 ^ bytes[i]) & 0xff]) & 0xffff;
        }
        return crc;
    }
}
