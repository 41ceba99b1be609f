package io.ringgrid.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.net.DatagramSocket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether each contender starts and does what will be measured; nothing is measured. */
final class ContenderTest {
    private static final int ENTRIES = 200;
    private static final Room ROOM = new Room(64 << 20, true);

    @ParameterizedTest
    @EnumSource(Contender.class)
    void keepsWhatItIsGivenAndListensOnLoopbackAlone(Contender contender) throws IOException {
        try (Cache<?> cache = contender.open(ROOM)) {
            keepsAndClears(cache);
            assertEquals(List.of(), Listening.beyondLoopback());
        }
    }

    @Test
    void aSocketBeyondLoopbackIsNoticed() throws IOException {
        try (DatagramSocket everywhere = new DatagramSocket()) {
            assertFalse(Listening.beyondLoopback().isEmpty(), "of " + everywhere.getLocalSocketAddress());
        }
    }

    private static <K> void keepsAndClears(Cache<K> cache) {
        for (int number = 0; number < ENTRIES; number++) {
            cache.put(cache.key(number), Entries.value(number, 32, 0));
            cache.putForAnHour(cache.key(number), Entries.value(number, Entries.VALUE_BYTES, 1));
        }
        for (int number = 0; number < ENTRIES; number++) {
            Entries.checked(number, Entries.VALUE_BYTES, cache.get(cache.key(number)));
        }
        cache.clear();
        assertEquals(0, cache.entries());
        assertNull(cache.get(cache.key(0)));
    }
}
