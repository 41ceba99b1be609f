package io.ringgrid.route;

import io.ringgrid.ring.Id;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The operations of one partition, in their order. Guarded by its {@link Router}. */
final class Lane {
    final int partition;
    /** Those that are not under way, by their order. */
    final TreeMap<Long, Call> waiting = new TreeMap<>();
    /** The numbers of those that are unanswered. */
    final TreeSet<Long> numbers = new TreeSet<>();
    /** How many are under way, overtaken ones not counted; all of them at {@link #target}. */
    int underWay;

    @Nullable
    Id target;
    /** One was refused: nothing is sent until all that are under way have come back. */
    boolean draining;
    /** Nothing is sent before this moment. */
    long notBefore;
    /** Since when {@link #waiting} has not been empty. */
    long waitingSince;

    /** Whether something waits or is under way; for any thread. */
    volatile boolean busy;

    Lane(int partition, long nanos) {
        this.partition = partition;
        this.notBefore = nanos;
    }
}
