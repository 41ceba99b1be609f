package io.ringgrid.near;

import io.ringgrid.replica.Changes;
import io.ringgrid.replica.Mutation;
import io.ringgrid.store.Store;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;

/**
 * A member's side of all near-caches: who follows which map's partition here, and what they are told. Thread-safe: changes
 * come under their partition's lock, questions on any thread.
 *
 * <p><b>When.</b> A change is told when it is <em>applied</em>, under the partition's lock, and so before it is committed,
 * and long before its caller hears of it. That is never too early: who then asks again waits until it is committed. If it
 * was told when it is committed, answers that wait for the same commit would have to be ordered with it.
 *
 * <p><b>Nobody is missed.</b> Who asks is noted before the value is read; who changes looks for the noted after the value is
 * changed; a full fence stands between on both sides. So of a question and a change either the question finds the new
 * value, or the change finds the noted.
 *
 * <p><b>Losing a role.</b> When the gate of a partition closes, its followers are told to drop it, before anybody can learn
 * that this member no longer serves it. It then answers a probe by its lease alone: without one it could not know what
 * others do. A gate also closes for a moment when only a copy comes or goes; what is dropped then is asked for again.
 *
 * <p>What is followed is a map's partition and not a key: so a member keeps some bytes for each, and not the keys of all
 * its readers. Readers hear of changes that do not concern them: 30 bytes each. If they do not ask for {@value
 * Feed#MOST_UNASKED} of them, they no longer do.
 */
public final class Feeds implements Changes {
    private static final Feed.Watch[] NOBODY = {};
    /** So much all connections together follow at the most; what is asked for beyond is answered, and not kept. */
    private static final int MOST_WATCHES = 1 << 20;

    private final AtomicReferenceArray<Feed.Watch[]> watches;
    private final AtomicInteger watched = new AtomicInteger();
    private final BooleanSupplier leased;

    /**
     * Nobody follows anything yet.
     *
     * @param partitions how many the cluster has
     * @param leased whether this member holds a lease, by clocks that are read when it is asked
     */
    public Feeds(int partitions, BooleanSupplier leased) {
        this.leased = leased;
        this.watches = new AtomicReferenceArray<>(partitions);
        for (int p = 0; p < partitions; p++) {
            watches.set(p, NOBODY);
        }
    }

    /** A connection that may follow. */
    public Feed open(Feed.Sink sink) {
        return new Feed(this, sink);
    }

    /** What is answered to a probe, with the feed's number, which is to be read afterwards. */
    public boolean isLeased() {
        return leased.getAsBoolean();
    }

    /** Notes a watch, unless there are too many of them, or no such partition. */
    boolean add(Feed.Watch watch) {
        if (watch.partition >= watches.length() || watched.get() >= MOST_WATCHES) {
            return false;
        }
        watched.incrementAndGet();
        watches.updateAndGet(watch.partition, all -> {
            Feed.Watch[] more = Arrays.copyOf(all, all.length + 1);
            more[all.length] = watch;
            return more;
        });
        VarHandle.fullFence();
        return true;
    }

    /** How many watches are noted. */
    int watched() {
        return watched.get();
    }

    void remove(Feed.Watch watch) {
        Feed.Watch[] before = watches.getAndUpdate(
                watch.partition,
                all -> Arrays.stream(all).filter(other -> other != watch).toArray(Feed.Watch[]::new));
        if (Arrays.asList(before).contains(watch)) {
            watched.decrementAndGet();
        }
    }

    @Override
    public void changed(int partition, Mutation mutation) {
        VarHandle.fullFence();
        if (watches.get(partition).length > 0) {
            tell(partition, mutation);
        }
    }

    private void tell(int partition, Mutation mutation) {
        switch (mutation.kind()) {
            case PUT, REMOVE -> {
                byte[] key = mutation.key();
                tell(partition, mutation.map(), Invalidation.Kind.KEY, Store.hash(mutation.map(), key, 0, key.length));
            }
            case CLEAR -> tell(partition, mutation.map(), Invalidation.Kind.LOT, 0);
            case TICK -> tell(partition, -1, Invalidation.Kind.EXPIRED, mutation.time());
            case COMPOUND -> mutation.parts().forEach(part -> tell(partition, part));
            case CLEAR_LATER, NOTE -> {}
        }
    }

    @Override
    public void unserved(int partition) {
        tell(partition, -1, Invalidation.Kind.LOT, 0);
    }

    /** Tells all who follow this map's partition; -1 for all maps. */
    private void tell(int partition, int map, Invalidation.Kind kind, long bits) {
        for (Feed.Watch watch : watches.get(partition)) {
            if ((map == -1 || watch.map == map) && !watch.feed.tell(watch, kind, bits)) {
                remove(watch);
            }
        }
    }
}
