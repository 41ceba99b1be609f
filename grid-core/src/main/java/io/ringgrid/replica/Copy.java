package io.ringgrid.replica;

import io.ringgrid.op.Operation;
import io.ringgrid.replica.Mutation.Kind;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.store.Space;
import io.ringgrid.store.Store;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * One partition's data on one member: entries, clock, and how far the stream has been applied. Guarded by its
 * {@link Replica}; the store may be read, and {@link #clock} and {@link #lastRemoval} asked, by any thread.
 *
 * <p><b>Absence is evidence</b> (PROTOCOL.md 4): whoever misses a key must know whether the removal that he saw is
 * committed. So the seq of the last removal is kept for each of {@value #BUCKETS} groups of keys, and written before the
 * entry goes.
 *
 * <p><b>Time is a mutation</b> (PROTOCOL.md 9): an entry is visible while its expiry lies after {@link #clock}, which
 * only a TICK moves. Invisible entries are freed when it does, some at a time.
 *
 * <p>What is known of callers' requests ({@link Sessions}) goes with the stream as well; but each copy forgets it by itself.
 *
 * <p><b>A promised CLEAR</b> is part of the copy, and so outlives the member that was asked for it.
 */
final class Copy {
    static final int BUCKETS = 64;
    private static final int FREED_AT_ONCE = 256;

    final Store store;
    final Sessions sessions;
    private final AtomicLongArray removals = new AtomicLongArray(BUCKETS);
    private final EntryCursor cursor = new EntryCursor();
    private volatile long clock;
    /** This member's wall clock, as it was told last. */
    private long wall;

    private long lastTick;
    private long applied;
    private long expirations;
    private Map<Integer, Map<ByteBuffer, Long>> tombstones = new HashMap<>();
    private final Map<Integer, Long> clearedWhileFilling = new HashMap<>();
    /** The CLEAR_LATER of each map that has one. */
    private final TreeMap<Integer, Mutation> promised = new TreeMap<>();

    private boolean filling;
    /** What is applied now is a tail. */
    private boolean takesTail;
    /** The entries of tails for which there was no room. */
    private final List<Mutation> unkept = new ArrayList<>();

    private final Space space;

    Copy(Space space, int sessionBytes) {
        this.space = space;
        store = new Store(space);
        sessions = new Sessions(sessionBytes);
    }

    long applied() {
        return applied;
    }

    long clock() {
        return clock;
    }

    long lastTick() {
        return lastTick;
    }

    /** What this member's wall clock says now: whatever is written from now on is used now. */
    void wall(long millis) {
        wall = millis;
    }

    long expirations() {
        return expirations;
    }

    private static int bucket(long hash) {
        return (int) (hash & (BUCKETS - 1));
    }

    /** The seq of the last removal that may concern a key of this hash. */
    long lastRemoval(long hash) {
        return removals.get(bucket(hash));
    }

    /** Everything goes; the stream follows from {@code base}. */
    void restart(long nanos, long base, long newClock, long newLastTick, boolean toBeFilled) {
        for (int i = 0; i < BUCKETS; i++) {
            removals.set(i, base);
        }
        store.wipe();
        applied = base;
        clock = newClock;
        lastTick = newLastTick;
        filling = toBeFilled;
        tombstones = new HashMap<>();
        clearedWhileFilling.clear();
        promised.clear();
        unkept.clear();
        sessions.restart(nanos);
    }

    /** Everything has arrived. */
    void filled() {
        filling = false;
        tombstones = new HashMap<>();
        clearedWhileFilling.clear();
    }

    /** Applies the next mutation of the stream. */
    void apply(long nanos, Mutation mutation) {
        apply(nanos, mutation, null);
    }

    /**
     * The same where there is no memory to spare.
     *
     * @param outcome of this mutation and others that follow, if that has been freed which goes by them
     */
    void apply(long nanos, Mutation mutation, @Nullable Outcome outcome) {
        if (mutation.seq() != applied + 1) {
            throw new IllegalStateException("mutation " + mutation.seq() + " after " + applied);
        }
        applied = mutation.seq();
        change(mutation, outcome);
        note(nanos, mutation);
    }

    private void note(long nanos, Mutation mutation) {
        Row row = mutation.row();
        if (row != null) {
            sessions.put(row, mutation.seq(), nanos);
        }
    }

    private void change(Mutation mutation, @Nullable Outcome outcome) {
        switch (mutation.kind()) {
            case PUT -> {
                if (outcome == null || outcome.stays(mutation)) {
                    put(mutation);
                }
            }
            case REMOVE -> remove(mutation.map(), mutation.key(), mutation.seq());
            case CLEAR -> clear(mutation.map(), mutation.seq());
            case TICK -> tick(mutation.seq(), mutation.time());
            case COMPOUND -> mutation.parts().forEach(part -> change(part, outcome));
            case CLEAR_LATER -> promised.put(mutation.map(), mutation);
            case NOTE -> {}
        }
    }

    /**
     * Applies a mutation of another copy's tail, of which nothing may be refused, since it may be committed. An entry for which
     * there is no room is not kept, and has to be evicted by whoever takes over: {@link #takeUnkept}.
     */
    void applyTail(long nanos, Mutation mutation) {
        takesTail = true;
        apply(nanos, mutation);
        takesTail = false;
    }

    /** Whether entries are missing that {@link #takeUnkept} has not told yet. */
    boolean lacks() {
        return !unkept.isEmpty();
    }

    /** The entries that are to be evicted because this copy, in sync, does not have them; they are then forgotten. */
    List<Mutation> takeUnkept() {
        List<Mutation> missing = unkept.stream()
                .filter(put -> !store.peek(put.map(), put.key(), 0, put.key().length, cursor))
                .toList();
        unkept.clear();
        return missing;
    }

    private void put(Mutation entry) {
        if (takesTail && !space.hasRoomFor(entry.bytes())) {
            store.remove(entry.map(), entry.key(), 0, entry.key().length);
            unkept.add(entry);
            return;
        }
        store.put(
                entry.map(),
                entry.key(),
                entry.value(),
                entry.flags(),
                entry.time(),
                entry.version(),
                entry.idle(),
                wall);
    }

    private void remove(int map, byte[] key, long seq) {
        removals.set(bucket(Store.hash(map, key, 0, key.length)), seq);
        store.remove(map, key, 0, key.length);
        if (filling) {
            tombstones.computeIfAbsent(map, unknown -> new HashMap<>()).put(ByteBuffer.wrap(key), seq);
        }
    }

    private void clear(int map, long seq) {
        for (int i = 0; i < BUCKETS; i++) {
            removals.set(i, seq);
        }
        store.clear(map);
        promised.remove(map);
        if (filling) {
            clearedWhileFilling.put(map, seq);
        }
    }

    /** The promised CLEARs, in the order of their maps. */
    List<Mutation> promised() {
        return promised.isEmpty() ? List.of() : List.copyOf(promised.values());
    }

    private void tick(long seq, long time) {
        lastTick = seq;
        clock = raised(clock, time);
        freeExpired();
    }

    /** The clock never goes back. */
    static long raised(long clock, long time) {
        return Math.max(clock, time);
    }

    /** Frees entries that are already invisible; a miss of one counts as seen at the last TICK. */
    void freeExpired() {
        expirations += store.expire(clock, FREED_AT_ONCE, entry -> {
            byte[] key = entry.copyKey();
            int bucket = bucket(Store.hash(entry.map, key, 0, key.length));
            if (removals.get(bucket) < lastTick) {
                removals.set(bucket, lastTick);
            }
        });
    }

    /**
     * A part of a copy, in the order of hashes.
     *
     * @param end the cursor behind it, or 0 if nothing is left
     * @param sum of everything that callers could see of it
     */
    record Stretch(long end, long sum) {}

    /**
     * Sums up what lies behind a cursor. Copies that have applied the same come to the same; what is expired they free
     * whenever they like, so that does not count.
     *
     * @param from 0 to begin
     * @param end where to stop; 0 if nowhere
     * @param maxBytes after how many bytes to stop
     */
    Stretch stretch(long from, long end, int maxBytes) {
        long[] sum = {clock};
        promised.values().forEach(promise -> sum[0] += promise.map() * 31L + promise.time());
        byte[][] scratch = {new byte[0]};
        long next = store.scan(from, end, maxBytes, entry -> {
            if (isVisible(entry)) {
                if (scratch[0].length < Store.scratchBytes(entry)) {
                    scratch[0] = new byte[Store.scratchBytes(entry)];
                }
                sum[0] += Store.fingerprint(entry, scratch[0]);
            }
        });
        return new Stretch(next, sum[0]);
    }

    /** Those of a chunk of a filling of which the stream has told nothing newer. */
    List<Mutation> newer(List<Mutation> chunk) {
        return chunk.stream()
                .filter(entry -> entry.kind() == Kind.PUT && isNewer(entry))
                .toList();
    }

    /** Whether an entry has not expired by this copy's clock. */
    boolean isVisible(EntryCursor entry) {
        return entry.expiry == Operation.NEVER || entry.expiry > clock;
    }

    /** Takes an entry of a filling, unless the stream has already told something newer of its key. */
    void take(long nanos, Mutation entry) {
        if (entry.kind() == Kind.NOTE) {
            note(nanos, entry);
        } else if (entry.kind() == Kind.CLEAR_LATER) {
            takePromise(entry);
        } else if (isNewer(entry)) {
            put(entry);
        }
    }

    private void takePromise(Mutation promise) {
        Mutation known = promised.get(promise.map());
        boolean replaced = known != null && known.seq() > promise.seq();
        if (!replaced && clearedWhileFilling.getOrDefault(promise.map(), 0L) < promise.seq()) {
            promised.put(promise.map(), promise);
        }
    }

    private boolean isNewer(Mutation entry) {
        Long removed = tombstones.getOrDefault(entry.map(), Map.of()).get(ByteBuffer.wrap(entry.key()));
        if (removed != null && removed > entry.seq()) {
            return false;
        }
        if (clearedWhileFilling.getOrDefault(entry.map(), 0L) > entry.seq()) {
            return false;
        }
        boolean found = store.peek(entry.map(), entry.key(), 0, entry.key().length, cursor);
        return !found || Version.seq(cursor.version) < entry.seq();
    }
}
