package io.ringgrid.node.cli;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long operations took, in buckets that grow by a sixteenth: so a percentile is at most 6 % too large. Thread-safe.
 *
 * <p>Below 16 µs each microsecond has its bucket. From there on, a time of {@code b} bits is shifted right by
 * {@code s = b − 5}, which leaves five bits, and lies in bucket {@code 16 s} plus these.
 */
final class Latencies {
    private static final int SUB_BITS = 4;
    private static final int SUB = 1 << SUB_BITS;
    private static final int BUCKETS = (Long.SIZE - SUB_BITS) * SUB;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);

    /** Adds one. */
    void add(long nanos) {
        counts.incrementAndGet(bucket(Math.max(0, nanos / 1000)));
    }

    private static int bucket(long micros) {
        if (micros < SUB) {
            return (int) micros;
        }
        int shift = Long.SIZE - 1 - SUB_BITS - Long.numberOfLeadingZeros(micros);
        return shift * SUB + (int) (micros >>> shift);
    }

    /** The largest time that is in a bucket. */
    private static long last(int bucket) {
        if (bucket < 2 * SUB) {
            return bucket;
        }
        int shift = bucket / SUB - 1;
        long first = (long) (bucket % SUB + SUB) << shift;
        return first + (1L << shift) - 1;
    }

    /** How many there are. */
    long count() {
        long count = 0;
        for (int i = 0; i < BUCKETS; i++) {
            count += counts.get(i);
        }
        return count;
    }

    /** In how many microseconds this share of them was done; 0 if there is none. */
    long micros(double share) {
        long wanted = (long) Math.ceil(count() * share);
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += counts.get(i);
            if (seen >= wanted && seen > 0) {
                return last(i);
            }
        }
        return 0;
    }
}
