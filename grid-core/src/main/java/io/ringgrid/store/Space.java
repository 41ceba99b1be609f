package io.ringgrid.store;

import java.util.concurrent.atomic.LongAdder;

/**
 * A member's memory account, shared by all its partitions. Thread-safe. It only counts: who may not exceed the limit
 * asks first, and makes room by removing entries (PROTOCOL.md 9).
 */
public final class Space {
    private final long maxBytes;
    private final LongAdder used = new LongAdder();

    /**
     * An empty account.
     *
     * @param maxBytes the limit, at least 1
     */
    public Space(long maxBytes) {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("a space of " + maxBytes + " bytes");
        }
        this.maxBytes = maxBytes;
    }

    /** Bytes that the entries of all stores take now: keys, values, and {@link Store#ENTRY_OVERHEAD} for each. */
    public long usedBytes() {
        return used.sum();
    }

    /** The limit in bytes. */
    public long maxBytes() {
        return maxBytes;
    }

    /** How full it is, in thousandths; over 1000 when the limit is exceeded. */
    public int fillPermille() {
        return (int) Math.min(Integer.MAX_VALUE, (long) (usedBytes() * 1000.0 / maxBytes));
    }

    void add(long bytes) {
        used.add(bytes);
    }

    void subtract(long bytes) {
        used.add(-bytes);
    }
}
