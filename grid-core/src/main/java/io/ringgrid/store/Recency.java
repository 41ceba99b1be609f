package io.ringgrid.store;

import java.util.concurrent.atomic.LongAdder;

/**
 * When entries were used, in 16 bits each: a clock that goes by what is written, since only then does it matter who was used
 * before whom. It advances each time when an eight-thousandth of all entries has been written, so that it takes eight times as
 * many writes as there are entries until it begins anew. Thread-safe; ticks that are lost to a race make it a little slower.
 */
final class Recency {
    private static final int STEPS = 8 << 10;

    private final LongAdder entries;
    private int now;
    private long left;

    /** With how many entries there are. */
    Recency(LongAdder entries) {
        this.entries = entries;
    }

    /** The mark of an entry that is written now. */
    short written() {
        if (--left < 0) {
            now++;
            left = entries.sum() / STEPS;
        }
        return (short) now;
    }

    /** The mark of one that is read now. */
    short read() {
        return (short) now;
    }

    /** How long ago a mark was set. */
    int age(short mark) {
        return (now - mark) & 0xffff;
    }
}
