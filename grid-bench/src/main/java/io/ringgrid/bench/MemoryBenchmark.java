package io.ringgrid.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code scripts/bench memory}: how many bytes an entry takes beside its key and value. Stateless.
 *
 * <p>Each figure is of a fresh store in a fresh JVM that has been warmed up with another store, which kept few entries and is
 * closed: so the compiler's memory is there already, and no memory of entries is left over to be used again. Three ways of looking are compared: what the
 * store says itself; what the JVM counts (heap after full collections, direct buffers, and for a store that takes memory by
 * other ways, its allocator's count); and by how much the process's resident set has grown beside the heap. Of ours, the larger
 * one of the first two is judged, of the peers the second; the third says whether it leaves something out.
 */
final class MemoryBenchmark implements Benchmark {
    private static final long MEMORY_BYTES = 3L << 30;
    private static final List<Integer> ENTRIES = List.of(1_000_000, 100_000);
    private static final List<Integer> VALUES = List.of(32, 100, 1000);
    private static final int WARM_UP_ENTRIES = 1_000;
    private static final int WARM_UP_TIMES = 100;

    private static final String COUNTED = "counted";
    private static final String RESIDENT = "resident";
    private static final String REPORTED = "reported";
    private static final String JUDGED = "judged";

    private static final Map<Contender, Floor> FLOORS = Map.of(
            Contender.HAZELCAST, Floor.most(0.25),
            Contender.INFINISPAN_HEAP, Floor.most(0.2),
            Contender.INFINISPAN_OFF_HEAP, Floor.most(0.5));

    @Override
    public String heap() {
        return "4g";
    }

    @Override
    public List<String> jvmOptions() {
        return List.of("-XX:+AlwaysPreTouch");
    }

    @Override
    public String method(Plan plan) {
        return String.format(
                "Bytes of overhead per entry: what the process has grown by, divided by the entries, less the key's %d bytes"
                        + " and the value's. Entries end after an hour. *Counted*: the heap in use after full collections,"
                        + " direct buffers, and Infinispan's own count of what it takes natively. *Resident*: the heap in"
                        + " use, and by how much the resident set has grown beside the heap, which was touched before;"
                        + " with few entries it is mostly the JVM's own noise. *Reported*: all memory that the member says"
                        + " is in use. The ratio is of what is counted, or of what our member reports if that is more."
                        + " %d rounds in fresh JVMs in turn, each warmed up with %,d puts to another store; all entries"
                        + " read and checked.",
                Entries.KEY_BYTES, plan.rounds(), WARM_UP_ENTRIES * WARM_UP_TIMES);
    }

    private static List<Contender> contenders(Plan plan) {
        return plan.contenders().stream()
                .filter(contender ->
                        contender != Contender.RINGGRID_OF_THREE && contender != Contender.INFINISPAN_LOCAL)
                .toList();
    }

    /** {@link Plan#entries} is the most. */
    private static List<Integer> entries(Plan plan) {
        List<Integer> counts =
                ENTRIES.stream().filter(count -> count <= plan.entries()).toList();
        return counts.isEmpty() ? List.of(plan.entries()) : counts;
    }

    @Override
    public List<Trial> trials(Plan plan) {
        List<Trial> trials = new ArrayList<>();
        for (int entries : entries(plan)) {
            for (int value : VALUES) {
                for (Contender contender : contenders(plan)) {
                    trials.add(Trial.of(contender, entries, value));
                }
            }
        }
        return trials;
    }

    @Override
    public void measure(Trial trial, Figures figures) throws IOException, InterruptedException {
        Room room = new Room(MEMORY_BYTES, true);
        try (Cache<?> cache = trial.contender().open(room)) {
            for (int i = 0; i < WARM_UP_TIMES; i++) {
                fill(cache, WARM_UP_ENTRIES, trial.intArgument(1));
            }
        }
        try (Cache<?> cache = trial.contender().open(room)) {
            measure(cache, trial.intArgument(0), trial.intArgument(1), figures);
        }
    }

    private static <K> void measure(Cache<K> cache, int entries, int valueBytes, Figures figures)
            throws IOException, InterruptedException {
        Footprint before = Footprint.now();
        long nativeBefore = cache.nativeBytes();
        fill(cache, entries, valueBytes);
        Footprint after = Footprint.now();
        if (cache.entries() != entries) {
            throw new IllegalStateException("of " + entries + " entries it has " + cache.entries());
        }
        long heap = after.heapBytes() - before.heapBytes();
        long counted = heap + after.directBytes() - before.directBytes() + cache.nativeBytes() - nativeBefore;
        long resident = heap + after.residentBytes() - before.residentBytes();
        double payload = Entries.KEY_BYTES + valueBytes;
        long reported = cache.reportedBytes();
        figures.put(COUNTED, counted / (double) entries - payload);
        figures.put(RESIDENT, resident / (double) entries - payload);
        figures.put(REPORTED, reported / (double) entries - payload);
        figures.put(JUDGED, Math.max(counted, reported) / (double) entries - payload);
    }

    private static <K> void fill(Cache<K> cache, int entries, int valueBytes) {
        for (int number = 0; number < entries; number++) {
            cache.putForAnHour(cache.key(number), Entries.value(number, valueBytes, 0));
        }
        for (int number = 0; number < entries; number++) {
            Entries.checked(number, valueBytes, cache.get(cache.key(number)));
        }
    }

    @Override
    public String report(Plan plan, Results results) {
        StringBuilder text = new StringBuilder();
        for (int entries : entries(plan)) {
            text.append(String.format("%,d entries:\n\n", entries))
                    .append(table(plan, results, entries))
                    .append('\n');
        }
        return text.toString();
    }

    private static Table table(Plan plan, Results results, int entries) {
        Table table = new Table("", "value", "counted", "resident", "reported", "RingGrid ÷ it", "floor");
        for (int value : VALUES) {
            Trial ours = Trial.of(Contender.RINGGRID, entries, value);
            for (Contender contender : contenders(plan)) {
                Trial trial = Trial.of(contender, entries, value);
                Sample ratio = contender.isOurs()
                        ? null
                        : results.sample(ours, JUDGED).dividedBy(results.sample(trial, JUDGED));
                Floor floor = FLOORS.get(contender);
                table.row(
                        contender.title(),
                        Integer.toString(value),
                        results.sample(trial, COUNTED).text(1),
                        results.sample(trial, RESIDENT).text(1),
                        contender.isOurs() ? results.sample(trial, REPORTED).text(1) : "",
                        ratio == null ? "" : ratio.text(2),
                        ratio == null || floor == null ? "" : floor.text(ratio));
            }
        }
        return table;
    }
}
