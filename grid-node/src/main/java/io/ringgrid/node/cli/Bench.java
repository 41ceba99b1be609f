package io.ringgrid.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringgrid.GridException;
import io.ringgrid.client.GridClient;
import io.ringgrid.codec.Failures;
import io.ringgrid.node.json.Json;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures a cluster from here: threads that each ask, wait for the answer, and ask again.
 *
 * <p>In such a closed loop a slow answer keeps others from being asked for, so the percentiles are those of this load and not
 * of a load that does not wait. What is measured includes this client. The map {@code bench} is filled first and cleared
 * afterwards.
 */
@Command(
        name = "bench",
        description = "Measures gets and puts, each thread waiting for its answer before it asks again.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The entries lie in the map 'bench', which is cleared afterwards.",
            "",
            "Examples:",
            "  scripts/grid bench",
            "  scripts/grid bench --seconds 30 --threads 16 --reads 50 --value-bytes 1000"
        })
final class Bench extends Subcommand {
    private static final String MAP = "bench";
    /** Should the tool be killed, its entries do not stay for ever. */
    private static final long EXPIRY_MILLIS = 3_600_000;

    private static final int PERCENT = 100;

    @Option(
            names = "--seconds",
            paramLabel = "<n>",
            defaultValue = "5",
            description = "how long, after the keys are set (${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--threads",
            paramLabel = "<n>",
            defaultValue = "4",
            description = "how many ask (${DEFAULT-VALUE})")
    private int threads;

    @Option(
            names = "--keys",
            paramLabel = "<n>",
            defaultValue = "10000",
            description = "how many keys, all equally likely (${DEFAULT-VALUE})")
    private int keys;

    @Option(
            names = "--value-bytes",
            paramLabel = "<n>",
            defaultValue = "100",
            description = "how large the values are (${DEFAULT-VALUE})")
    private int valueBytes;

    @Option(
            names = "--reads",
            paramLabel = "<percent>",
            defaultValue = "80",
            description = "how many of a hundred operations are gets (${DEFAULT-VALUE})")
    private int reads;

    private final Latencies gets = new Latencies();
    private final Latencies puts = new Latencies();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicReference<@Nullable Result> lastFailure = new AtomicReference<>();

    @Override
    public Integer call() {
        check("--seconds", seconds, 1, 86_400);
        check("--threads", threads, 1, 1000);
        check("--keys", keys, 1, 10_000_000);
        check("--value-bytes", valueBytes, 0, 64 << 20);
        check("--reads", reads, 0, PERCENT);
        try (GridClient grid = connect()) {
            fill(grid);
            long begun = System.nanoTime();
            long end = begun + TimeUnit.SECONDS.toNanos(seconds);
            inThreads(thread -> ask(grid, new SplittableRandom(thread), end));
            double took = (System.nanoTime() - begun) / 1e9;
            report(took);
            grid.map(MAP).clear();
        }
        return failures.get() == 0 ? GridTool.DONE : GridTool.FAILED;
    }

    private static void check(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new WrongUseException(option + " must be " + least + " to " + most + ", not " + value);
        }
    }

    private interface Work {
        void run(int thread);
    }

    private void inThreads(Work work) {
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int thread = i;
            CompletableFuture<Void> future = new CompletableFuture<>();
            Thread worker = new Thread(
                    () -> {
                        try {
                            work.run(thread);
                            future.complete(null);
                        } catch (RuntimeException e) {
                            future.completeExceptionally(e);
                        }
                    },
                    "bench-" + thread);
            worker.setDaemon(true);
            worker.start();
            done.add(future);
        }
        for (CompletableFuture<Void> one : done) {
            try {
                one.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof GridException failed ? failed : e;
            }
        }
    }

    private void fill(GridClient grid) {
        inThreads(thread -> {
            for (int key = thread; key < keys; key += threads) {
                Result result = grid.execute(MAP, put(key, grid.wallMillis()));
                if (result.status() != Status.DONE) {
                    throw Failures.of("setting the first keys", result);
                }
            }
        });
    }

    private void ask(GridClient grid, SplittableRandom random, long end) {
        for (long now = System.nanoTime(); now - end < 0; ) {
            int key = random.nextInt(keys);
            boolean read = random.nextInt(PERCENT) < reads;
            Result result = grid.execute(MAP, read ? get(key) : put(key, grid.wallMillis()));
            long answered = System.nanoTime();
            if (result.status() == (read ? Status.FOUND : Status.DONE)) {
                (read ? gets : puts).add(answered - now);
            } else {
                failures.incrementAndGet();
                lastFailure.set(result);
            }
            now = answered;
        }
    }

    private static Operation get(int key) {
        byte[] bytes = ("key:" + key).getBytes(UTF_8);
        return new Operation().reset(Kind.GET).key(bytes, 0, bytes.length);
    }

    private Operation put(int key, long wallMillis) {
        Operation op = get(key);
        op.kind = Kind.PUT;
        op.value(new byte[valueBytes], 0, valueBytes);
        op.expiry = wallMillis + EXPIRY_MILLIS;
        return op;
    }

    private void report(double took) {
        if (isJson()) {
            Json json = new Json().open('{').name("seconds").value(Math.round(took));
            json.name("threads").value(threads).name("keys").value(keys);
            json.name("valueBytes").value(valueBytes).name("failures").value(failures.get());
            json(json, "get", gets, took);
            json(json, "put", puts, took);
            out().println(json.close('}'));
        } else {
            out().printf(
                            Locale.ROOT,
                            "%d threads for %.1f s, %d keys, values of %d bytes, %d %% gets; failures: %d%n",
                            threads,
                            took,
                            keys,
                            valueBytes,
                            reads,
                            failures.get());
            row("get", gets, took);
            row("put", puts, took);
        }
        Result failed = lastFailure.get();
        if (failed != null) {
            err().println("grid: " + failures + " operations failed, the last one: " + failed.status() + " "
                    + failed.reason());
        }
    }

    private void row(String name, Latencies taken, double took) {
        out().printf(
                        Locale.ROOT,
                        "%s %9.0f/s   p50 %s   p90 %s   p99 %s   p99.9 %s   max %s%n",
                        name,
                        taken.count() / took,
                        millis(taken.micros(0.5)),
                        millis(taken.micros(0.9)),
                        millis(taken.micros(0.99)),
                        millis(taken.micros(0.999)),
                        millis(taken.micros(1)));
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, "%.3f ms", micros / 1000.0);
    }

    private static void json(Json json, String name, Latencies taken, double took) {
        json.name(name).open('{').name("count").value(taken.count());
        json.name("perSecond").value(Math.round(taken.count() / took));
        json.name("p50Micros").value(taken.micros(0.5)).name("p90Micros").value(taken.micros(0.9));
        json.name("p99Micros").value(taken.micros(0.99)).name("p999Micros").value(taken.micros(0.999));
        json.name("maxMicros").value(taken.micros(1)).close('}');
    }
}
