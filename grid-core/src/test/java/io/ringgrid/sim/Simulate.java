package io.ringgrid.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code scripts/simulate}: many seeds, on all cores.
 *
 * <pre>
 *   [--seeds N | --minutes M] [--first-seed S]    the last line is: seeds N violations V …
 *   --replay SEED [--without FAULT,…]             one seed, with its log
 *   --canaries [--seeds N]                        after how many seeds each broken rule is caught
 *
 *   --canary NAME                                 with each of them: without this rule, or this canary alone
 * </pre>
 */
public final class Simulate {
    private static final int PROGRESS_EVERY = 1000;
    private static final int SEEDS = 1000;

    private int seeds = SEEDS;
    private double minutes = Double.MAX_VALUE;
    private long first = System.nanoTime() & Long.MAX_VALUE;
    private long replayed = -1;
    private boolean canaries;
    private Canary canary = Canary.NONE;
    private Set<String> without = Set.of();

    private Simulate(String[] args) {
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--canaries")) {
                canaries = true;
                continue;
            }
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " is no option, or lacks its value");
            }
            String value = args[i + 1];
            switch (args[i++]) {
                case "--seeds" -> seeds = Integer.parseInt(value);
                case "--minutes" -> {
                    minutes = Double.parseDouble(value);
                    seeds = Integer.MAX_VALUE;
                }
                case "--first-seed" -> first = Long.parseLong(value);
                case "--replay" -> replayed = Long.parseLong(value);
                case "--canary" -> canary = Canary.valueOf(value);
                case "--without" -> without = Set.of(value.split(",", -1));
                default -> throw new IllegalArgumentException("no option " + args[i - 1]);
            }
        }
    }

    /** Runs seeds; exit status 1 if any violates, 2 if the options are wrong. */
    public static void main(String[] args) throws InterruptedException {
        Simulate wanted;
        try {
            wanted = new Simulate(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "; scripts/simulate --help shows them");
            System.exit(2);
            return;
        }
        System.exit(wanted.run() ? 0 : 1);
    }

    private boolean run() throws InterruptedException {
        if (replayed >= 0) {
            return replay();
        }
        if (canaries) {
            for (Canary one : Canary.values()) {
                if (one != Canary.NONE && (canary == Canary.NONE || canary == one)) {
                    System.out.print(one + " ");
                    run(1, seeds, one, 1);
                }
            }
            return true;
        }
        return run(first, seeds, canary, Integer.MAX_VALUE, minutes)
                .violations()
                .isEmpty();
    }

    private boolean replay() {
        Simulation run = new Simulation(replayed, canary, drawn -> drawn.without(without)).keepLog();
        try {
            run.run();
        } catch (RuntimeException | Error e) {
            System.out.println(e);
        }
        run.log().forEach(System.out::println);
        String violation = new Judge().judge(replayed, canary, without, true);
        System.out.println(violation.isEmpty() ? "nothing is wrong" : violation);
        return violation.isEmpty();
    }

    /** How to see a violation again, with as few faults as it needs. */
    private static String replayOf(long seed, Canary canary) {
        Set<String> needless = Judge.needless(seed, canary);
        return "see it again: scripts/simulate --replay " + seed
                + (needless.isEmpty() ? "" : " --without " + String.join(",", needless))
                + (canary == Canary.NONE ? "" : " --canary " + canary);
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
     * @param nearHits reads that were answered by what is kept near
     */
    record Outcome(
            int seeds,
            List<String> violations,
            long undecided,
            long asked,
            long succeeded,
            long fewest,
            long nearHits) {}

    /** Runs seeds from the first one on all cores, until this many have violated. */
    static Outcome run(long first, int seeds, Canary canary, int enough) throws InterruptedException {
        return run(first, seeds, canary, enough, Double.MAX_VALUE);
    }

    /** The same, for so many minutes at the most. */
    static Outcome run(long first, int seeds, Canary canary, int enough, double minutes) throws InterruptedException {
        AtomicLong next = new AtomicLong(first);
        AtomicLong asked = new AtomicLong();
        AtomicLong succeeded = new AtomicLong();
        AtomicLong undecided = new AtomicLong();
        AtomicLong fewest = new AtomicLong(Long.MAX_VALUE);
        AtomicLong nearHits = new AtomicLong();
        AtomicInteger done = new AtomicInteger();
        List<String> violations = new ArrayList<>();
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread thread = new Thread(() -> {
                Judge judge = new Judge();
                for (long seed = next.getAndIncrement();
                        seed - first < seeds && (System.nanoTime() - start) / 60e9 < minutes;
                        seed = next.getAndIncrement()) {
                    String violation = judge.judge(seed, canary, canary == Canary.NONE);
                    synchronized (violations) {
                        if (violations.size() >= enough) {
                            break;
                        }
                        if (!violation.isEmpty()) {
                            violations.add(violation);
                            if (enough == Integer.MAX_VALUE) {
                                System.out.println(violation + "\n" + replayOf(seed, canary));
                            }
                        }
                    }
                    int count = done.incrementAndGet();
                    if (count % PROGRESS_EVERY == 0) {
                        double passed = (System.nanoTime() - start) / 60e9;
                        System.out.printf("%d seeds, %.0f a minute%n", count, count / passed);
                    }
                }
                asked.addAndGet(judge.asked());
                succeeded.addAndGet(judge.succeeded());
                undecided.addAndGet(judge.undecided());
                nearHits.addAndGet(judge.nearHits());
                fewest.accumulateAndGet(judge.fewest(), Math::min);
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double took = (System.nanoTime() - start) / 60e9;
        System.out.printf(
                "seeds %d violations %d undecided %d operations %d succeeded %.1f%% fewest %d near hits %d rate %.0f/min first %d%n",
                done.get(),
                violations.size(),
                undecided.get(),
                asked.get(),
                100.0 * succeeded.get() / Math.max(1, asked.get()),
                fewest.get(),
                nearHits.get(),
                done.get() / took,
                first);
        return new Outcome(
                done.get(), violations, undecided.get(), asked.get(), succeeded.get(), fewest.get(), nearHits.get());
    }
}
