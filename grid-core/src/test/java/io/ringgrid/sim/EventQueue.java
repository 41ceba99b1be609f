package io.ringgrid.sim;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is to happen in one simulation, by time, and of one time by number. Not thread-safe.
 *
 * <p>A binary heap, and beside it a line for the events that all come equally long after they are noted, as the ends of a
 * client's patience do: they come in the order in which they were noted. They are most of what waits, and nearly none of
 * what happens next, so that the heap stays small without them.
 */
final class EventQueue {
    /**
     * Something that is to happen.
     *
     * @param member to whom; null if to nobody alone
     */
    record Event(long at, long order, @Nullable SimMember member, Runnable what) {
        boolean isBefore(Event other) {
            return at != other.at ? at < other.at : order < other.order;
        }
    }

    private static final int LEAST = 64;

    private @Nullable Event[] heap = new Event[LEAST];
    private int size;
    private final ArrayDeque<Event> line = new ArrayDeque<>();

    boolean isEmpty() {
        return size == 0 && line.isEmpty();
    }

    /** Notes an event. */
    void add(Event event) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        int hole = size++;
        while (hole > 0) {
            int parent = (hole - 1) >>> 1;
            Event above = at(parent);
            if (!event.isBefore(above)) {
                break;
            }
            heap[hole] = above;
            hole = parent;
        }
        heap[hole] = event;
    }

    /** Notes an event that comes after all others that were noted by this method. */
    void addLast(Event event) {
        Event last = line.peekLast();
        if (last != null && event.isBefore(last)) {
            throw new IllegalArgumentException("an event at " + event.at + " behind one at " + last.at);
        }
        line.add(event);
    }

    /** Takes the next event; there must be one. */
    Event remove() {
        Event first = line.peekFirst();
        if (first != null && (size == 0 || first.isBefore(at(0)))) {
            return line.remove();
        }
        return removeFromHeap();
    }

    private Event removeFromHeap() {
        Event top = at(0);
        Event last = at(--size);
        heap[size] = null;
        if (size == 0) {
            return top;
        }
        int hole = 0;
        for (int child = 1; child < size; child = 2 * hole + 1) {
            Event least = at(child);
            if (child + 1 < size && at(child + 1).isBefore(least)) {
                least = at(++child);
            }
            if (!least.isBefore(last)) {
                break;
            }
            heap[hole] = least;
            hole = child;
        }
        heap[hole] = last;
        return top;
    }

    private Event at(int place) {
        Event event = heap[place];
        if (event == null) {
            throw new IllegalStateException("nothing at " + place + " of " + size);
        }
        return event;
    }
}
