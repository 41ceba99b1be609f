package io.ringgrid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that break or are late, by hand: what chance rarely brings together. */
class ConnectionScenarioTest {
    private static final long PAUSED_AT = 4 * Simulation.SECOND;
    private static final long PAUSED_FOR = 4 * Simulation.SECOND;
    private static final long JOINED_AT = 5 * Simulation.SECOND;
    private static final long BROKEN_AT = 6 * Simulation.SECOND;
    private static final long BROKEN_FOR = 200 * Simulation.MILLI;

    /** Between a connection that broke and the next one there is nobody to be heard or to be silent. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aJoinerWhoseConnectionToThePausedClusterBreaksFoundsNoOtherOne(long seed) {
        Simulation run = new Simulation(seed, Canary.NONE, Faults.none(1)).keepLog();
        run.at(PAUSED_AT, () -> run.pause(run.alive().get(0), PAUSED_FOR));
        run.at(JOINED_AT, run::join);
        run.at(
                BROKEN_AT,
                () -> run.breakConnection(run.alive().get(0), run.alive().get(1), BROKEN_FOR));

        History history = run.run();

        long founded = run.log().stream()
                .filter(line -> line.contains("cluster-founded"))
                .count();
        assertEquals(1, founded, () -> String.join("\n", run.log()));
        assertEquals("", run.notConverged());
        assertEquals(
                Linearizability.Verdict.OK, new Linearizability().check(history).verdict());
    }
}
