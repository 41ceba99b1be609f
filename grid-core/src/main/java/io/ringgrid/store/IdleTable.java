package io.ringgrid.store;

import java.util.Arrays;

/**
 * The entries that end when nobody uses them, in no order: a hand goes round and looks at a few at a time, since a queue in the
 * order of use would cost each read a write that all threads share. On the Java heap, since readers without a lock write when an
 * entry was used: one that comes late then says so of another entry, or of none, and spoils nothing. Guarded by the writer
 * otherwise.
 */
final class IdleTable {
    /** Bytes of one. */
    static final int ENTRY_BYTES = 24;

    private static final int LEAST = 4;

    private long[] records = new long[0];
    private long[] idles = new long[0];
    private volatile long[] usedAt = new long[0];
    private int size;
    private int hand;

    /** Makes room for one more; returns by how many bytes it grows. */
    long reserve() {
        if (size < records.length) {
            return 0;
        }
        return resize(Math.max(LEAST, size + size / 4));
    }

    /** Gives back what few entries do not need; returns by how many bytes it grows, which is less than none. */
    long trim() {
        return size < records.length / 4 || size == 0 ? resize(size + size / 4) : 0;
    }

    private long resize(int length) {
        long change = (long) (length - records.length) * ENTRY_BYTES;
        records = Arrays.copyOf(records, length);
        idles = Arrays.copyOf(idles, length);
        usedAt = Arrays.copyOf(usedAt, length);
        return change;
    }

    /** Where the next one will be. */
    int next() {
        return size;
    }

    /** Enters a record at {@link #next}. */
    void add(long record, long idle, long wall) {
        records[size] = record;
        idles[size] = idle;
        usedAt[size] = wall;
        size++;
    }

    /** Takes one out; the last one takes its place. Returns the record that has moved there, or 0. */
    long remove(int place) {
        size--;
        if (place == size) {
            return 0;
        }
        records[place] = records[size];
        idles[place] = idles[size];
        usedAt[place] = usedAt[size];
        return records[place];
    }

    /** Another record is at this place. */
    void set(int place, long record, long idle, long wall) {
        records[place] = record;
        idles[place] = idle;
        usedAt[place] = wall;
    }

    long recordAt(int place) {
        return records[place];
    }

    long bytes() {
        return (long) records.length * ENTRY_BYTES;
    }

    /** Forgets all; returns by how many bytes it grows, which is less than none. */
    long clear() {
        size = 0;
        return resize(0);
    }

    long idle(int place) {
        long[] all = idles;
        return place < all.length ? all[place] : 0;
    }

    long usedAt(int place) {
        long[] all = usedAt;
        return place < all.length ? all[place] : 0;
    }

    /** It is read or written now. */
    void use(int place, long wall) {
        long[] all = usedAt;
        if (place < all.length && all[place] < wall) {
            all[place] = wall;
        }
    }

    /** The next record, so many at the most looked at, that was not used for as long as it may be; 0 = none. */
    long idle(long wall, long from, int most) {
        for (int left = Math.min(most, size); left > 0; left--) {
            hand = hand + 1 < size ? hand + 1 : 0;
            if (Store.isIdle(idles[hand], usedAt[hand], wall, from)) {
                return records[hand];
            }
        }
        return 0;
    }
}
