package io.ringgrid.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code scripts/bench embedded}: get and put through the library in the application's own JVM, by one thread and by two.
 * Stateless.
 */
final class EmbeddedBenchmark implements Benchmark {
    private static final long MEMORY_BYTES = 1L << 30;
    private static final int[] THREADS = {1, 2};
    private static final List<String> OPERATIONS = List.of("get", "put");

    /** What the ratio to a peer has to be at least. */
    private static final Map<Contender, Map<String, Floor>> FLOORS = Map.of(
            Contender.HAZELCAST, Map.of("get", Floor.least(10), "put", Floor.least(12)),
            Contender.INFINISPAN_HEAP, Map.of("get", Floor.least(1.7)),
            Contender.INFINISPAN_OFF_HEAP, Map.of("get", Floor.least(2.5), "put", Floor.least(3)));

    private static final Floor OF_THREE = Floor.least(0.7);

    @Override
    public String heap() {
        return "2g";
    }

    @Override
    public String method(Plan plan) {
        return String.format(
                "%,d entries of %d + %d bytes, uniformly random keys that were made before, values made for each put, each"
                        + " answer checked (length, first and last bytes), and after each series of puts all entries and"
                        + " what the puts set. %d rounds; in each, every contender in turn gets a fresh JVM, in which each"
                        + " figure is measured for %.1f s after %.1f s of the same. Figures are medians, with the least"
                        + " and the most; ratios are made round by round.",
                plan.entries(),
                Entries.KEY_BYTES,
                Entries.VALUE_BYTES,
                plan.rounds(),
                plan.seconds(),
                plan.warmUpSeconds());
    }

    @Override
    public List<Trial> trials(Plan plan) {
        return plan.contenders().stream()
                .map(contender -> trial(plan, contender))
                .toList();
    }

    private static Trial trial(Plan plan, Contender contender) {
        return Trial.of(contender, plan.entries(), plan.seconds(), plan.warmUpSeconds());
    }

    @Override
    public void measure(Trial trial, Figures figures) throws InterruptedException {
        try (Cache<?> cache = trial.contender().open(Room.of(MEMORY_BYTES))) {
            measure(new Load<>(cache, trial.intArgument(0)), trial.doubleArgument(1), trial.doubleArgument(2), figures);
        }
    }

    private static void measure(Load<?> load, double seconds, double warmUpSeconds, Figures figures)
            throws InterruptedException {
        for (int threads : THREADS) {
            load.gets(threads, warmUpSeconds);
            figures.put(figure("get", threads), load.gets(threads, seconds));
        }
        for (int threads : THREADS) {
            load.puts(threads, warmUpSeconds);
            figures.put(figure("put", threads), load.puts(threads, seconds));
        }
    }

    private static String figure(String operation, int threads) {
        return operation + "/" + threads;
    }

    @Override
    public String report(Plan plan, Results results) {
        StringBuilder text = new StringBuilder("Thousands of operations a second:\n\n");
        text.append(speeds(plan, results));
        if (plan.contenders().contains(Contender.RINGGRID)) {
            text.append("\nRingGrid ÷ the other:\n\n").append(ratios(plan, results));
            if (plan.contenders().contains(Contender.RINGGRID_OF_THREE)) {
                text.append("\nA member of three on its own keys ÷ a single member:\n\n")
                        .append(ofThree(plan, results));
            }
        }
        return text.toString();
    }

    private static Table speeds(Plan plan, Results results) {
        Table table = new Table("", "get, 1 thread", "get, 2 threads", "put, 1 thread", "put, 2 threads");
        for (Contender contender : plan.contenders()) {
            List<String> row = new ArrayList<>(List.of(contender.title()));
            for (String operation : OPERATIONS) {
                for (int threads : THREADS) {
                    row.add(results.sample(trial(plan, contender), figure(operation, threads))
                            .times(0.001)
                            .text(0));
                }
            }
            table.row(row.toArray(String[]::new));
        }
        return table;
    }

    private static Table ratios(Plan plan, Results results) {
        Table table = new Table("", "operation", "1 thread", "floor", "2 threads", "floor");
        for (Contender contender : plan.contenders()) {
            if (!contender.isOurs()) {
                for (String operation : OPERATIONS) {
                    Floor floor = FLOORS.getOrDefault(contender, Map.of()).get(operation);
                    List<String> row = new ArrayList<>(List.of(contender.title(), operation));
                    for (int threads : THREADS) {
                        Sample ratio = ratio(plan, results, Contender.RINGGRID, contender, figure(operation, threads));
                        row.add(ratio.text(2));
                        row.add(floor == null ? "" : floor.text(ratio));
                    }
                    table.row(row.toArray(String[]::new));
                }
            }
        }
        return table;
    }

    private static Table ofThree(Plan plan, Results results) {
        Table table = new Table("operation", "1 thread", "floor", "2 threads", "floor");
        for (String operation : OPERATIONS) {
            List<String> row = new ArrayList<>(List.of(operation));
            for (int threads : THREADS) {
                Sample ratio = ratio(
                        plan, results, Contender.RINGGRID_OF_THREE, Contender.RINGGRID, figure(operation, threads));
                row.add(ratio.text(2));
                row.add(operation.equals("get") ? OF_THREE.text(ratio) : "");
            }
            table.row(row.toArray(String[]::new));
        }
        return table;
    }

    private static Sample ratio(Plan plan, Results results, Contender one, Contender other, String figure) {
        return results.sample(trial(plan, one), figure).dividedBy(results.sample(trial(plan, other), figure));
    }
}
