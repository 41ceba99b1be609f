package io.ringgrid.node.engine;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Counting;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.topology.Topology;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The engine's contract over one map of one process, for tests of the doors. Thread-safe.
 *
 * <p>Operations take effect in the order of submission. Answers come at once, or, if {@code late}, by chance at once or
 * later from another thread and in any order, as those of a real member do.
 */
public final class LocalEngine implements Engine, AutoCloseable {
    private record Entry(byte[] value, int flags, long expiry, long version) {}

    private final Map<String, Entry> entries = new HashMap<>();
    private final boolean late;
    private final Random random;
    private final ScheduledExecutorService answering = Executors.newSingleThreadScheduledExecutor(runnable -> {
        Thread thread = new Thread(runnable, "late-answers");
        thread.setDaemon(true);
        return thread;
    });
    private final long started = System.currentTimeMillis();
    private final long maxValueBytes;
    private long versions;
    private volatile Function<Operation, @Nullable Result> refusals = operation -> null;
    private volatile @Nullable Health health;

    /** Answers at once. */
    public LocalEngine() {
        this(false, 0, 8 << 20);
    }

    public LocalEngine(boolean late, long seed, long maxValueBytes) {
        this.late = late;
        this.random = new Random(seed);
        this.maxValueBytes = maxValueBytes;
    }

    /** Operations for which this gives a result are refused with it, and have no effect. */
    public void refuse(Function<Operation, @Nullable Result> newRefusals) {
        refusals = newRefusals;
    }

    public void health(Health newHealth) {
        health = newHealth;
    }

    @Override
    public void submit(Operation operation, Answer answer) {
        Result refused = refusals.apply(operation);
        hand(refused != null ? refused : run(operation), answer);
    }

    @Override
    public void execute(Operation operation, Answer answer) {
        submit(operation, answer);
    }

    private void hand(Result result, Answer answer) {
        int delayMicros;
        synchronized (random) {
            delayMicros = late && random.nextInt(4) > 0 ? random.nextInt(300) : -1;
        }
        if (delayMicros < 0) {
            answer.accept(result);
        } else {
            var unused = answering.schedule(() -> answer.accept(result), delayMicros, TimeUnit.MICROSECONDS);
        }
    }

    private synchronized Result run(Operation operation) {
        if (operation.keyLength < 1 || operation.keyLength > 64 << 10) {
            throw new IllegalArgumentException("a key of " + operation.keyLength + " bytes");
        }
        String key = operation.map + ":" + new String(operation.copyKey(), StandardCharsets.ISO_8859_1);
        Entry old = visible(key);
        return switch (operation.kind) {
            case GET -> old == null ? Result.MISSING : found(old);
            case PUT -> put(operation, key, old);
            case REMOVE -> remove(operation, key, old);
            case INCREMENT -> increment(operation, key, old);
            case TOUCH -> touch(operation, key, old);
            case SIZE, CLEAR -> throw new IllegalArgumentException(operation.kind + " is not for one key");
        };
    }

    private static Result found(Entry entry) {
        return Result.found(entry.value.clone(), entry.flags, entry.expiry, entry.version);
    }

    private @Nullable Entry visible(String key) {
        Entry entry = entries.get(key);
        if (entry != null && entry.expiry != 0 && entry.expiry <= wallMillis()) {
            entries.remove(key);
            return null;
        }
        return entry;
    }

    private static @Nullable Status unmet(Operation operation, @Nullable Entry old) {
        return switch (operation.condition) {
            case ALWAYS -> null;
            case IF_ABSENT -> old == null ? null : Status.EXISTS;
            case IF_PRESENT -> old == null ? Status.MISSING : null;
            case IF_VERSION -> old == null ? Status.MISSING : old.version == operation.version ? null : Status.EXISTS;
        };
    }

    private Result put(Operation operation, String key, @Nullable Entry old) {
        if (operation.valueLength > maxValueBytes) {
            return Result.of(Status.TOO_LARGE);
        }
        Status unmet = unmet(operation, old);
        if (unmet != null) {
            return with(unmet, operation, old);
        }
        long expiry = operation.expiry != Operation.KEEP ? operation.expiry : old == null ? 0 : old.expiry;
        return store(key, new Entry(operation.copyValue(), operation.flags, expiry, ++versions), operation, old);
    }

    private Result remove(Operation operation, String key, @Nullable Entry old) {
        Status unmet = unmet(operation, old);
        if (unmet != null || old == null) {
            return with(unmet == null ? Status.MISSING : unmet, operation, old);
        }
        entries.remove(key);
        return with(Status.DONE, operation, old);
    }

    private Result touch(Operation operation, String key, @Nullable Entry old) {
        Status unmet = unmet(operation, old);
        if (unmet != null || old == null) {
            return Result.of(unmet == null ? Status.MISSING : unmet);
        }
        long expiry = operation.expiry == Operation.KEEP ? old.expiry : operation.expiry;
        return store(key, new Entry(old.value, old.flags, expiry, ++versions), operation, null);
    }

    private Result increment(Operation operation, String key, @Nullable Entry old) {
        boolean unsigned = operation.counting == Counting.UNSIGNED;
        if (old == null && unsigned) {
            return Result.MISSING;
        }
        long sum;
        try {
            String text = old == null ? "0" : new String(old.value, StandardCharsets.ISO_8859_1);
            if (!text.matches(unsigned ? "\\d+" : "0|-?[1-9]\\d*")) {
                return Result.of(Status.NOT_A_NUMBER);
            }
            long number = unsigned ? Long.parseUnsignedLong(text) : Long.parseLong(text);
            if (!unsigned) {
                sum = Math.addExact(number, operation.delta);
            } else if (!operation.subtract) {
                sum = number + operation.delta;
            } else {
                sum = Long.compareUnsigned(number, operation.delta) < 0 ? 0 : number - operation.delta;
            }
        } catch (NumberFormatException e) {
            return Result.of(Status.NOT_A_NUMBER);
        } catch (ArithmeticException e) {
            return Result.of(Status.OVERFLOW);
        }
        String text = unsigned ? Long.toUnsignedString(sum) : Long.toString(sum);
        long expiry = operation.expiry != Operation.KEEP ? operation.expiry : old == null ? 0 : old.expiry;
        Entry entry =
                new Entry(text.getBytes(StandardCharsets.ISO_8859_1), old == null ? 0 : old.flags, expiry, ++versions);
        Result stored = store(key, entry, operation, null);
        return new Result(Status.DONE, null, 0, expiry, stored.version(), sum, "");
    }

    private Result store(String key, Entry entry, Operation operation, @Nullable Entry old) {
        entries.put(key, entry);
        visible(key);
        Result result = with(Status.DONE, operation, old);
        return new Result(Status.DONE, result.value(), result.flags(), entry.expiry, entry.version, 0, "");
    }

    private static Result with(Status status, Operation operation, @Nullable Entry old) {
        if (operation.wantsOld && old != null) {
            return new Result(status, old.value.clone(), old.flags, old.expiry, old.version, 0, "");
        }
        return Result.of(status);
    }

    @Override
    public synchronized void size(int map, Answer answer) {
        long count = List.copyOf(entries.keySet()).stream()
                .filter(key -> key.startsWith(map + ":") && visible(key) != null)
                .count();
        hand(Result.number(Status.DONE, count), answer);
    }

    @Override
    public synchronized void clear(int map, Answer answer) {
        entries.keySet().removeIf(key -> key.startsWith(map + ":"));
        hand(Result.DONE, answer);
    }

    @Override
    public synchronized Health health() {
        Health set = health;
        return set != null ? set : health(true, "", true, 0);
    }

    /** A health of one member. */
    public synchronized Health health(boolean ready, String reason, boolean safe, int missingCopies) {
        List<Health.Member> members = new ArrayList<>();
        members.add(new Health.Member("00".repeat(16), "n1", "127.0.0.1:1", "active", true, true, 1024, 0));
        long bytes = entries.values().stream().mapToLong(e -> e.value.length).sum();
        return new Health(
                "n1",
                "local",
                "00".repeat(16),
                "00".repeat(16),
                ready,
                reason,
                safe,
                missingCopies,
                0,
                1,
                1,
                1024,
                1,
                System.currentTimeMillis() - started,
                entries.size(),
                bytes,
                64L << 20,
                0,
                0,
                members);
    }

    @Override
    public @Nullable Topology topology() {
        return null;
    }

    @Override
    public void onTopology(Consumer<Topology> listener) {
        throw new UnsupportedOperationException("one process has no topology");
    }

    @Override
    public void openMap(String name, Answer answer) {
        throw new UnsupportedOperationException("the doors use map 0 alone");
    }

    @Override
    public long wallMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public void close() {
        answering.shutdownNow();
    }
}
