package io.ringgrid.node.glob;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class GlobTest {
    private static boolean matches(String pattern, String text) {
        return Glob.matches(pattern.getBytes(US_ASCII), text.getBytes(US_ASCII));
    }

    @Test
    void moreStarsThanTheStackHoldsMatchNothing() {
        assertTrue(matches("*a".repeat(999), "a".repeat(60_000)));
        assertFalse(matches("*a".repeat(30_000), "a".repeat(60_000)));
        assertFalse(matches("*a".repeat(30_000) + "b", "a".repeat(60_000)));
    }
}
