package io.ringgrid.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Test
    void percentilesAreAtMostASixteenthTooLarge() {
        for (long micros = 1; micros < 1L << 40; micros += 1 + micros / 7) {
            Latencies one = new Latencies();
            one.add(micros * 1000);
            long told = one.micros(1);
            assertTrue(told >= micros && told <= micros + micros / 16, micros + " is told as " + told);
        }
    }

    @Test
    void sharesAreOfAllThatWereAdded() {
        Latencies some = new Latencies();
        assertEquals(0, some.micros(0.5));
        for (int micros = 1; micros <= 10; micros++) {
            some.add(micros * 1000L);
        }
        assertEquals(10, some.count());
        assertEquals(5, some.micros(0.5));
        assertEquals(9, some.micros(0.9));
        assertEquals(10, some.micros(0.99));
        assertEquals(1, some.micros(0));
    }
}
