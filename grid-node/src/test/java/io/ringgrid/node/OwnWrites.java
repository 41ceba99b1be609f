package io.ringgrid.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.Grid;
import io.ringgrid.GridMap;
import io.ringgrid.GridUnavailableException;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.Versioned;
import io.ringgrid.node.binary.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads of embedded members that write without a pause, and what must come of it: numbers that all count up together, by
 * INCREMENT and by comparing versions, rise once for each success; and what one thread alone writes is what it reads.
 * Thread-safe.
 */
public final class OwnWrites {
    private static final int KEYS = 40;
    private static final int ENOUGH = 2_000;

    private final AtomicIntegerArray incremented = new AtomicIntegerArray(KEYS);
    private final AtomicIntegerArray compared = new AtomicIntegerArray(KEYS);
    private final AtomicIntegerArray unknown = new AtomicIntegerArray(KEYS);
    private final AtomicIntegerArray unknownCompared = new AtomicIntegerArray(KEYS);
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong unavailable = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ending;

    /** Three threads of this member begin; they end when it is closed, or by {@link #end}. */
    public void begin(Grid node, String name) {
        GridMap<String, Long> map = node.map("own-writes", String.class, Long.class);
        run(key -> increment(map, key));
        run(key -> compare(map, key));
        long[] mine = new long[KEYS];
        boolean[] known = new boolean[KEYS];
        run(key -> own(map, name + key, key, mine, known));
    }

    private void run(IntConsumer turn) {
        Thread thread = new Thread(() -> {
            for (int i = 0; !ending && failure.get() == null; i++) {
                try {
                    turn.accept(i % KEYS);
                    done.incrementAndGet();
                } catch (GridUnavailableException e) {
                    unavailable.incrementAndGet();
                    if (String.valueOf(e.getMessage()).contains("closed")) {
                        return;
                    }
                }
            }
        });
        thread.setUncaughtExceptionHandler((dead, cause) -> failure.compareAndSet(null, cause));
        threads.add(thread);
        thread.start();
    }

    private void increment(GridMap<String, Long> map, int key) {
        try {
            map.increment("increment" + key, 1);
            incremented.incrementAndGet(key);
        } catch (OutcomeUnknownException e) {
            unknown.incrementAndGet(key);
        }
    }

    private void compare(GridMap<String, Long> map, int key) {
        String name = "compare" + key;
        try {
            Versioned<Long> found = map.getVersioned(name);
            boolean did = found == null
                    ? map.putIfAbsent(name, 1L)
                    : map.replaceIfVersion(name, found.value() + 1, found.version());
            if (did) {
                compared.incrementAndGet(key);
            }
        } catch (OutcomeUnknownException e) {
            unknownCompared.incrementAndGet(key);
        }
    }

    /** Only this thread writes the key: it reads what it wrote last, if it knows. */
    private static void own(GridMap<String, Long> map, String name, int key, long[] mine, boolean[] known) {
        Long found = map.get(name);
        if (known[key]) {
            assertEquals(mine[key] == 0 ? null : mine[key], found, name);
        }
        long next = mine[key] + 1;
        known[key] = false;
        try {
            if (next % 7 == 0) {
                boolean removed = map.remove(name);
                assertTrue(removed || found == null, name);
                mine[key] = 0;
            } else {
                map.put(name, next);
                mine[key] = next;
            }
            known[key] = true;
        } catch (OutcomeUnknownException e) {
            mine[key] = next;
        } catch (GridUnavailableException e) {
            known[key] = found != null && mine[key] == found;
            throw e;
        }
    }

    /** Waits until much more was written. */
    public void more(String what) {
        long before = done.get();
        Await.until(
                () -> what + ": they go on; " + (done.get() - before) + " more",
                60,
                () -> failure.get() != null || done.get() > before + ENOUGH);
        assertNull(failure.get(), what);
        System.out.println("own writes, " + what + ": " + done + " done, " + unavailable + " surely not");
    }

    /** Ends all threads. */
    public void end() throws InterruptedException {
        ending = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** Looks, by a member that goes on, whether every number is what it must be; after {@link #end}. */
    public void check(Grid node) {
        assertNull(failure.get());
        GridMap<String, Long> map = node.map("own-writes", String.class, Long.class);
        for (int key = 0; key < KEYS; key++) {
            check("increment" + key, map, incremented.get(key), unknown.get(key));
            check("compare" + key, map, compared.get(key), unknownCompared.get(key));
        }
    }

    private static void check(String name, GridMap<String, Long> map, int least, int unknown) {
        Long value = map.get(name);
        assertTrue(
                value != null && value >= least && value <= least + unknown,
                name + " is " + value + " after " + least + " and " + unknown + " of which nobody knows");
    }
}
