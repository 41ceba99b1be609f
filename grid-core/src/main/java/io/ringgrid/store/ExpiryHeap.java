package io.ringgrid.store;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The pages that have entries with an expiry, those that may have the earliest on top: a binary heap in which each page knows its
 * place. An entry's expiry costs nothing beside its own bytes, since a page is looked through when its time has come; what it is
 * sorted by is not later than its earliest. Guarded by the writer.
 */
final class ExpiryHeap {
    private static final int LEAST = 4;

    private @Nullable Page[] heap = new Page[LEAST];
    private int size;

    @Nullable
    Page first() {
        return size == 0 ? null : heap[0];
    }

    /** From now on the page is sorted by this expiry; {@link Long#MAX_VALUE} = it has none. */
    void set(Page page, long earliest) {
        long before = page.earliest;
        page.earliest = earliest;
        if (page.heapIndex < 0) {
            if (earliest != Long.MAX_VALUE) {
                if (size == heap.length) {
                    heap = Arrays.copyOf(heap, size * 2);
                }
                rise(page, size++);
            }
        } else if (earliest == Long.MAX_VALUE) {
            remove(page);
        } else if (earliest < before) {
            rise(page, page.heapIndex);
        } else {
            sink(page, page.heapIndex);
        }
    }

    private void remove(Page page) {
        int hole = page.heapIndex;
        Page last = at(--size);
        heap[size] = null;
        page.heapIndex = -1;
        if (last != page) {
            rise(last, hole);
            sink(last, last.heapIndex);
        }
    }

    void clear() {
        heap = new Page[LEAST];
        size = 0;
    }

    /** Visits the pages that may have an entry with an expiry up to this. */
    void forEachDue(long clock, Consumer<Page> visitor) {
        forEachDue(clock, visitor, 0);
    }

    private void forEachDue(long clock, Consumer<Page> visitor, int from) {
        if (from < size && at(from).earliest <= clock) {
            visitor.accept(at(from));
            forEachDue(clock, visitor, 2 * from + 1);
            forEachDue(clock, visitor, 2 * from + 2);
        }
    }

    private Page at(int index) {
        Page page = heap[index];
        if (page == null) {
            throw new IllegalStateException("a hole at " + index + " in a heap of " + size);
        }
        return page;
    }

    private void put(Page page, int index) {
        heap[index] = page;
        page.heapIndex = index;
    }

    private void rise(Page page, int from) {
        int index = from;
        while (index > 0) {
            Page parent = at((index - 1) / 2);
            if (page.earliest >= parent.earliest) {
                break;
            }
            put(parent, index);
            index = (index - 1) / 2;
        }
        put(page, index);
    }

    private void sink(Page page, int from) {
        int index = from;
        while (2 * index + 1 < size) {
            int child = 2 * index + 1;
            if (child + 1 < size && at(child + 1).earliest < at(child).earliest) {
                child++;
            }
            if (at(child).earliest >= page.earliest) {
                break;
            }
            put(at(child), index);
            index = child;
        }
        put(page, index);
    }
}
