package io.ringgrid.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code scripts/simulate}: many seeds, on all cores.
 *
 * <pre>
 *   Simulate SEEDS [FIRST_SEED [CANARY]]     the last line is: seeds N violations V
 *   Simulate --replay SEED [CANARY]          one seed, with its log
 *   Simulate --canaries SEEDS                after how many seeds each broken rule is caught
 * </pre>
 */
public final class Simulate {
    private static final int PROGRESS_EVERY = 1000;

    private Simulate() {}

    /** Runs seeds; exit status 1 if any violates. */
    public static void main(String[] args) throws InterruptedException {
        if (args[0].equals("--replay")) {
            replay(Long.parseLong(args[1]), args.length > 2 ? Canary.valueOf(args[2]) : Canary.NONE);
            return;
        }
        if (args[0].equals("--canaries")) {
            for (Canary canary : Canary.values()) {
                if (canary != Canary.NONE) {
                    System.out.print(canary + " ");
                    run(1, Integer.parseInt(args[1]), canary, 1);
                }
            }
            return;
        }
        int seeds = Integer.parseInt(args[0]);
        long first = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime();
        Canary canary = args.length > 2 ? Canary.valueOf(args[2]) : Canary.NONE;
        int violations =
                run(first, seeds, canary, Integer.MAX_VALUE).violations().size();
        System.exit(violations == 0 ? 0 : 1);
    }

    private static void replay(long seed, Canary canary) {
        Simulation run = new Simulation(seed, canary).keepLog();
        try {
            run.run();
        } catch (AssertionError e) {
            System.out.println(e);
        }
        run.log().forEach(System.out::println);
        System.out.println(new Judge().judge(seed, canary, true));
    }

    /**
     * What many seeds came to.
     *
     * @param seeds that were run
     * @param violations one text for each seed that violated
     * @param undecided seeds with too many possible orders to tell
     * @param asked operations in all seeds
     * @param succeeded those with an outcome that the caller could use
     * @param fewest operations that a seed asked
     */
    record Outcome(int seeds, List<String> violations, long undecided, long asked, long succeeded, long fewest) {}

    /** Runs seeds from the first one on all cores, until this many have violated. */
    static Outcome run(long first, int seeds, Canary canary, int enough) throws InterruptedException {
        AtomicLong next = new AtomicLong(first);
        AtomicLong asked = new AtomicLong();
        AtomicLong succeeded = new AtomicLong();
        AtomicLong undecided = new AtomicLong();
        AtomicLong fewest = new AtomicLong(Long.MAX_VALUE);
        AtomicInteger done = new AtomicInteger();
        List<String> violations = new ArrayList<>();
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread thread = new Thread(() -> {
                Judge judge = new Judge();
                for (long seed = next.getAndIncrement(); seed < first + seeds; seed = next.getAndIncrement()) {
                    String violation = judge.judge(seed, canary, canary == Canary.NONE);
                    synchronized (violations) {
                        if (violations.size() >= enough) {
                            break;
                        }
                        if (!violation.isEmpty()) {
                            violations.add(violation);
                            if (enough == Integer.MAX_VALUE) {
                                System.out.println(violation);
                            }
                        }
                    }
                    int count = done.incrementAndGet();
                    if (count % PROGRESS_EVERY == 0) {
                        double minutes = (System.nanoTime() - start) / 60e9;
                        System.out.printf("%d seeds, %.0f a minute%n", count, count / minutes);
                    }
                }
                asked.addAndGet(judge.asked());
                succeeded.addAndGet(judge.succeeded());
                undecided.addAndGet(judge.undecided());
                fewest.accumulateAndGet(judge.fewest(), Math::min);
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double minutes = (System.nanoTime() - start) / 60e9;
        System.out.printf(
                "seeds %d violations %d undecided %d operations %d succeeded %.1f%% fewest %d rate %.0f/min first %d%n",
                done.get(),
                violations.size(),
                undecided.get(),
                asked.get(),
                100.0 * succeeded.get() / Math.max(1, asked.get()),
                fewest.get(),
                done.get() / minutes,
                first);
        return new Outcome(done.get(), violations, undecided.get(), asked.get(), succeeded.get(), fewest.get());
    }
}
