package io.ringgrid.node.process;

import io.ringgrid.GridMap;
import io.ringgrid.GridUnavailableException;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.Versioned;
import io.ringgrid.client.GridClient;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A Java client that increments all counters by compare-and-set, one after the other, until it is told to end. */
final class JavaIncrementer {
    private static final int COUNTERS = 50;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final GridClient client;
    private final GridMap<String, Long> map;
    private final CounterTally tally;
    private final Thread thread;
    private volatile boolean ending;
    private volatile @Nullable Throwable failure;

    JavaIncrementer(GridClient client, CounterTally tally, int first) {
        this.client = client;
        this.tally = tally;
        map = client.map("default", String.class, Long.class);
        thread = new Thread(() -> run(first), "incrementer-" + first);
        thread.setUncaughtExceptionHandler((dead, cause) -> failure = cause);
        thread.start();
    }

    private void run(int first) {
        for (int turn = first; !ending; turn++) {
            increment("counter:" + turn % COUNTERS);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void increment(String key) {
        try {
            Versioned<Long> before = map.getVersioned(key);
            if (before == null) {
                throw new AssertionError(key + " is missing");
            }
            long number = before.value() + 1;
            if (map.replaceIfVersion(key, number, before.version())) {
                tally.counted(key, number);
            }
        } catch (GridUnavailableException notExecuted) {
            // A failover: the next turn tries again.
            return;
        } catch (OutcomeUnknownException e) {
            tally.unknown(key);
        }
    }

    /** Ends; fails if it has failed. */
    void end() throws InterruptedException {
        ending = true;
        thread.join();
        client.close();
        if (failure != null) {
            throw new AssertionError("a client failed", failure);
        }
    }
}
