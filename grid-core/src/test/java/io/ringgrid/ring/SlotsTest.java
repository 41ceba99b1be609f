package io.ringgrid.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SlotsTest {
    private static int slot(String key) {
        byte[] bytes = ("<" + key + ">").getBytes(StandardCharsets.UTF_8);
        return Slots.slotOf(bytes, 1, bytes.length - 2);
    }

    /** The figures are redis-server's own: CLUSTER KEYSLOT, and the check value of its specification. */
    @Test
    void slotsAreRedisCluster() {
        assertEquals(0x31C3 % 16384, slot("123456789"));
        assertEquals(12182, slot("foo"));
        assertEquals(5061, slot("bar"));
        assertEquals(0, slot(""));
    }

    @Test
    void aHashTagAloneDecides() {
        assertEquals(slot("user1000"), slot("{user1000}.following"));
        assertEquals(slot("user1000"), slot("a{user1000}{b}"));
        assertEquals(slot("{bar"), slot("foo{{bar}}zap"));
        assertNotEquals(slot("bar"), slot("foo{}{bar}"));
        assertNotEquals(slot("bar"), slot("foo{bar"));
    }

    @Test
    void partitionsAreEqualRangesOfSlots() {
        assertEquals(0, Slots.partitionOf(15, 1024));
        assertEquals(1, Slots.partitionOf(16, 1024));
        assertEquals(1023, Slots.partitionOf(16383, 1024));
        assertEquals(16383, Slots.partitionOf(16383, 16384));
        assertEquals(0, Slots.partitionOf(16383, 1));
    }
}
