package io.ringgrid.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Gets and puts of uniformly random keys on a filled cache, by threads that do one after the other. Confined to one thread,
 * which starts the others.
 *
 * <p>The keys are made before, so that what is measured is not their making; they are not the objects that the cache was
 * filled with, or a map that keeps objects would find them by identity. Values are made anew for each put, as an application
 * must for a map that keeps the object. Each answer is checked, and so used: no compiler can leave out what made it. The
 * clock is read once in {@value #BATCH} operations.
 */
final class Load<K> {
    private static final int BATCH = 256;
    private static final int REPLAYED = 20_000;
    private static final long NANOS = 1_000_000_000L;

    private interface Batch {
        void run(SplittableRandom random, int operations);
    }

    private record Done(long operations, long nanos) {
        double aSecond() {
            return operations * (double) NANOS / nanos;
        }
    }

    private final Cache<K> cache;
    private final int[] numbers;
    private final K[] keys;
    private int generation;

    /** Fills the cache with this many entries. */
    Load(Cache<K> cache, int entries) {
        this.cache = cache;
        this.numbers = ownNumbers(cache, entries);
        this.keys = keys(cache, numbers);
        for (int number : numbers) {
            cache.put(cache.key(number), Entries.value(number, Entries.VALUE_BYTES, generation));
        }
        checkAll();
    }

    private static <K> int[] ownNumbers(Cache<K> cache, int entries) {
        int[] numbers = new int[entries];
        int found = 0;
        for (int number = 0; found < entries; number++) {
            if (cache.isOwn(cache.key(number))) {
                numbers[found++] = number;
            }
        }
        return numbers;
    }

    @SuppressWarnings("unchecked") // it never leaves this class, where the type is erased
    private static <K> K[] keys(Cache<K> cache, int[] numbers) {
        K[] keys = (K[]) new Object[numbers.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = cache.key(numbers[i]);
        }
        return keys;
    }

    /** Reads everything, and checks it. */
    void checkAll() {
        for (int i = 0; i < keys.length; i++) {
            Entries.checked(numbers[i], Entries.VALUE_BYTES, cache.get(keys[i]));
        }
        if (cache.entries() < keys.length) {
            throw new IllegalStateException("of " + keys.length + " entries it has " + cache.entries());
        }
    }

    /** How many gets a second these threads do, all together. */
    double gets(int threads, double seconds) throws InterruptedException {
        return run(threads, seconds, this::get).stream()
                .mapToDouble(Done::aSecond)
                .sum();
    }

    private void get(SplittableRandom random, int operations) {
        for (int n = 0; n < operations; n++) {
            int i = random.nextInt(keys.length);
            Entries.checked(numbers[i], Entries.VALUE_BYTES, cache.get(keys[i]));
        }
    }

    /** How many puts a second these threads do, all together; then checks that they are there. */
    double puts(int threads, double seconds) throws InterruptedException {
        generation++;
        List<Done> done = run(threads, seconds, this::put);
        for (int thread = 0; thread < threads; thread++) {
            replay(random(thread), Math.min(REPLAYED, done.get(thread).operations()));
        }
        checkAll();
        return done.stream().mapToDouble(Done::aSecond).sum();
    }

    private void put(SplittableRandom random, int operations) {
        for (int n = 0; n < operations; n++) {
            int i = random.nextInt(keys.length);
            cache.put(keys[i], Entries.value(numbers[i], Entries.VALUE_BYTES, generation));
        }
    }

    /** What these puts have set is there still: nothing else was put since. */
    private void replay(SplittableRandom random, long operations) {
        for (long n = 0; n < operations; n++) {
            int i = random.nextInt(keys.length);
            byte[] value = Entries.checked(numbers[i], Entries.VALUE_BYTES, cache.get(keys[i]));
            if (Entries.generation(value) != generation) {
                throw new IllegalStateException("a put of " + Entries.text(numbers[i]) + " is lost");
            }
        }
    }

    /** Each thread's own sequence, another one in each generation. */
    private SplittableRandom random(int thread) {
        return new SplittableRandom(1000L * generation + thread);
    }

    private List<Done> run(int threads, double seconds, Batch batch) throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Done>> running = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                SplittableRandom random = random(thread);
                running.add(pool.submit(() -> {
                    ready.countDown();
                    ready.await();
                    return until(seconds, random, batch);
                }));
            }
            List<Done> done = new ArrayList<>();
            for (Future<Done> one : running) {
                done.add(one.get());
            }
            return done;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a thread failed", e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private static Done until(double seconds, SplittableRandom random, Batch batch) {
        long begun = System.nanoTime();
        long enough = (long) (seconds * NANOS);
        long operations = 0;
        long took;
        do {
            batch.run(random, BATCH);
            operations += BATCH;
            took = System.nanoTime() - begun;
        } while (took < enough);
        return new Done(operations, took);
    }
}
