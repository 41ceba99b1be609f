package io.ringgrid.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The entries that have an expiry, the earliest on top: a binary heap in which each entry knows its place, so that
 * removing any of them costs O(log n). Guarded by the writer. Equal expiries are ordered as the scan is, which makes the
 * order a total one, the same on every replica.
 */
final class ExpiryHeap {
    private static final int LEAST = 4;

    private @Nullable Entry[] heap = new Entry[LEAST];
    private int size;

    @Nullable
    Entry earliest() {
        return size == 0 ? null : heap[0];
    }

    void add(Entry entry) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        rise(entry, size++);
    }

    void remove(Entry entry) {
        int hole = entry.heapIndex;
        Entry last = at(--size);
        heap[size] = null;
        if (last != entry) {
            rise(last, hole);
            sink(last, last.heapIndex);
        }
        if (size < heap.length / 4 && heap.length > LEAST) {
            heap = Arrays.copyOf(heap, heap.length / 2);
        }
    }

    void clear() {
        heap = new Entry[LEAST];
        size = 0;
    }

    /** How many entries of this map have an expiry of {@code clock} or before; costs O(all that have expired). */
    long countDue(int map, long clock) {
        return countDue(map, clock, 0);
    }

    private long countDue(int map, long clock, int from) {
        if (from >= size || at(from).expiry > clock) {
            return 0;
        }
        return (at(from).map == map ? 1 : 0) + countDue(map, clock, 2 * from + 1) + countDue(map, clock, 2 * from + 2);
    }

    private Entry at(int index) {
        Entry entry = heap[index];
        if (entry == null) {
            throw new IllegalStateException("a hole at " + index + " in a heap of " + size);
        }
        return entry;
    }

    private void set(Entry entry, int index) {
        heap[index] = entry;
        entry.heapIndex = index;
    }

    private void rise(Entry entry, int from) {
        int index = from;
        while (index > 0) {
            Entry parent = at((index - 1) / 2);
            if (!isBefore(entry, parent)) {
                break;
            }
            set(parent, index);
            index = (index - 1) / 2;
        }
        set(entry, index);
    }

    private void sink(Entry entry, int from) {
        int index = from;
        while (2 * index + 1 < size) {
            int child = 2 * index + 1;
            if (child + 1 < size && isBefore(at(child + 1), at(child))) {
                child++;
            }
            if (!isBefore(at(child), entry)) {
                break;
            }
            set(at(child), index);
            index = child;
        }
        set(entry, index);
    }

    private static boolean isBefore(Entry a, Entry b) {
        return a.expiry != b.expiry ? a.expiry < b.expiry : a.compareTo(b) < 0;
    }
}
