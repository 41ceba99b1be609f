package io.ringgrid.node.process;

import io.ringgrid.sim.History;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What all recorded clients ask and hear, and what they know of each other. Thread-safe. */
final class Recording {
    /** What an event became, beside its answer. */
    enum Outcome {
        ANSWERED,
        REFUSED,
        UNKNOWN
    }

    final History history = new History();
    private final Map<String, Long> versions = new ConcurrentHashMap<>();
    private final AtomicLong values = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();

    /** A value that nobody else writes. */
    String freshValue() {
        return "v" + values.incrementAndGet();
    }

    /** Some client was told this version of a key, through whichever door: all doors name the same. */
    void saw(String key, long version) {
        versions.put(key, version);
    }

    /** A version of the key that somebody was told, perhaps the newest. */
    long knownVersion(String key) {
        return versions.getOrDefault(key, 1L);
    }

    void count(Outcome outcome) {
        switch (outcome) {
            case ANSWERED -> answered.incrementAndGet();
            case REFUSED -> refused.incrementAndGet();
            case UNKNOWN -> unknown.incrementAndGet();
        }
    }

    long answered() {
        return answered.get();
    }

    /** For people. */
    @Override
    public String toString() {
        return history.size() + " operations, " + answered + " answered, " + refused + " refused, " + unknown
                + " of unknown outcome";
    }
}
