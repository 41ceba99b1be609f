package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** What increments of some counters, which began at 0, returned to all clients. Thread-safe. */
final class CounterTally {
    private final List<Set<Long>> returned;
    private final int[] unknown;
    private final List<String> wrong = new ArrayList<>();

    CounterTally(int counters) {
        returned = IntStream.range(0, counters)
                .<Set<Long>>mapToObj(counter -> new HashSet<>())
                .toList();
        unknown = new int[counters];
    }

    private static int indexOf(String key) {
        return Integer.parseInt(key.substring(key.indexOf(':') + 1));
    }

    void counted(String key, String number) {
        counted(key, Long.parseLong(number));
    }

    /** An increment of this counter returned this number. */
    synchronized void counted(String key, long number) {
        if (!returned.get(indexOf(key)).add(number)) {
            wrong.add(key + " returned " + number + " twice");
        }
    }

    /** An increment of this counter may have happened. */
    synchronized void unknown(String key) {
        unknown[indexOf(key)]++;
    }

    /** Checks that nothing was returned twice, and that the final values are possible. */
    synchronized void check(List<Long> values) {
        for (int counter = 0; counter < unknown.length; counter++) {
            Long value = values.get(counter);
            int least = returned.get(counter).size();
            int most = least + unknown[counter];
            if (value == null || value < least || value > most) {
                wrong.add("counter:" + counter + " is " + value + ", possible is " + least + " to " + most);
            }
        }
        assertEquals(List.of(), wrong);
    }

    synchronized String summary() {
        return unknown.length + " counters: "
                + returned.stream().mapToInt(Set::size).sum() + " increments acknowledged, "
                + IntStream.of(unknown).sum() + " ended unknown";
    }
}
