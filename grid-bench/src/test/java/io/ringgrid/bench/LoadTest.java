package io.ringgrid.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The load is a judge too: it is shown caches that answer wrong. */
final class LoadTest {
    private static final double SECONDS = 0.01;

    private static class Plain implements Cache<String> {
        final Map<String, byte[]> map = new ConcurrentHashMap<>();

        @Override
        public String key(int number) {
            return Entries.text(number);
        }

        @Override
        public byte @Nullable [] get(String key) {
            return map.get(key);
        }

        @Override
        public void put(String key, byte[] value) {
            map.put(key, value);
        }

        @Override
        public void putForAnHour(String key, byte[] value) {
            put(key, value);
        }

        @Override
        public void clear() {
            map.clear();
        }

        @Override
        public long entries() {
            return map.size();
        }

        @Override
        public void close() {}
    }

    @Test
    void keysAndValuesAreOfTheirNumber() {
        assertEquals("key:0000012345", Entries.text(12_345));
        assertEquals(Entries.KEY_BYTES, Entries.octets(Integer.MAX_VALUE).length);
        byte[] value = Entries.value(7, 32, 5);
        assertArrayEquals(value, Entries.checked(7, 32, value));
        assertEquals(5, Entries.generation(value));
    }

    @Test
    void whatIsRightIsCounted() throws InterruptedException {
        Load<String> load = new Load<>(new Plain(), 100);

        assertTrue(load.gets(2, SECONDS) > 0);
        assertTrue(load.puts(2, SECONDS) > 0);
    }

    @Test
    void anAnswerForAnotherKeyIsNoticed() {
        Plain mixed = new Plain() {
            @Override
            public byte @Nullable [] get(String key) {
                return map.get(Entries.text(1));
            }
        };

        assertThrows(IllegalStateException.class, () -> new Load<>(mixed, 2));
        assertThrows(IllegalStateException.class, () -> Entries.checked(7, 33, Entries.value(7, 32, 0)));
        assertThrows(IllegalStateException.class, () -> Entries.checked(7, 32, null));
    }

    @Test
    void putsThatAreLostAreNoticed() {
        Plain once = new Plain() {
            @Override
            public void put(String key, byte[] value) {
                map.putIfAbsent(key, value);
            }
        };
        Load<String> load = new Load<>(once, 100);

        assertThrows(IllegalStateException.class, () -> load.puts(1, SECONDS));
    }
}
