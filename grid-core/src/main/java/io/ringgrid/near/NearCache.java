package io.ringgrid.near;

import io.ringgrid.Near;
import io.ringgrid.ObjectTypes;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.store.Store;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All that one process keeps near, and the rules by which it may be shown. A plain state machine; thread-safe by its own
 * monitor, under which it calls nobody. {@link NearMap#find} takes no lock.
 *
 * <p>What is promised: what is shown was the value at most {@link #BOUND} before the read began, and a process never reads
 * something older than what it has read or written before. What that needs:
 *
 * <ul>
 *   <li><b>Following.</b> A GET with a {@link Operation.Keeper} is a request to the primary of the key's partition: from
 *       before it reads the value on, the primary tells of every change in that map and partition, on the connection on
 *       which it answers, and before it answers whoever made the change ({@link Feeds}). Its answer names the epoch in which
 *       it read as a leased primary; any other answer is not kept.
 *   <li><b>Reservation.</b> An answer is kept only if nothing that concerns its key was heard since the request was sent:
 *       an answer that was read before the change may be sent after it.
 *   <li><b>Numbers.</b> Invalidations are numbered on each connection, and every answer says how many were sent before it.
 *       If one is missing, all that came on the connection goes. So does it when the connection ends.
 *   <li><b>Freshness.</b> Each {@link #HEARTBEAT} the connection is probed. The answer says: by now I have sent you all that
 *       was visible, and I hold a lease, so nobody else was primary of what I serve. So everything that came on the
 *       connection was current when the probe was <em>sent</em> or later; it may be shown for {@link #BOUND} from then on.
 *       After a silence nothing is shown until a probe is answered again; then, if no number is missing, nothing has been.
 *   <li><b>Epochs.</b> Whoever stops being primary says so before he answers a probe. If a newer epoch's answer comes first,
 *       what came of older ones goes, and is not kept any more.
 *   <li><b>Own reads and writes.</b> A write of this process ends what is kept and reserved of its key, when it is sent and
 *       again before its caller hears of it; and so does a read, by whichever way, that was told another version.
 * </ul>
 *
 * <p>Expiry needs no clock of its own: the partition's clock at the primary, once it is raised, is told like any change.
 */
public class NearCache {
    /** How old at the most what is shown may be when the read begins, in nanoseconds. */
    public static final long BOUND = 1_000_000_000L;
    /** How often a connection is probed, in nanoseconds. */
    public static final long HEARTBEAT = 250_000_000L;

    private static final int MOST_PROBES = 8;
    private static final long NANOS_PER_MILLI = 1_000_000;
    /** By so much the wall clock may outrun the monotonic one between two ticks. */
    private static final long SLEEP_MILLIS = 100;

    private static final int ANY = -1;
    /** A request that was not answered by then has been given up by all. */
    private static final long GIVEN_UP = 60_000_000_000L;

    /**
     * A probe that is to be sent.
     *
     * @param member to whom
     * @param correlation comes back with the answer
     */
    public record Probe(Id member, long correlation) {}

    private record Spec(String map, Class<?> keys, Class<?> values, Map<Integer, Class<?>> types, Near limits) {}

    private final Map<Spec, NearMap<?>> maps = new HashMap<>();
    private final Map<Id, Source> sources = new LinkedHashMap<>();
    private final Map<Long, NearEntry<?>> byHash = new HashMap<>();
    private final Map<Long, List<Reservation>> reserved = new HashMap<>();
    /** The newest epoch in which each partition has answered. */
    private final Map<Integer, Integer> epochs = new HashMap<>();

    private volatile boolean used;
    /** Of which maps, by their ids, something was ever asked to be kept; replaced when it changes. */
    private volatile boolean[] kept = {};

    private long lastProbe;
    private boolean ticked;
    private long lastTick;
    private long lastWall;

    // ---- rules, each a method so that the simulator can show what leaving it out does ----

    /** Whether the answer to this request may be kept. */
    boolean isReserved(Reservation reservation) {
        return !reservation.dead;
    }

    /** Whether a missing number means anything. */
    boolean mindsGaps() {
        return true;
    }

    /** Whether a connection's end ends what came on it. */
    boolean forgetsWithConnection() {
        return true;
    }

    // ---- maps ----

    /**
     * What is kept of this map with these types and limits; the same for the same.
     *
     * @param <V> the values' type
     */
    @SuppressWarnings("unchecked") // one spec has one type of values
    public synchronized <V> NearMap<V> map(
            String name, Class<?> keys, Class<V> values, ObjectTypes types, Near limits) {
        used = true;
        Spec spec = new Spec(name, keys, values, types.byId(), limits);
        return (NearMap<V>) maps.computeIfAbsent(spec, unknown -> new NearMap<V>(this, limits));
    }

    // ---- connections ----

    /** There is a new connection to this member; what comes on it counts from 0. */
    public synchronized void connected(long nanos, Id member) {
        Source former = sources.get(member);
        if (former != null && !forgetsWithConnection()) {
            former.last = 0;
            return;
        }
        end(member);
        sources.put(member, new Source(member, nanos));
    }

    /** The connection to this member is over. */
    public synchronized void disconnected(Id member) {
        if (forgetsWithConnection()) {
            end(member);
        }
    }

    private void end(Id member) {
        Source source = sources.remove(member);
        if (source != null) {
            drop(source);
            source.reservations.values().forEach(this::end);
        }
    }

    /** The cluster has been replaced by another one: nothing of it means anything any more. */
    public synchronized void replaced() {
        sources.values().forEach(this::drop);
        epochs.clear();
    }

    /**
     * Time passes: each few milliseconds. Returns the probes that are due.
     *
     * <p>The monotonic clock may stand still while a machine sleeps. If the wall clock has gone further, nothing is shown
     * before a probe is answered again.
     *
     * @param nanos the monotonic clock
     * @param wall this process's wall clock, in milliseconds
     */
    public synchronized List<Probe> tick(long nanos, long wall) {
        List<Probe> due = new ArrayList<>();
        boolean slept = ticked && wall - lastWall > (nanos - lastTick) / NANOS_PER_MILLI + SLEEP_MILLIS;
        ticked = true;
        lastTick = nanos;
        lastWall = wall;
        for (Source source : sources.values()) {
            if (slept) {
                source.probes.clear();
                source.freshUntil = nanos;
                source.probedAt = nanos - HEARTBEAT;
            }
            if (source.following && nanos - source.probedAt >= HEARTBEAT) {
                due.add(probe(nanos, source));
                giveUp(nanos, source);
            }
        }
        return due;
    }

    private Probe probe(long nanos, Source source) {
        source.following = true;
        source.probedAt = nanos;
        if (source.probes.size() == MOST_PROBES) {
            source.probes.remove(source.probes.keySet().iterator().next());
        }
        source.probes.put(++lastProbe, nanos);
        return new Probe(source.member, lastProbe);
    }

    private void giveUp(long nanos, Source source) {
        Iterator<Reservation> all = source.reservations.values().iterator();
        while (all.hasNext()) {
            Reservation next = all.next();
            if (nanos - next.sentAt < GIVEN_UP) {
                return;
            }
            all.remove();
            end(next);
        }
    }

    // ---- what is sent ----

    /**
     * A request is about to be sent on the connection to this member.
     *
     * @param op with its map and partition; nothing happens unless it is a GET with a keeper
     * @return a probe that is to be sent before it, or null
     */
    public @Nullable Probe sent(long nanos, Id member, long correlation, Operation op) {
        // Most operations of most clients end here, and so without the lock.
        return op.keeper instanceof NearMap.Wish<?> wish ? reserve(nanos, member, correlation, op, wish) : null;
    }

    private synchronized @Nullable Probe reserve(
            long nanos, Id member, long correlation, Operation op, NearMap.Wish<?> wish) {
        Source source = sources.get(member);
        if (source == null) {
            return null;
        }
        long hash = Store.hash(op.map, op.keyBytes, op.keyOffset, op.keyLength);
        keeps(op.map);
        Reservation reservation = new Reservation(wish, op.map, op.partition, hash, nanos);
        source.reservations.put(correlation, reservation);
        reserved.computeIfAbsent(hash, unknown -> new ArrayList<>(1)).add(reservation);
        return source.following ? null : probe(nanos, source);
    }

    private void keeps(int map) {
        if (!isKept(map)) {
            boolean[] more = Arrays.copyOf(kept, Math.max(kept.length, map + 1));
            more[map] = true;
            kept = more;
        }
    }

    /** Whether anything of a map, by its id, was ever asked to be kept: then {@link #guard} has to hear what is read of it. */
    public boolean isKept(int map) {
        boolean[] known = kept;
        return map < known.length && known[map];
    }

    /** Of how many keys an answer that may be kept is under way. */
    synchronized int reserved() {
        return reserved.size();
    }

    private void end(Reservation reservation) {
        reservation.dead = true;
        List<Reservation> same = reserved.get(reservation.hash);
        if (same != null && same.remove(reservation) && same.isEmpty()) {
            reserved.remove(reservation.hash);
        }
    }

    // ---- what comes ----

    /**
     * An answer has come to a request that follows; to be told before its caller hears of it.
     *
     * @param number of the last invalidation that was sent before it
     */
    public synchronized void answered(Id member, long correlation, long number, Result result) {
        Source source = sources.get(member);
        if (source == null) {
            return;
        }
        heard(source, number);
        Reservation reservation = source.reservations.remove(correlation);
        if (reservation == null) {
            return;
        }
        boolean mayKeep = isReserved(reservation);
        end(reservation);
        int epoch = (int) result.number();
        if (epoch == 0 || !isNewest(reservation.partition, epoch)) {
            return;
        }
        byte[] value = result.value();
        if (mayKeep && result.status() == Status.FOUND && value != null) {
            keep(source, reservation, reservation.wish, epoch, result, value);
        }
    }

    /** Whether no newer epoch of the partition has answered; what came of older ones goes. */
    private boolean isNewest(int partition, int epoch) {
        int known = epochs.getOrDefault(partition, 0);
        if (epoch > known) {
            epochs.put(partition, epoch);
            for (Source source : sources.values()) {
                for (Lot lot : List.copyOf(source.lots.values())) {
                    if (lot.partition == partition && lot.epoch < epoch) {
                        drop(lot);
                    }
                }
            }
        }
        return epoch >= known;
    }

    private <V> void keep(
            Source source, Reservation reservation, NearMap.Wish<V> wish, int epoch, Result result, byte[] value) {
        long key = Lot.key(reservation.map, reservation.partition);
        Lot lot = source.lots.get(key);
        if (lot == null) {
            lot = new Lot(source, reservation.map, reservation.partition, epoch);
            source.lots.put(key, lot);
        }
        NearEntry<V> entry = new NearEntry<>(
                wish.home,
                wish.key,
                reservation.hash,
                lot,
                value,
                result.flags(),
                result.version(),
                result.expiry(),
                wish.keyBytes);
        if (!wish.home.takes(entry.weight)) {
            return;
        }
        wish.home.add(entry);
        entry.sibling = byHash.put(entry.hash, entry);
        lot.entries.add(entry);
        lot.expires(result.expiry());
        wish.filled(entry);
    }

    /** A member says that something is not to be shown any more. */
    public synchronized void invalidated(Id member, long number, Invalidation what) {
        Source source = sources.get(member);
        if (source == null || number <= source.last) {
            return;
        }
        heard(source, number - 1);
        source.last = number;
        switch (what.kind()) {
            case KEY -> settle(what.bits(), 0);
            case EXPIRED -> expired(source, what);
            case LOT -> dropLot(source, what.map(), what.partition());
            case ALL -> drop(source);
        }
    }

    /** Up to this number invalidations were sent. */
    private void heard(Source source, long number) {
        if (number > source.last) {
            if (mindsGaps()) {
                drop(source);
            }
            source.last = number;
        }
    }

    /**
     * A probe was answered.
     *
     * @param number of the last invalidation that was sent before the answer
     * @param leased whether the member held a lease when it answered
     */
    public synchronized void probed(Id member, long correlation, long number, boolean leased) {
        Source source = sources.get(member);
        if (source == null) {
            return;
        }
        heard(source, number);
        Long sent = source.probes.remove(correlation);
        if (!leased) {
            drop(source);
        } else if (sent != null && sent + BOUND - source.freshUntil > 0) {
            source.freshUntil = sent + BOUND;
        }
    }

    // ---- what goes ----

    private void drop(Source source) {
        for (Lot lot : List.copyOf(source.lots.values())) {
            drop(lot);
        }
        source.reservations.values().forEach(reservation -> reservation.dead = true);
    }

    private void dropLot(Source source, int map, int partition) {
        Lot lot = source.lots.get(Lot.key(map, partition));
        if (lot != null) {
            drop(lot);
        }
        endReservations(source, map, partition);
    }

    private static void endReservations(Source source, int map, int partition) {
        for (Reservation reservation : source.reservations.values()) {
            reservation.dead |= reservation.map == map && reservation.partition == partition;
        }
    }

    private void drop(Lot lot) {
        lot.dropped = true;
        lot.source.lots.remove(Lot.key(lot.map, lot.partition), lot);
        List.copyOf(lot.entries).forEach(this::invalidate);
    }

    private void expired(Source source, Invalidation what) {
        // An answer that is under way may have been read before.
        endReservations(source, what.map(), what.partition());
        Lot lot = source.lots.get(Lot.key(what.map(), what.partition()));
        if (lot == null || lot.firstExpiry == 0 || lot.firstExpiry > what.bits()) {
            return;
        }
        lot.firstExpiry = 0;
        for (NearEntry<?> entry : List.copyOf(lot.entries)) {
            if (entry.expiry() != 0 && entry.expiry() <= what.bits()) {
                invalidate(entry);
            } else {
                lot.expires(entry.expiry());
            }
        }
    }

    private <V> void invalidate(NearEntry<V> entry) {
        forget(entry);
        entry.home.invalidate(entry);
    }

    /** An entry goes, or has gone, from its map. */
    void forget(NearEntry<?> entry) {
        entry.lot.entries.remove(entry);
        NearEntry<?> first = byHash.get(entry.hash);
        if (first == entry) {
            if (entry.sibling == null) {
                byHash.remove(entry.hash);
            } else {
                byHash.put(entry.hash, entry.sibling);
            }
            return;
        }
        for (NearEntry<?> next = first; next != null; next = next.sibling) {
            if (next.sibling == entry) {
                next.sibling = entry.sibling;
                return;
            }
        }
    }

    /** Whatever is kept or reserved of this hash goes, but for an entry of this version. */
    private void settle(long hash, long version) {
        NearEntry<?> next = byHash.get(hash);
        while (next != null) {
            NearEntry<?> sibling = next.sibling;
            if (next.version() != version) {
                invalidate(next);
            }
            next = sibling;
        }
        List<Reservation> same = reserved.get(hash);
        if (same != null) {
            same.forEach(reservation -> reservation.dead = true);
        }
    }

    // ---- what this process does itself ----

    /**
     * To be asked for each operation of this process before it is sent: whoever is to hear its answer.
     *
     * @param op with its map
     * @param answer the operation's caller
     */
    public Consumer<Result> guard(Operation op, Consumer<Result> answer) {
        if (!used || op.kind == Kind.SIZE || op.kind == Kind.SCAN) {
            return answer;
        }
        boolean ofSeveral = op.kind == Kind.TRANSACT || op.kind == Kind.COPY || op.kind == Kind.RENAME;
        int map = ofSeveral ? ANY : op.map;
        if (op.kind == Kind.CLEAR) {
            int partition = op.partition;
            cleared(map, partition);
            return result -> {
                cleared(map, partition);
                answer.accept(result);
            };
        }
        if (op.kind == Kind.GET) {
            long hash = hash(op);
            return result -> {
                if (result.status() == Status.FOUND || result.status() == Status.MISSING) {
                    settled(map, List.of(hash), result.version());
                }
                answer.accept(result);
            };
        }
        List<Long> hashes = new ArrayList<>();
        hashes(op, hashes);
        settled(map, hashes, 0);
        return result -> {
            settled(map, hashes, 0);
            answer.accept(result);
        };
    }

    private static long hash(Operation op) {
        return Store.hash(op.map, op.keyBytes, op.keyOffset, op.keyLength);
    }

    private static void hashes(Operation op, List<Long> into) {
        if (op.kind != Kind.TRANSACT) {
            into.add(hash(op));
        }
        if (op.kind == Kind.COPY || op.kind == Kind.RENAME) {
            into.add(Store.hash((int) op.delta, op.valueBytes, op.valueOffset, op.valueLength));
        }
        op.parts.forEach(part -> hashes(part, into));
    }

    private void settled(int map, List<Long> hashes, long version) {
        if (map != ANY && !isKept(map)) {
            return;
        }
        synchronized (this) {
            for (long hash : hashes) {
                settle(hash, version);
            }
        }
    }

    private synchronized void cleared(int map, int partition) {
        for (Source source : sources.values()) {
            dropLot(source, map, partition);
        }
    }
}
