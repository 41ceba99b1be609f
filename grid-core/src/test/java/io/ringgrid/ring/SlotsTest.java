package io.ringgrid.ring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The expected slots are what a real Redis Cluster node answers to {@code CLUSTER KEYSLOT}. */
final class SlotsTest {
    private static int slot(String key) {
        byte[] bytes = ("##" + key + "##").getBytes(UTF_8);
        return Slots.slot(bytes, 2, bytes.length - 4);
    }

    @Test
    void theChecksumIsCrc16Xmodem() {
        byte[] check = "123456789".getBytes(UTF_8);
        assertEquals(0x31C3, Slots.crc16(check, 0, check.length));
        assertEquals(0, Slots.crc16(check, 3, 3));
    }

    @Test
    void slotsAreThoseOfRedisCluster() {
        assertEquals(0, slot(""));
        assertEquals(12739, slot("123456789"));
        assertEquals(12182, slot("foo"));
        assertEquals(7673, slot("foo{"));
        assertEquals(5542, slot("foo{}"));
        assertEquals(8363, slot("foo{}{bar}"));
        assertEquals(3443, slot("{user1000}.following"));
        assertEquals(3443, slot("{user1000}.followers"));
        assertEquals(4015, slot("foo{{bar}}zap"));
        assertEquals(5061, slot("foo{bar}{zap}"));
        assertEquals(15495, slot("}{a}"));
        assertEquals(7586, slot("a}{"));
        assertEquals(10276, slot("{a"));
        assertEquals(15257, slot("{}"));
        assertEquals(10875, slot("{}a"));
        assertEquals(3300, slot("a{b}c{d}"));
        assertEquals(10303, slot("ключ"));
        assertEquals(10180, slot("x{é}y"));
        assertEquals(13907, slot("0"));
    }

    @Test
    void partitionsAreEqualArcsOfSlots() {
        for (int partitions = 1; partitions <= Slots.COUNT; partitions *= 2) {
            int[] size = new int[partitions];
            int last = 0;
            for (int slot = 0; slot < Slots.COUNT; slot++) {
                int partition = Slots.partition(slot, partitions);
                assertEquals(Math.max(last, partition), partition, "in the order of slots");
                last = partition;
                size[partition]++;
            }
            for (int slots : size) {
                assertEquals(Slots.COUNT / partitions, slots);
            }
        }
        byte[] key = "123456789".getBytes(UTF_8);
        assertEquals(12739 / 16, Slots.partitionOf(key, 0, key.length, 1024));
    }
}
