package io.ringgrid.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SampleTest {
    @Test
    void theMedianIsTheMiddleWhateverTheOrder() {
        assertEquals(3, Sample.of(9, 1, 3).median());
        assertEquals(2.5, Sample.of(4, 1, 3, 2).median());
        assertEquals(7, Sample.of(7).median());
    }

    @Test
    void ratiosAreMadeRoundByRound() {
        Sample ours = Sample.of(10, 40, 60);
        Sample theirs = Sample.of(5, 10, 60);

        assertEquals(List.of(2.0, 4.0, 1.0), ours.dividedBy(theirs).values());
        assertEquals(2, ours.dividedBy(theirs).median());
    }

    @Test
    void roundsThatDoNotMatchAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Sample.of(1, 2).dividedBy(Sample.of(1)));
        assertThrows(IllegalArgumentException.class, () -> Sample.of(1).dividedBy(Sample.of(0)));
        assertThrows(IllegalArgumentException.class, Sample::of);
    }

    @Test
    void theTextSaysMedianAndSpread() {
        assertEquals("1,234.5 (0.3–9,999.0)", Sample.of(9999, 0.25, 1234.5).text(1));
        assertEquals("3", Sample.of(3).text(0));
    }

    @Test
    void aFloorIsJudgedByTheMedian() {
        assertTrue(Floor.least(2).isMetBy(Sample.of(1, 2, 9)));
        assertFalse(Floor.least(2.1).isMetBy(Sample.of(1, 2, 9)));
        assertTrue(Floor.most(0.25).isMetBy(Sample.of(0.2)));
        assertEquals("≥ 10 met", Floor.least(10).text(Sample.of(11)));
        assertEquals("≤ 0.25 **missed**", Floor.most(0.25).text(Sample.of(0.3)));
    }
}
