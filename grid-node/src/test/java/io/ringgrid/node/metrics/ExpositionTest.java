package io.ringgrid.node.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ExpositionTest {
    @Test
    void familiesAndSamplesAsPrometheusReadsThem() {
        Exposition out = new Exposition();
        out.counter("a_total", "What is\ncounted \\ \"here\".")
                .sample(1)
                .sample(2.5, "door", "a \"b\"\\\n")
                .sample(3, "x", "1", "y", "2");
        out.summary("b_seconds", "Two.").sample(1_000_000, 0.001, "gc", "x");
        out.gauge("c", "Less.").sample(-1).sample(1e18).sample(Long.MAX_VALUE);
        assertEquals("""
                # HELP a_total What is\\ncounted \\\\ "here".
                # TYPE a_total counter
                a_total 1
                a_total{door="a \\"b\\"\\\\\\n"} 2.5
                a_total{x="1",y="2"} 3
                # HELP b_seconds Two.
                # TYPE b_seconds summary
                b_seconds_count{gc="x"} 1000000
                b_seconds_sum{gc="x"} 0.001
                # HELP c Less.
                # TYPE c gauge
                c -1
                c 1.0E18
                c 9223372036854775807
                """, out.toString());
    }
}
