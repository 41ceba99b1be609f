package io.ringgrid.node.process;

import io.ringgrid.node.process.Recording.Outcome;
import io.ringgrid.sim.History.Condition;
import io.ringgrid.sim.History.Event;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client that asks one thing after another of a few keys that it shares with others, and writes down when it asked, what
 * it heard, and when. Texts are set, swapped, extended and removed; counters are counted and removed. Thread-safe; what it
 * asks, it asks by one thread.
 */
abstract class RecordedClient implements AutoCloseable {
    private static final int TEXTS = 12;
    private static final int COUNTERS = 6;
    /** A client that was refused waits at most this long too, so it does not do nothing but be refused. */
    private static final long MOST_THINK_NANOS = TimeUnit.MILLISECONDS.toNanos(16);

    final Recording recording;
    final SplittableRandom random;
    private final String who;
    private final Thread thread;
    private volatile boolean ending;
    private volatile @Nullable Throwable failure;

    RecordedClient(String who, Recording recording, SplittableRandom random) {
        this.who = who;
        this.recording = recording;
        this.random = random;
        this.thread = new Thread(this::run, who);
    }

    final void start() {
        thread.start();
    }

    /** The keys that all clients share. */
    static String[] keys() {
        String[] keys = new String[TEXTS + COUNTERS];
        for (int key = 0; key < keys.length; key++) {
            keys[key] = key < TEXTS ? "text:" + key : "counter:" + (key - TEXTS);
        }
        return keys;
    }

    private void run() {
        String[] keys = keys();
        try {
            while (!ending) {
                int key = random.nextInt(keys.length);
                if (key < TEXTS) {
                    askText(keys[key]);
                } else {
                    askCounter(keys[key]);
                }
                LockSupport.parkNanos(random.nextLong(MOST_THINK_NANOS));
            }
        } catch (Throwable wrong) {
            failure = wrong;
        }
    }

    /** One operation on a text. */
    abstract void askText(String key);

    /** One operation on a counter. */
    abstract void askCounter(String key);

    /** One GET; what it hears is written down. */
    abstract Outcome read(String key);

    /** Drops its connections. */
    abstract void disconnect();

    // ---- what is invoked now ----

    final Event get(String key) {
        return recording.history.get(key, who, System.nanoTime());
    }

    final Event put(String key, String value, Condition condition, long ifVersion) {
        return recording.history.put(key, value, condition, ifVersion, who, System.nanoTime());
    }

    final Event append(String key, String piece, Condition condition) {
        return recording.history.extend(true, key, piece, condition, 0, who, System.nanoTime());
    }

    final Event increment(String key, long delta, Condition condition) {
        return recording.history.increment(key, delta, condition, who, System.nanoTime());
    }

    final Event remove(String key) {
        return recording.history.remove(key, Condition.ALWAYS, 0, who, System.nanoTime());
    }

    /** Fails if it was ever answered as it should not be. */
    final void check() {
        if (failure != null) {
            throw new AssertionError(who + " was answered wrongly", failure);
        }
    }

    /** Asks nothing more, after what is under way. */
    final void end() {
        ending = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public final void close() {
        end();
        disconnect();
    }
}
