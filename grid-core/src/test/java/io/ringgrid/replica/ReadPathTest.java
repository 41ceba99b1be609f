package io.ringgrid.replica;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jetbrains.kotlinx.lincheck.LinChecker;
import org.jetbrains.kotlinx.lincheck.LincheckAssertionError;
import org.jetbrains.kotlinx.lincheck.strategy.stress.StressOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@link Replica#tryRead} and {@link Replica#confirm} by real threads, against writers and changes of the topology. Lincheck
 * draws who asks what, and looks for an order in which a plain map would have answered the same. Its model checking cannot
 * look into records, of which the protocol is full, and takes minutes for a single scenario; so this is its stress testing.
 */
final class ReadPathTest {
    private static final int SCENARIOS = 5;
    private static final int RUNS = 150;
    /** Of a broken one: it ends with the first violation. */
    private static final int MOST_SCENARIOS = 100;

    @Test
    void readsAreLinearizableWhileThePrimaryMoves() {
        check(ReadPath.class, ReadPath.Plain.class, SCENARIOS);
    }

    @Test
    void readsAreLinearizableWhileThePrimaryIsCutOff() {
        check(CutOffReadPath.class, CutOffReadPath.Plain.class, SCENARIOS);
    }

    @Test
    void readsAreLinearizableHoweverLongAReaderIsHeldUp() {
        check(CutOffReadPath.HeldUp.class, CutOffReadPath.Plain.class, SCENARIOS);
    }

    @ParameterizedTest
    @ValueSource(classes = {CutOffReadPath.Ungated.class, CutOffReadPath.Leaseless.class, CutOffReadPath.Dirty.class})
    void aRuleThatIsLeftOutIsNoticed(Class<?> broken) {
        LincheckAssertionError violation = assertThrows(
                LincheckAssertionError.class, () -> check(broken, CutOffReadPath.Plain.class, MOST_SCENARIOS));
        assertTrue(String.valueOf(violation.getMessage()).contains("Invalid execution results"), violation::getMessage);
    }

    private static void check(Class<?> readPath, Class<?> plain, int scenarios) {
        LinChecker.check(
                readPath,
                new StressOptions()
                        .iterations(scenarios)
                        .invocationsPerIteration(RUNS)
                        .threads(3)
                        .actorsPerThread(3)
                        .actorsBefore(1)
                        .actorsAfter(1)
                        .minimizeFailedScenario(false)
                        .sequentialSpecification(plain));
    }
}
