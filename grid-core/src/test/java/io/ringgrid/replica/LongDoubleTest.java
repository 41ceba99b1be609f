package io.ringgrid.replica;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What Redis 7.0.15 on x86-64 says to INCRBYFLOAT. */
class LongDoubleTest {
    private static @Nullable LongDouble parse(String text) {
        return LongDouble.parse(text.getBytes(US_ASCII));
    }

    private static String sum(String one, String other) {
        LongDouble first = parse(one);
        LongDouble second = parse(other);
        assertNotNull(first, one);
        assertNotNull(second, other);
        LongDouble sum = first.plus(second);
        return sum == null ? "out of range" : new String(sum.text(), US_ASCII);
    }

    @Test
    void sumsAreWrittenAsPeopleWouldWriteThem() {
        assertEquals("3.3", sum("1.1", "2.2"));
        assertEquals("0.3", sum("0.1", "0.2"));
        assertEquals("0", sum("0.3", "-0.3"));
        assertEquals("3200", sum("3.0e3", "200"));
        assertEquals("16.3", sum("0.3", "0x10"));
        assertEquals("0", sum("0", "5e-324"));
        assertEquals("0", sum("-0", "0"));
        assertEquals("-0.5", sum("-1", ".5"));
    }

    @Test
    void digitsBeyondTheMantissaAreThoseOfLongDouble() {
        assertEquals("-999999999999999983.6875", sum("16.3", "-1e18"));
        assertEquals("123456789012345678899921813504", sum("123456789012345678901234567890", "1"));
        assertTrue(sum("1e4931", "0").startsWith("100000000000000000000601894938796389132383777425453311477378504"));
    }

    @Test
    void whatIsTooSmallToBeWrittenCostsNothing() {
        assertEquals("1.5", sum("1.5", "1e-4899"));
        assertEquals("0", sum("1e-4899", "0x1p-16000"));
        assertEquals("0.00000000000000001", sum("1e-17", "-3e-101"));
        assertEquals(LongDouble.ZERO, parse("-1e-4899"));
        assertNull(parse("1e-4970"));
    }

    @Test
    void whatIsNoNumberOrBeyondTheRange() {
        for (String text :
                new String[] {"", ".", "x", "1 ", " 1", "1e", "nan", "--1", "1e5000", "1e-5000", "0x", "1e999999999"}) {
            assertNull(parse(text), text);
        }
        assertTrue(LongDouble.isInfinite("-Inf".getBytes(US_ASCII)));
        assertTrue(LongDouble.isInfinite("infinity".getBytes(US_ASCII)));
        assertEquals("out of range", sum("1.1e4932", "1.1e4932"));
    }
}
