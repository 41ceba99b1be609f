package io.ringgrid.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * How much is measured. Immutable.
 *
 * @param rounds how often everything is measured, in turn
 * @param seconds how long one figure is measured
 * @param warmUpSeconds how long the same is done before
 * @param entries how many, where the benchmark does not say
 * @param contenders whom to measure; those that a benchmark has no use for are left out
 * @param traces the directory of the accesses that others have written down
 */
record Plan(int rounds, double seconds, double warmUpSeconds, int entries, List<Contender> contenders, Path traces) {
    /** Checks and copies. */
    Plan {
        contenders = List.copyOf(contenders);
        if (rounds < 1 || !(seconds > 0) || !(warmUpSeconds > 0) || entries < 1) {
            throw new IllegalArgumentException("rounds, seconds and entries are more than 0");
        }
    }
}
