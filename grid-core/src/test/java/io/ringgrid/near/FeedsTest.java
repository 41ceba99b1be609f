package io.ringgrid.near;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.replica.Mutation;
import io.ringgrid.store.Store;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who is told of what, in which numbers. */
class FeedsTest {
    private static final byte[] KEY = {'k'};
    private static final byte[] NONE = {};
    private static final long HASH = Store.hash(5, KEY, 0, 1);

    private static final Mutation CHANGE = put(5);

    private static final class Reader implements Feed.Sink {
        final List<Invalidation> heard = new ArrayList<>();
        volatile boolean full;

        @Override
        public synchronized void send(long number, Invalidation what) {
            heard.add(what);
            assertEquals(heard.size(), number, "numbers are contiguous");
        }

        @Override
        public boolean isFull() {
            return full;
        }

        synchronized List<Invalidation> take() {
            List<Invalidation> all = List.copyOf(heard);
            for (int i = 0; i < heard.size(); i++) {
                heard.set(i, new Invalidation(Invalidation.Kind.ALL, -1, -1, -1));
            }
            return all.stream().filter(what -> what.map() != -1).toList();
        }
    }

    private final Feeds feeds = new Feeds(4, () -> true);
    private final Reader reader = new Reader();
    private final Feed feed = feeds.open(reader);

    private static Mutation put(int map) {
        return new Mutation(Mutation.Kind.PUT, 1, 1, map, KEY, NONE, 0, 0);
    }

    private static Mutation of(Mutation.Kind kind, int map, long time, List<Mutation> parts) {
        return new Mutation(kind, 1, 0, map, kind == Mutation.Kind.REMOVE ? KEY : NONE, NONE, 0, time, 0, parts, null);
    }

    private static Invalidation key(int partition) {
        return new Invalidation(Invalidation.Kind.KEY, 5, partition, HASH);
    }

    private static Invalidation lot(int partition) {
        return new Invalidation(Invalidation.Kind.LOT, 5, partition, 0);
    }

    @Test
    void onlyWhoFollowsAMapAndPartitionIsTold() {
        feeds.changed(2, put(5));
        feed.follow(5, 2);
        feed.follow(5, 2);
        feeds.changed(2, put(5));
        feeds.changed(2, put(6));
        feeds.changed(1, put(5));
        feeds.changed(2, of(Mutation.Kind.REMOVE, 5, 0, List.of()));
        assertEquals(List.of(key(2), key(2)), reader.take());
        assertEquals(2, feed.number());
    }

    @Test
    void eachKindOfChangeIsTold() {
        feed.follow(5, 2);
        feeds.changed(2, of(Mutation.Kind.COMPOUND, 0, 0, List.of(put(6), put(5), put(5))));
        feeds.changed(2, of(Mutation.Kind.TICK, 0, 77, List.of()));
        feeds.changed(2, of(Mutation.Kind.CLEAR_LATER, 5, 88, List.of()));
        feeds.changed(2, of(Mutation.Kind.CLEAR, 6, 0, List.of()));
        assertEquals(List.of(key(2), key(2), new Invalidation(Invalidation.Kind.EXPIRED, 5, 2, 77)), reader.take());
        feeds.changed(2, of(Mutation.Kind.CLEAR, 5, 0, List.of()));
        assertEquals(List.of(lot(2)), reader.take());
        feeds.changed(2, put(5));
        assertEquals(List.of(), reader.take(), "after a clear nothing is followed");
        feed.follow(5, 2);
        feeds.changed(2, put(5));
        assertEquals(List.of(key(2)), reader.take());
    }

    @Test
    void aRoleThatIsLostIsTold() {
        feed.follow(5, 1);
        feed.follow(5, 2);
        feeds.unserved(2);
        feeds.unserved(2);
        feeds.changed(2, put(5));
        feeds.changed(1, put(5));
        assertEquals(List.of(lot(2), key(1)), reader.take());
    }

    @Test
    void aSlowReaderIsToldOnceToForgetEverything() {
        feed.follow(5, 1);
        feed.follow(5, 2);
        reader.full = true;
        for (int i = 0; i < 1000; i++) {
            feeds.changed(1, put(5));
            feeds.changed(2, put(5));
        }
        assertEquals(List.of(new Invalidation(Invalidation.Kind.ALL, 0, 0, 0)), reader.take());
        reader.full = false;
        feeds.changed(1, put(5));
        assertEquals(List.of(), reader.take());
        feed.follow(5, 1);
        feeds.changed(1, put(5));
        assertEquals(List.of(key(1)), reader.take());
    }

    @Test
    void nothingIsLeftOfWhatASlowReaderFollowed() {
        feed.follow(5, 1);
        feed.follow(5, 2);
        feed.follow(6, 3);
        assertEquals(3, feeds.watched());
        reader.full = true;
        feeds.changed(1, put(5));
        assertEquals(0, feeds.watched());
        feed.close();
        feed.follow(5, 1);
        assertEquals(0, feeds.watched());
    }

    @Test
    void whoDoesNotAskAnyMoreIsToldNoMore() {
        feed.follow(5, 1);
        for (int i = 0; i < Feed.MOST_UNASKED; i++) {
            feeds.changed(1, put(5));
        }
        assertEquals(Feed.MOST_UNASKED, reader.take().size());
        feed.follow(5, 1);
        feeds.changed(1, put(5));
        assertEquals(List.of(key(1)), reader.take());
        for (int i = 0; i < 2 * Feed.MOST_UNASKED; i++) {
            feeds.changed(1, put(5));
        }
        List<Invalidation> heard = reader.take();
        assertEquals(Feed.MOST_UNASKED, heard.size());
        assertEquals(lot(1), heard.get(heard.size() - 1));
    }

    @Test
    void whoHasGoneIsToldNothing() {
        feed.follow(5, 1);
        feed.close();
        feeds.changed(1, put(5));
        feed.follow(5, 1);
        feeds.changed(1, put(5));
        assertEquals(List.of(), reader.take());
    }

    @Test
    void oneConnectionCannotFollowWithoutEnd() {
        Feeds large = new Feeds(1024, () -> true);
        Feed greedy = large.open(reader);
        for (int i = 0; i < Feed.MOST_WATCHES; i++) {
            assertTrue(greedy.follow(i / 1024, i % 1024));
        }
        assertFalse(greedy.follow(5000, 3));
        assertTrue(greedy.follow(0, 3), "what is followed already");
        assertFalse(large.open(reader).follow(0, 1024), "no such partition");
        greedy.close();
        assertFalse(greedy.follow(0, 3));
        assertTrue(large.open(reader).follow(0, 3));
    }

    /**
     * A question and a change that meet: either the question finds the new value, or the change finds the question. The
     * value is as a store shows it: written with release, read with acquire. Two threads go through the same cases side by
     * side, each a little ahead now and then.
     */
    @Test
    void noChangeSlipsBetweenAQuestionAndItsAnswer() throws Exception {
        int cases = 40_000;
        Meeting[] meetings = new Meeting[cases];
        Arrays.setAll(meetings, i -> new Meeting());
        AtomicInteger writing = new AtomicInteger();
        AtomicInteger asking = new AtomicInteger();
        FutureTask<Void> writer = new FutureTask<>(
                () -> {
                    for (int i = 0; i < cases; i++) {
                        meet(writing, asking, i, i % 61);
                        meetings[i].write();
                    }
                },
                null);
        new Thread(writer, "writer").start();
        for (int i = 0; i < cases; i++) {
            meet(asking, writing, i, i % 7);
            meetings[i].ask();
        }
        writer.get();
        for (int i = 0; i < cases; i++) {
            assertTrue(meetings[i].seen == 1 || meetings[i].told, "case " + i + ": nobody told of the change");
        }
    }

    private static void meet(AtomicInteger mine, AtomicInteger other, int at, int delay) {
        mine.set(at + 1);
        while (other.get() <= at) {
            Thread.onSpinWait();
        }
        for (int left = delay; left > 0; left--) {
            Thread.onSpinWait();
        }
    }

    private static final class Meeting implements Feed.Sink {
        final Feeds feeds = new Feeds(1, () -> true);
        final Feed feed = feeds.open(this);
        final AtomicInteger value = new AtomicInteger();
        int seen;
        volatile boolean told;

        void write() {
            value.setRelease(1);
            feeds.changed(0, CHANGE);
        }

        void ask() {
            feed.follow(5, 0);
            seen = value.getAcquire();
        }

        @Override
        public void send(long number, Invalidation what) {
            told = true;
        }

        @Override
        public boolean isFull() {
            return false;
        }
    }
}
