package io.ringgrid.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.ringgrid.GridRequestException;
import io.ringgrid.sim.Seeds;
import org.junit.jupiter.api.Test;

class EncodingTest {
    private static final Encoding<String> TEXT = Encoding.of(String.class);
    private static final Encoding<Long> LONG = Encoding.of(Long.class);

    @Test
    void bytesAreRaw() {
        byte[] bytes = {0, -1, 13};
        assertSame(bytes, Encoding.of(byte[].class).encode(bytes));
        assertSame(bytes, Encoding.of(byte[].class).decode(bytes));
    }

    @Test
    void aTextIsItsUtf8() {
        String text = "Grüße, 世界 \uD83D\uDE00";
        assertArrayEquals(text.getBytes(UTF_8), TEXT.encode(text));
        assertEquals(text, TEXT.decode(text.getBytes(UTF_8)));
        assertEquals("\uFFFD", TEXT.decode("\uFFFD".getBytes(UTF_8)));
        assertEquals("", TEXT.decode(new byte[0]));
    }

    @Test
    void whatIsNoTextIsRefusedNotReplaced() {
        for (String half : new String[] {"\uD83D", "a\uD83Db", "\uDE00", "\uD83D\uD83D\uDE00"}) {
            assertThrows(GridRequestException.class, () -> TEXT.encode(half));
        }
        assertThrows(GridRequestException.class, () -> TEXT.decode(new byte[] {'a', (byte) 0xff}));
    }

    @Test
    void anyTextComesBackOrIsRefused() {
        Seeds.forEach(1, 2000, random -> {
            StringBuilder built = new StringBuilder();
            for (int left = random.nextInt(6); left > 0; left--) {
                built.append((char) (random.nextBoolean() ? 0xD700 + random.nextInt(0xA00) : random.nextInt(0x200)));
            }
            String text = built.toString();
            boolean whole = UTF_8.newEncoder().canEncode(text);
            if (whole) {
                assertEquals(text, TEXT.decode(TEXT.encode(text)));
            } else {
                assertThrows(GridRequestException.class, () -> TEXT.encode(text));
            }
        });
    }

    @Test
    void aNumberIsDecimal() {
        for (long number : new long[] {0, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            byte[] bytes = LONG.encode(number);
            assertEquals(Long.toString(number), new String(bytes, UTF_8));
            assertEquals(number, LONG.decode(bytes));
        }
        for (String none : new String[] {"", "x", "9223372036854775808", " 1", "1.0", "0000000000000000000000001"}) {
            assertThrows(GridRequestException.class, () -> LONG.decode(none.getBytes(UTF_8)), none);
        }
    }

    @Test
    void otherTypesAreRefusedByName() {
        GridRequestException e = assertThrows(GridRequestException.class, () -> Encoding.of(Integer.class));
        assertEquals(
                "a map's keys and values are byte[], String or Long, not java.lang.Integer; for values of other classes give"
                        + " their ids: map(name, keyType, valueType, types)",
                e.getMessage());
    }
}
