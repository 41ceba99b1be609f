package io.ringgrid.bench;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.ringgrid.store.Eviction;
import io.ringgrid.store.MapLimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * {@code scripts/bench hits}: how often what is asked for has been evicted, beside exact LRU and Caffeine, on traces and on
 * accesses that are made by rules. Stateless.
 */
final class HitsBenchmark implements Benchmark {
    private static final int[] PERCENTS = {1, 10};
    private static final int MANY_KEYS = 100_000;
    private static final int FEW_PARTITIONS = 16;
    private static final int PARTITIONS = 1024;
    private static final long MEMORY_BYTES = 256L << 20;
    private static final int VALUE_BYTES = 16;

    private static final String OURS = "density";
    private static final String SAMPLED = "lru";
    private static final String LRU = "exact";
    private static final String CAFFEINE = "caffeine";

    private static final Floor MEAN = Floor.most(1.00);
    private static final Floor WORST = Floor.most(1.07);
    private static final Floor TO_CAFFEINE = Floor.most(1.05);

    @Override
    public String heap() {
        return "1g";
    }

    @Override
    public String method(Plan plan) {
        return "Misses in percent of the accesses; a key that is missed is put. Through the `GridMap` of one member, with a limit of"
                + " the map by entries: 1 % and 10 % of the keys that the trace has. Those with fewer than 100,000 keys run on"
                + " 16 partitions, the others on 1,024. Beside it exact LRU, a list of our own that is checked against the table"
                + " that comes with the traces; Caffeine " + Contender.CAFFEINE.version()
                + " with `maximumSize`, its work done by"
                + " the thread that asks; and our policy `lru`, which samples, so that its distance from LRU shows. `2_pools cpp cs gli"
                + " multi1 multi3 ps sprite` are by the authors of LIRS, `orm-busy` (its first million accesses) and `web07` by"
                + " cache2k (headissue GmbH, Jens Wilke, CC BY 4.0); all are distributed with Caffeine's simulator. Zipf draws of"
                + " 250,000 keys 800,000 times; loop goes over 120,000 keys; scan-mix is Zipf 0.9 with a third of keys asked"
                + " once, 1,000 in a row."
                + (traces(plan).isEmpty() ? " **The traces were not there: only what is made by rules.**" : "");
    }

    private static Map<String, Traces.Described> traces(Plan plan) {
        try {
            return Traces.in(plan.traces());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> titles(Plan plan) {
        Map<String, String> titles = new LinkedHashMap<>();
        traces(plan).keySet().forEach(name -> titles.put(name, name));
        for (Accesses.Rule rule : Accesses.Rule.values()) {
            titles.put(rule.name(), rule.title());
        }
        return titles;
    }

    private static Trial trial(Plan plan, String name, int percent) {
        return Trial.of(Contender.RINGGRID, name, percent, plan.traces());
    }

    @Override
    public List<Trial> trials(Plan plan) {
        if (traces(plan).isEmpty()) {
            System.err.println("hits: there are no traces in " + plan.traces() + " (--traces), so they are left out");
        }
        List<Trial> trials = new ArrayList<>();
        for (String name : titles(plan).keySet()) {
            for (int percent : PERCENTS) {
                trials.add(trial(plan, name, percent));
            }
        }
        return trials;
    }

    @Override
    public void measure(Trial trial, Figures figures) throws IOException, InterruptedException, ExecutionException {
        String name = trial.arguments().get(0);
        int percent = trial.intArgument(1);
        Path directory = Path.of(trial.arguments().get(2));
        Traces.Described said = Traces.in(directory).get(name);
        Accesses accesses = said != null
                ? Accesses.read(directory, name)
                : Accesses.Rule.valueOf(name).make();
        int capacity = accesses.distinct() * percent / 100;
        int exact = accesses.missesOfLru(capacity);
        if (said != null) {
            Traces.check(name, said, accesses, percent, exact);
        }
        // What is counted does not depend on how long it takes, so all may run at once.
        ExecutorService beside = Executors.newFixedThreadPool(2);
        try {
            MapLimit limit = MapLimit.entries(capacity);
            Future<Integer> sampled = beside.submit(() -> missesOfOurs(accesses, limit.by(Eviction.LRU)));
            Future<Integer> caffeine = beside.submit(() -> missesOfCaffeine(accesses, capacity));
            figures.put(OURS, share(accesses, missesOfOurs(accesses, limit)));
            figures.put(LRU, share(accesses, exact));
            figures.put(SAMPLED, share(accesses, sampled.get()));
            figures.put(CAFFEINE, share(accesses, caffeine.get()));
        } finally {
            beside.shutdownNow();
        }
    }

    private static double share(Accesses accesses, int misses) {
        return 100.0 * misses / accesses.keys().length;
    }

    private static int missesOfCaffeine(Accesses accesses, int capacity) {
        com.github.benmanes.caffeine.cache.Cache<Integer, Boolean> cache = Caffeine.newBuilder()
                .maximumSize(capacity)
                .executor(Runnable::run)
                .build();
        int misses = 0;
        for (int key : accesses.keys()) {
            if (cache.getIfPresent(key) == null) {
                misses++;
                cache.put(key, true);
            }
        }
        return misses;
    }

    private static int missesOfOurs(Accesses accesses, MapLimit limit) {
        int partitions = accesses.distinct() < MANY_KEYS ? FEW_PARTITIONS : PARTITIONS;
        int misses = 0;
        try (RingGridCache cache = RingGridCache.limited(partitions, limit, MEMORY_BYTES)) {
            for (int key : accesses.keys()) {
                String text = cache.key(key);
                byte[] value = cache.get(text);
                if (value == null) {
                    misses++;
                    cache.put(text, Entries.value(key, VALUE_BYTES, 0));
                } else {
                    Entries.checked(key, VALUE_BYTES, value);
                }
            }
            long entries = cache.entries();
            if (entries != limit.maxEntries()) {
                throw new IllegalStateException(entries + " entries at a limit of " + limit.maxEntries());
            }
        }
        return misses;
    }

    @Override
    public String report(Plan plan, Results results) {
        Table table =
                new Table("", "room", "RingGrid", "LRU", "Caffeine", "÷ LRU", "÷ Caffeine", "`lru`", "`lru` ÷ LRU");
        List<Double> toLru = new ArrayList<>();
        List<Double> toCaffeine = new ArrayList<>();
        List<Double> sampledToLru = new ArrayList<>();
        titles(plan).forEach((name, title) -> {
            for (int percent : PERCENTS) {
                Trial trial = trial(plan, name, percent);
                double ours = results.sample(trial, OURS).median();
                double lru = results.sample(trial, LRU).median();
                double caffeine = results.sample(trial, CAFFEINE).median();
                double sampled = results.sample(trial, SAMPLED).median();
                toLru.add(ours / lru);
                toCaffeine.add(ours / caffeine);
                sampledToLru.add(sampled / lru);
                table.row(
                        title,
                        percent + " %",
                        number(ours),
                        number(lru),
                        number(caffeine),
                        ratio(ours / lru),
                        ratio(ours / caffeine),
                        number(sampled),
                        ratio(sampled / lru));
            }
        });
        return table + "\n" + judged("RingGrid ÷ LRU, in the mean (aim 0.93)", mean(toLru), MEAN)
                + judged("RingGrid ÷ LRU, in the worst", new Sample(toLru).max(), WORST)
                + judged("RingGrid ÷ Caffeine, in the mean", mean(toCaffeine), TO_CAFFEINE)
                + String.format(
                        Locale.ROOT,
                        "- `lru` ÷ LRU: from %.3f to %.3f, %.3f in the mean.%n",
                        new Sample(sampledToLru).min(),
                        new Sample(sampledToLru).max(),
                        mean(sampledToLru));
    }

    private static double mean(List<Double> ratios) {
        return ratios.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    private static String judged(String what, double ratio, Floor floor) {
        return String.format(Locale.ROOT, "- %s: %.3f (%s).%n", what, ratio, floor.text(Sample.of(ratio)));
    }

    private static String number(double percent) {
        return String.format(Locale.ROOT, "%.2f", percent);
    }

    private static String ratio(double ratio) {
        return String.format(Locale.ROOT, "%.3f", ratio);
    }
}
