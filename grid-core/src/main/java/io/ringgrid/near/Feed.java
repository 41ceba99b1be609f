package io.ringgrid.near;

import java.util.HashMap;
import java.util.Map;

/**
 * What one connection follows, and what it is told. Thread-safe.
 *
 * <p>A reader that is too slow is told once that all it has must go, and follows nothing until it asks again: what waits
 * for it is bounded, and no write ever waits.
 */
public final class Feed {
    /** A connection, as a feed needs it. Called with locks held, of which one is the feed's: it only enqueues. */
    public interface Sink {
        /** Sends an invalidation behind everything that was sent before. */
        void send(long number, Invalidation what);

        /** Whether more waits for the reader than should. */
        boolean isFull();
    }

    /** One map's partition that a connection follows. Guarded by its feed. */
    static final class Watch {
        final Feed feed;
        final int map;
        final int partition;
        boolean active = true;
        /** Invalidations since it was asked last. */
        int unasked;

        Watch(Feed feed, int map, int partition) {
            this.feed = feed;
            this.map = map;
            this.partition = partition;
        }
    }

    /** After so many changes without a question it follows a partition no longer: nobody may be reading there. */
    static final int MOST_UNASKED = 1024;

    /** So much one connection follows at the most: each costs the member some 100 bytes. */
    static final int MOST_WATCHES = 1 << 16;

    private final Feeds feeds;
    private final Sink sink;
    private final Map<Long, Watch> watches = new HashMap<>();
    private boolean closed;
    private volatile long number;

    Feed(Feeds feeds, Sink sink) {
        this.feeds = feeds;
        this.sink = sink;
    }

    /** Of the last invalidation that was sent. */
    public long number() {
        return number;
    }

    /**
     * The connection asks for an entry: from before it is read on, it is told of all changes in this map and partition.
     *
     * @return whether it is; if not, the answer must not be kept
     */
    public synchronized boolean follow(int map, int partition) {
        Watch known = watches.get(Lot.key(map, partition));
        if (known != null) {
            known.unasked = 0;
            return true;
        }
        Watch added = new Watch(this, map, partition);
        if (closed || watches.size() >= MOST_WATCHES || !feeds.add(added)) {
            return false;
        }
        watches.put(Lot.key(map, partition), added);
        return true;
    }

    /** The connection is over. */
    public synchronized void close() {
        closed = true;
        endAll();
    }

    private void endAll() {
        for (Watch watch : watches.values()) {
            watch.active = false;
            feeds.remove(watch);
        }
        watches.clear();
    }

    /** Tells of a change; false if this is followed no longer. */
    synchronized boolean tell(Watch watch, Invalidation.Kind kind, long bits) {
        if (!watch.active) {
            return false;
        }
        if (sink.isFull()) {
            endAll();
            send(new Invalidation(Invalidation.Kind.ALL, 0, 0, 0));
            return false;
        }
        if (kind == Invalidation.Kind.LOT || ++watch.unasked > MOST_UNASKED) {
            watch.active = false;
            watches.remove(Lot.key(watch.map, watch.partition));
            send(new Invalidation(Invalidation.Kind.LOT, watch.map, watch.partition, 0));
            return false;
        }
        send(new Invalidation(kind, watch.map, watch.partition, bits));
        return true;
    }

    private void send(Invalidation what) {
        long next = number + 1;
        sink.send(next, what);
        // Afterwards: an answer that names a number must never overtake what has it.
        number = next;
    }
}
