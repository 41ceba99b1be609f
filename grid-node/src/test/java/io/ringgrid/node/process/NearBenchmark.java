package io.ringgrid.node.process;

import io.ringgrid.GridMap;
import io.ringgrid.Near;
import io.ringgrid.client.GridClient;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code scripts/bench-near}: what a near-cache brings a client, and how old what it shows is, while another client writes.
 *
 * <pre>
 *   NearBenchmark HOST:PORT [SECONDS [WRITES_A_SECOND]]
 * </pre>
 */
public final class NearBenchmark {
    private static final int KEYS = 1000;
    private static final int BATCH = 1000;

    private NearBenchmark() {}

    /** Prints the figures; exit status 1 if anything was older than a second. */
    public static void main(String[] args) throws InterruptedException {
        int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 10;
        int rate = args.length > 2 ? Integer.parseInt(args[2]) : 200;
        RisingNumbers numbers = new RisingNumbers(KEYS);
        try (GridClient writing = GridClient.connect(args[0]);
                GridClient reading = GridClient.connect(args[0])) {
            GridMap<String, Long> plain = writing.map("bench-near", String.class, Long.class);
            GridMap<String, Long> remote = reading.map("bench-near", String.class, Long.class);
            GridMap<String, Long> near = reading.map("bench-near", String.class, Long.class, Near.bounded());
            plain.clear();
            for (int key = 0; key < KEYS; key++) {
                numbers.write(plain, key);
            }
            AtomicBoolean ending = new AtomicBoolean();
            AtomicLong writes = new AtomicLong();
            Thread writer = new Thread(() -> {
                for (int i = 0; !ending.get(); i++) {
                    if (numbers.write(plain, i % KEYS)) {
                        writes.incrementAndGet();
                    }
                    LockSupport.parkNanos(1_000_000_000L / rate);
                }
            });
            writer.start();
            String[] keys = new String[KEYS];
            Arrays.setAll(keys, RisingNumbers::key);
            remote(remote, keys, 2);
            hits(near, keys, 2);
            double remoteNanos = remote(remote, keys, seconds);
            double hitNanos = hits(near, keys, seconds);
            Ages ages = ages(numbers.reader(near), near, seconds);
            ending.set(true);
            writer.join();
            System.out.printf("remote get            %10.0f ns%n", remoteNanos);
            System.out.printf("near hit              %10.1f ns%n", hitNanos);
            System.out.printf("remote get : near hit %10.0f : 1%n", remoteNanos / hitNanos);
            System.out.printf(
                    "%d judged reads, %.1f %% hits, beside %d writes: %d replaced when the read began, p99.9 of these"
                            + " %.2f ms, oldest %.2f ms%n",
                    ages.reads, ages.hitPercent, writes.get(), ages.old, ages.p999 / 1e6, ages.oldest / 1e6);
            System.exit(ages.oldest > 1_000_000_000L ? 1 : 0);
        }
    }

    /** How long a get over the network takes on average, in nanoseconds. */
    private static double remote(GridMap<String, Long> remote, String[] keys, int seconds) {
        long begun = System.nanoTime();
        long count = 0;
        long until = begun + seconds * 1_000_000_000L;
        while (System.nanoTime() < until) {
            remote.get(keys[(int) (count++ % KEYS)]);
        }
        return (System.nanoTime() - begun) / (double) count;
    }

    /** How long a hit takes on average, in nanoseconds: of those batches in which each read was one. */
    private static double hits(GridMap<String, Long> near, String[] keys, int seconds) {
        long until = System.nanoTime() + seconds * 1_000_000_000L;
        long nanos = 0;
        long count = 0;
        long sum = 0;
        while (System.nanoTime() < until) {
            long misses = near.nearFigures().misses();
            long begun = System.nanoTime();
            for (int i = 0; i < BATCH; i++) {
                Long value = near.get(keys[i % KEYS]);
                sum += value == null ? 0 : value;
            }
            long took = System.nanoTime() - begun;
            if (near.nearFigures().misses() == misses) {
                nanos += took;
                count += BATCH;
            }
        }
        if (count == 0 || sum == 0) {
            throw new IllegalStateException("no batch of " + BATCH + " reads was answered near alone");
        }
        return nanos / (double) count;
    }

    private record Ages(long reads, double hitPercent, long old, long p999, long oldest) {}

    /** How old was what was shown. */
    private static Ages ages(RisingNumbers.Reader reader, GridMap<String, Long> near, int seconds) {
        long[] old = new long[1 << 20];
        long count = 0;
        long reads = 0;
        long hits = near.nearFigures().hits();
        long until = System.nanoTime() + seconds * 1_000_000_000L;
        while (System.nanoTime() < until) {
            long age = reader.read((int) (reads++ % KEYS));
            if (age > 0 && count < old.length) {
                old[(int) count++] = age;
            }
        }
        long[] sorted = Arrays.copyOf(old, (int) count);
        Arrays.sort(sorted);
        long p999 = count == 0 ? 0 : sorted[(int) (count * 999 / 1000)];
        long oldest = count == 0 ? 0 : sorted[(int) count - 1];
        return new Ages(reads, 100.0 * (near.nearFigures().hits() - hits) / reads, count, p999, oldest);
    }
}
