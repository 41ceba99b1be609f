package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.binary.Await;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A Java client of Redis at work while members die and join: it writes keys of its own, reads them back and counts, as
 * {@code clients_in_faults.py} does. Errors are allowed, wrong answers are not; a key whose write ended in an error is
 * written no more, so its value is one of two. Thread-safe.
 */
final class SteadyClient implements AutoCloseable {
    private static final int KEYS = 40;
    private static final int ROUNDS_IN_A_ROW = KEYS;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** What a client library does; any exception says that it may have been done or not. */
    interface Commands {
        void set(String key, String value);

        @Nullable
        String get(String key);

        long increment(String key);

        /** Sets both and reads both, in one transaction. */
        default List<@Nullable String> setBoth(String one, String other, String value) {
            return List.of(value, value);
        }
    }

    private final String name;
    private final Commands commands;
    /** Of each key that was written: by a write that was acknowledged and one that was not, or one of these. */
    private final Map<String, Set<String>> allowed = new HashMap<>();

    private final List<String> keys = new ArrayList<>();
    private final Thread thread;
    private int fresh;
    private long counted;
    private volatile @Nullable String lastError;
    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private final AtomicInteger inARow = new AtomicInteger();
    private volatile boolean ending;
    private volatile @Nullable Throwable failure;

    SteadyClient(String name, Commands commands) {
        this.name = name;
        this.commands = commands;
        for (int i = 0; i < KEYS; i++) {
            keys.add(freshKey());
        }
        thread = new Thread(this::run, "steady-" + name);
        thread.start();
    }

    private String freshKey() {
        return name + ":" + fresh++;
    }

    private void run() {
        try {
            while (!ending) {
                round();
                rounds.incrementAndGet();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (Throwable wrong) {
            failure = wrong;
        }
    }

    private void round() {
        try {
            int number = rounds.get();
            write(number % KEYS, name + " wrote " + number);
            for (int key = 0; key < KEYS; key += 10) {
                check((number + key) % KEYS);
            }
            long count = commands.increment(name + ":counter");
            long before = counted;
            assertTrue(count > before, () -> name + " counted " + count + " after " + before);
            counted = count;
            inARow.incrementAndGet();
        } catch (RuntimeException error) {
            lastError = error.toString();
            errors.incrementAndGet();
            inARow.set(0);
        }
    }

    private void write(int at, String value) {
        String key = keys.get(at);
        try {
            commands.set(key, value);
        } catch (RuntimeException unknown) {
            Set<String> before = allowed.get(key);
            allowed.put(key, before == null ? Set.of(value, "null") : both(before, value));
            keys.set(at, freshKey());
            throw unknown;
        }
        allowed.put(key, Set.of(value));
        assertEquals(List.of(value, value), commands.setBoth("{" + key + "}one", "{" + key + "}other", value), name);
    }

    private static Set<String> both(Set<String> acknowledged, String unknown) {
        Set<String> values = new HashSet<>(acknowledged);
        values.add(unknown);
        return Set.copyOf(values);
    }

    private void check(int at) {
        String key = keys.get(at);
        Set<String> possible = allowed.getOrDefault(key, Set.of("null"));
        String value = String.valueOf(commands.get(key));
        assertTrue(possible.contains(value), () -> name + ": " + key + " is " + value + ", not one of " + possible);
    }

    /** Rounds without error count from now on. */
    void beginAnew() {
        inARow.set(0);
    }

    /** Waits until it has gone on without any error for a while. */
    void awaitServed(int seconds) {
        Await.until(
                () -> name + " is served; it has " + inARow + " in a row, and " + inSum(),
                seconds,
                () -> inARow.get() >= ROUNDS_IN_A_ROW || failure != null);
        check();
    }

    private void check() {
        if (failure != null) {
            throw new AssertionError("the client " + name + " was answered wrongly", failure);
        }
    }

    boolean isAtWork() {
        return thread.isAlive();
    }

    /** Ends its work, and says what it was like. */
    @Override
    public void close() {
        ending = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        System.out.println(name + ": " + inSum());
    }

    private String inSum() {
        return "%s rounds, %s ended in an error, the last %s".formatted(rounds, errors, lastError);
    }

    /** After its end: reads everything that it has written once more, through another client. */
    void checkAll(Commands other) {
        check();
        allowed.forEach((key, possible) -> {
            String value = String.valueOf(other.get(key));
            assertTrue(possible.contains(value), () -> name + ": " + key + " is " + value + ", not one of " + possible);
        });
    }
}
