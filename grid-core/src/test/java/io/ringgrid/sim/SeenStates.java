package io.ringgrid.sim;

import java.util.Arrays;

/**
 * The set of search states that have been met, as 128-bit hashes. Not thread-safe; reused, so that checking thousands of
 * small histories makes no garbage. Hashes instead of states (hash compaction: U. Stern and D. Dill, 1995): with ten
 * million states two of them are taken for one another with a probability below 10^-24.
 */
final class SeenStates {
    private static final int LEAST = 1 << 10;

    /** Pairs of longs; a pair of zeros is a free place. */
    private long[] table = new long[2 * LEAST];

    private int places = LEAST;
    private int size;

    void clear() {
        if (size > 0) {
            Arrays.fill(table, 0, 2 * places, 0);
            places = LEAST;
            size = 0;
        }
    }

    /** Adds a state; false if it was there. */
    boolean add(long high, long low) {
        long first = high == 0 && low == 0 ? 1 : high;
        if (!insert(first, low)) {
            return false;
        }
        if (++size > places / 2) {
            grow();
        }
        return true;
    }

    int size() {
        return size;
    }

    private boolean insert(long high, long low) {
        int at = (int) low & (places - 1);
        while (table[2 * at] != 0 || table[2 * at + 1] != 0) {
            if (table[2 * at] == high && table[2 * at + 1] == low) {
                return false;
            }
            at = (at + 1) & (places - 1);
        }
        table[2 * at] = high;
        table[2 * at + 1] = low;
        return true;
    }

    private void grow() {
        long[] old = Arrays.copyOf(table, 2 * places);
        places *= 2;
        if (table.length < 2 * places) {
            table = new long[2 * places];
        } else {
            Arrays.fill(table, 0, 2 * places, 0);
        }
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] != 0 || old[i + 1] != 0) {
                insert(old[i], old[i + 1]);
            }
        }
    }
}
