package io.ringgrid.node.process;

import io.ringgrid.GridMap;
import io.ringgrid.GridUnavailableException;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.Versioned;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Keys whose values are 1, 2, 3, …, each set by one writer by compare-and-set, and the judge of those who read them: how old
 * what they read was, and whether it went backwards. Thread-safe: one thread writes, any may read.
 *
 * <p>A number is replaced at the latest when the write of the next one has returned, or something has shown that next
 * one. So what is counted is never more than the true age, and less by one answer's way at the most.
 */
final class RisingNumbers {
    private static final long UNKNOWN = Long.MIN_VALUE;

    private final int keys;
    /** For each key when each number was surely there; {@link #UNKNOWN} for one of which nobody has heard. */
    private final List<List<Long>> there = new ArrayList<>();

    RisingNumbers(int keys) {
        this.keys = keys;
        for (int i = 0; i < keys; i++) {
            there.add(new ArrayList<>());
        }
    }

    static String key(int index) {
        return "number:" + index;
    }

    private void there(int index, long number, long nanos) {
        List<Long> times = there.get(index);
        synchronized (times) {
            while (times.size() <= number) {
                times.add(UNKNOWN);
            }
            if (times.get((int) number) == UNKNOWN) {
                times.set((int) number, nanos);
            }
        }
    }

    /** Sets a key to its next number; false if that failed, or nobody knows. */
    boolean write(GridMap<String, Long> map, int index) {
        try {
            Versioned<Long> now = map.getVersioned(key(index));
            long next = 1;
            if (now != null) {
                there(index, now.value(), System.nanoTime());
                next = now.value() + 1;
            }
            boolean did = now == null
                    ? map.putIfAbsent(key(index), next)
                    : map.replaceIfVersion(key(index), next, now.version());
            if (did) {
                there(index, next, System.nanoTime());
            }
            return did;
        } catch (GridUnavailableException | OutcomeUnknownException e) {
            LockSupport.parkNanos(1_000_000);
            return false;
        }
    }

    /** One process that reads, with as many threads as it likes. */
    Reader reader(GridMap<String, Long> map) {
        return new Reader(map);
    }

    /** One process that reads. Thread-safe. */
    final class Reader {
        private final GridMap<String, Long> map;
        /** The highest number of each key that it has been told. */
        private final AtomicLongArray told = new AtomicLongArray(keys);

        private Reader(GridMap<String, Long> map) {
            this.map = map;
        }

        /**
         * Reads a key and judges what it was told.
         *
         * @return how long before the read began it was replaced, in nanoseconds, 0 if it was not; -1 if nobody answered
         * @throws AssertionError if it went backwards
         */
        long read(int index) {
            long before = told.get(index);
            long begun = System.nanoTime();
            Long number;
            try {
                number = map.get(key(index));
            } catch (GridUnavailableException e) {
                return -1;
            }
            long value = number == null ? 0 : number;
            if (value < before) {
                throw new AssertionError(key(index) + " went back from " + before + " to " + value);
            }
            told.accumulateAndGet(index, value, Math::max);
            Long gone = gone(index, value);
            return gone == null ? 0 : Math.max(0, begun - gone);
        }
    }

    private @Nullable Long gone(int index, long number) {
        List<Long> times = there.get(index);
        synchronized (times) {
            for (int later = (int) number + 1; later < times.size(); later++) {
                if (times.get(later) != UNKNOWN) {
                    return times.get(later);
                }
            }
            return null;
        }
    }
}
