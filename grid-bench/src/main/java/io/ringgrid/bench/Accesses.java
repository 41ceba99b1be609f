package io.ringgrid.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/**
 * Which keys are asked for, one after another: as somebody has written it down, or made by a rule. Immutable, as long as nobody
 * writes the array.
 *
 * @param keys numbers from 0 on, in the order of their first use
 * @param distinct how many there are
 */
record Accesses(int[] keys, int distinct) {
    private static final String SUFFIX = ".txt.gz";
    private static final int ACCESSES = 800_000;
    private static final int KEYS = 250_000;
    private static final int LOOP = 120_000;
    private static final int BURST = 3_000;
    private static final int SCANNED = 1_000;

    /** Those that are made by a rule, by their names in the tables. */
    enum Rule {
        ZIPF_0_8("Zipf 0.8"),
        ZIPF_0_99("Zipf 0.99"),
        LOOP("loop"),
        SCAN_MIX("scan-mix");

        private final String title;

        Rule(String title) {
            this.title = title;
        }

        /** For people. */
        String title() {
            return title;
        }

        /** The same each time. */
        Accesses make() {
            Random random = new Random(ordinal());
            return switch (this) {
                case ZIPF_0_8 -> zipf(0.8, random);
                case ZIPF_0_99 -> zipf(0.99, random);
                case LOOP ->
                    numbered(IntStream.range(0, ACCESSES)
                            .mapToLong(i -> i % Accesses.LOOP)
                            .toArray());
                case SCAN_MIX -> scanMix(random);
            };
        }
    }

    private static Accesses zipf(double exponent, Random random) {
        double[] sums = sums(exponent);
        return numbered(
                IntStream.range(0, ACCESSES).mapToLong(i -> drawn(sums, random)).toArray());
    }

    /** Of each burst a third is asked once, in a row. */
    private static Accesses scanMix(Random random) {
        double[] sums = sums(0.9);
        return numbered(IntStream.range(0, ACCESSES)
                .mapToLong(i -> i % BURST < SCANNED ? KEYS + i : drawn(sums, random))
                .toArray());
    }

    private static double[] sums(double exponent) {
        double[] sums = new double[KEYS];
        double sum = 0;
        for (int i = 0; i < KEYS; i++) {
            sum += Math.pow(i + 1, -exponent);
            sums[i] = sum;
        }
        return sums;
    }

    private static int drawn(double[] sums, Random random) {
        int found = Arrays.binarySearch(sums, random.nextDouble() * sums[sums.length - 1]);
        return found < 0 ? Math.min(sums.length - 1, -found - 1) : found;
    }

    /** A trace: a decimal number a line. */
    static Accesses read(Path directory, String name) throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(directory.resolve(name + SUFFIX))), US_ASCII))) {
            return numbered(lines.lines().mapToLong(Long::parseLong).toArray());
        }
    }

    private static Accesses numbered(long[] keys) {
        Map<Long, Integer> numbers = new HashMap<>();
        int[] numbered = new int[keys.length];
        for (int i = 0; i < keys.length; i++) {
            numbered[i] = numbers.computeIfAbsent(keys[i], unknown -> numbers.size());
        }
        return new Accesses(numbered, numbers.size());
    }

    /** Exact LRU's misses, the yardstick. */
    int missesOfLru(int capacity) {
        int[] newer = new int[distinct];
        int[] older = new int[distinct];
        boolean[] present = new boolean[distinct];
        int newest = -1;
        int oldest = -1;
        int size = 0;
        int misses = 0;
        for (int key : keys) {
            if (key == newest) {
                continue;
            }
            if (present[key]) {
                if (key == oldest) {
                    oldest = newer[key];
                } else {
                    newer[older[key]] = newer[key];
                    older[newer[key]] = older[key];
                }
            } else {
                misses++;
                present[key] = true;
                if (size == capacity) {
                    present[oldest] = false;
                    oldest = newer[oldest];
                } else {
                    size++;
                }
            }
            older[key] = newest;
            if (size > 1 && newest >= 0) {
                newer[newest] = key;
            }
            newest = key;
            if (size == 1) {
                oldest = key;
            }
        }
        return misses;
    }
}
