package io.ringgrid.bench;

import java.util.List;
import java.util.Locale;

/**
 * {@code scripts/bench evict}: what it costs to evict, as filling at four times the limit of memory beside the same puts with
 * room for all. Stateless.
 */
final class EvictBenchmark implements Benchmark {
    private static final int TIMES = 4;
    private static final int PASSES = 4;
    private static final String LIMITED = "limited";
    private static final String ROOMY = "roomy";
    private static final String PUTS = "puts";
    private static final String KEPT = "kept";
    private static final String FULL = "full";
    private static final Floor FLOOR = Floor.least(0.7);

    @Override
    public String heap() {
        return "4g";
    }

    @Override
    public String method(Plan plan) {
        return String.format(
                "One thread puts keys and values of %d + %d bytes in the order of their numbers, %d times as many bytes as the"
                        + " limit of %d MiB, and then reads them all: what is there must be right, and most of the memory"
                        + " in use. Beside it the same with a limit of %d MiB, where nothing may be evicted. %d passes in"
                        + " each JVM, cleared between, of which the median but for the first counts; %d rounds in fresh"
                        + " JVMs in turn.",
                Entries.KEY_BYTES,
                Entries.VALUE_BYTES,
                TIMES,
                limit(plan) >> 20,
                room(plan) >> 20,
                PASSES,
                plan.rounds());
    }

    /** So that a quarter of four times {@link Plan#entries} would just fit, were there no overhead. */
    private static long limit(Plan plan) {
        return Math.max(8L << 20, (long) plan.entries() * (Entries.KEY_BYTES + Entries.VALUE_BYTES));
    }

    private static long room(Plan plan) {
        return 3 * TIMES * limit(plan);
    }

    private static Trial trial(Plan plan, String variant) {
        long limit = limit(plan);
        return Trial.of(
                Contender.RINGGRID,
                variant,
                variant.equals(LIMITED) ? limit : room(plan),
                TIMES * limit / (Entries.KEY_BYTES + Entries.VALUE_BYTES));
    }

    @Override
    public List<Trial> trials(Plan plan) {
        return List.of(trial(plan, ROOMY), trial(plan, LIMITED));
    }

    @Override
    public void measure(Trial trial, Figures figures) {
        boolean limited = trial.arguments().get(0).equals(LIMITED);
        long memory = Long.parseLong(trial.arguments().get(1));
        int entries = trial.intArgument(2);
        try (Cache<?> cache = trial.contender().open(Room.of(memory))) {
            measure(cache, limited, memory, entries, figures);
        }
    }

    private static <K> void measure(Cache<K> cache, boolean limited, long memory, int entries, Figures figures) {
        double[] puts = new double[PASSES - 1];
        for (int pass = 0; pass < PASSES; pass++) {
            cache.clear();
            double aSecond = fill(cache, entries, pass);
            if (pass > 0) {
                puts[pass - 1] = aSecond;
            }
            long kept = kept(cache, entries, pass);
            double full = cache.reportedBytes() / (double) memory;
            check(limited, entries, kept, full);
            if (pass == PASSES - 1) {
                figures.put(KEPT, 100.0 * kept / entries);
                figures.put(FULL, 100 * full);
            }
        }
        figures.put(PUTS, Sample.of(puts).median());
    }

    private static <K> double fill(Cache<K> cache, int entries, int generation) {
        long begun = System.nanoTime();
        for (int number = 0; number < entries; number++) {
            cache.put(cache.key(number), Entries.value(number, Entries.VALUE_BYTES, generation));
        }
        return entries * 1e9 / (System.nanoTime() - begun);
    }

    private static <K> long kept(Cache<K> cache, int entries, int generation) {
        long kept = 0;
        for (int number = 0; number < entries; number++) {
            byte[] value = cache.get(cache.key(number));
            if (value != null) {
                Entries.checked(number, Entries.VALUE_BYTES, value);
                if (Entries.generation(value) != generation) {
                    throw new IllegalStateException("an old value of " + Entries.text(number));
                }
                kept++;
            }
        }
        return kept;
    }

    private static void check(boolean limited, int entries, long kept, double full) {
        if (!limited && kept != entries) {
            throw new IllegalStateException("with room for all, " + (entries - kept) + " entries are gone");
        }
        if (limited && (kept >= entries || full > 1 || full < 0.5)) {
            throw new IllegalStateException(
                    String.format(Locale.ROOT, "%d of %d entries kept, memory %.2f full", kept, entries, full));
        }
    }

    @Override
    public String report(Plan plan, Results results) {
        Trial limited = trial(plan, LIMITED);
        Trial roomy = trial(plan, ROOMY);
        Sample ratio = results.sample(limited, PUTS).dividedBy(results.sample(roomy, PUTS));
        return new Table("", "thousand puts a second", "entries kept, %", "memory in use, %", "ratio", "floor")
                .row(row("with room for all", results, roomy, "", ""))
                .row(row("at " + TIMES + " times the limit", results, limited, ratio.text(2), FLOOR.text(ratio)))
                .toString();
    }

    private static String[] row(String title, Results results, Trial trial, String ratio, String floor) {
        return new String[] {
            title,
            results.sample(trial, PUTS).times(0.001).text(0),
            results.sample(trial, KEPT).text(1),
            results.sample(trial, FULL).text(1),
            ratio,
            floor
        };
    }
}
