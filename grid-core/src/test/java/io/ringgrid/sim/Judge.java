package io.ringgrid.sim;

import java.util.LinkedHashSet;
import java.util.Set;

/** Runs a seed twice and judges it. Not thread-safe: one per thread. */
public final class Judge {
    private final Linearizability exact = new Linearizability();
    private final Linearizability vanishing = new Linearizability(true, 2_000_000);
    private long asked;
    private long succeeded;
    private long fewest = Long.MAX_VALUE;
    private long undecided;
    private long nearHits;

    /** How many operations were asked in all seeds. */
    public long asked() {
        return asked;
    }

    /** How many of them had an outcome that the caller could use. */
    public long succeeded() {
        return succeeded;
    }

    /** The fewest operations that a seed asked. */
    public long fewest() {
        return fewest;
    }

    /** How many seeds had too many possible orders to tell. */
    public long undecided() {
        return undecided;
    }

    /** How many reads in all seeds were answered by what is kept near. */
    public long nearHits() {
        return nearHits;
    }

    /** What is wrong with this seed; empty if nothing. */
    public String judge(long seed, Canary canary, boolean twice) {
        return judge(seed, canary, Set.of(), twice);
    }

    /** What is wrong with this seed when some of its faults are left out. */
    String judge(long seed, Canary canary, Set<String> without, boolean twice) {
        try {
            return judged(seed, canary, without, twice);
        } catch (RuntimeException | Error e) {
            StackTraceElement[] at = e.getStackTrace();
            return "seed " + seed + ": " + e + (at.length > 0 ? " at " + at[0] : "");
        }
    }

    /** The faults that a seed which violates does not need for it: what is left is easier to understand. */
    static Set<String> needless(long seed, Canary canary) {
        Judge judge = new Judge();
        Set<String> without = new LinkedHashSet<>();
        for (String fault : Faults.names()) {
            without.add(fault);
            if (judge.judge(seed, canary, without, false).isEmpty()) {
                without.remove(fault);
            }
        }
        return without;
    }

    private String judged(long seed, Canary canary, Set<String> without, boolean twice) {
        Simulation run = new Simulation(seed, canary, drawn -> drawn.without(without));
        History history = run.run();
        int[] successes = run.successes();
        asked += successes[0];
        succeeded += successes[1];
        fewest = Math.min(fewest, successes[0]);
        Linearizability.Report report = (run.vanishes() ? vanishing : exact).check(history);
        if (report.verdict() == Linearizability.Verdict.VIOLATION) {
            return "seed " + seed + ": " + report.explanation();
        }
        if (report.verdict() == Linearizability.Verdict.UNDECIDED) {
            undecided++;
        }
        nearHits += run.nearHits();
        String near = run.nearViolation();
        if (!near.isEmpty()) {
            return "seed " + seed + ": " + near;
        }
        if (run.differences() > 0) {
            return "seed " + seed + ": " + run.differences() + " times the members found that a copy differs";
        }
        String notConverged = run.notConverged();
        if (!notConverged.isEmpty()) {
            return "seed " + seed + ": " + notConverged;
        }
        if (twice) {
            Simulation again = new Simulation(seed, canary, drawn -> drawn.without(without));
            again.run();
            if (again.traceHash() != run.traceHash()) {
                return "seed " + seed + ": two runs differ";
            }
        }
        return "";
    }
}
