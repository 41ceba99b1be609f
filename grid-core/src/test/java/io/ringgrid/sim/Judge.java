package io.ringgrid.sim;

/** Runs a seed twice and judges it. Not thread-safe: one per thread. */
public final class Judge {
    private final Linearizability exact = new Linearizability();
    private final Linearizability evicting = new Linearizability(true, 2_000_000);
    private long asked;
    private long succeeded;
    private long fewest = Long.MAX_VALUE;
    private long undecided;

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

    /** What is wrong with this seed; empty if nothing. */
    public String judge(long seed, Canary canary, boolean twice) {
        Simulation run = new Simulation(seed, canary);
        History history;
        try {
            history = run.run();
        } catch (RuntimeException | AssertionError e) {
            StackTraceElement[] at = e.getStackTrace();
            return "seed " + seed + ": " + e + (at.length > 0 ? " at " + at[0] : "");
        }
        int[] successes = run.successes();
        asked += successes[0];
        succeeded += successes[1];
        fewest = Math.min(fewest, successes[0]);
        Linearizability.Report report = (run.evicts() ? evicting : exact).check(history);
        if (report.verdict() == Linearizability.Verdict.VIOLATION) {
            return "seed " + seed + ": " + report.explanation();
        }
        if (report.verdict() == Linearizability.Verdict.UNDECIDED) {
            undecided++;
        }
        String notConverged = run.notConverged();
        if (!notConverged.isEmpty()) {
            return "seed " + seed + ": " + notConverged;
        }
        if (twice) {
            Simulation again = new Simulation(seed, canary);
            again.run();
            if (again.traceHash() != run.traceHash()) {
                return "seed " + seed + ": two runs differ";
            }
        }
        return "";
    }
}
