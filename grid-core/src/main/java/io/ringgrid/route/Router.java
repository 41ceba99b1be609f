package io.ringgrid.route;

import io.ringgrid.op.Attempt;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.topology.Topology;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Gets each operation to the primary of its partition and its answer back, within the deadline; a write takes effect once,
 * however often it has to be asked. A plain state machine; thread-safe by its own monitor.
 *
 * <p>An operation is <em>waiting</em> or <em>under way</em>. It waits while there is no topology, no primary, no connection
 * to the primary, or after a member has answered RETRY. It is under way from {@link Effects#send} until that member
 * answers or its connection breaks; then, if it is a write, it is <em>open</em>: nobody knows whether it was executed.
 *
 * <p><b>Exactly once</b> (PROTOCOL.md 7). A router is one session, in which every write that it sends to another member is a
 * numbered request ({@link Attempt}). Members remember what became of it, so an open one is simply asked again. Only what
 * this process sends to itself has no number and costs nothing: should it be left open, its outcome is unknown. From this
 * follows what a caller hears:
 *
 * <pre>
 *                              read           numbered write    write to this process itself
 *   answered                   the answer     the answer        the answer
 *   RETRY: surely not executed waits again    waits again       waits again
 *   OUTCOME_UNKNOWN            -              waits again, open OUTCOME_UNKNOWN
 *   SESSION_EXPIRED            -              OUTCOME_UNKNOWN   -
 *   connection breaks          waits again    waits again, open OUTCOME_UNKNOWN
 *   deadline, under way        UNAVAILABLE    OUTCOME_UNKNOWN   OUTCOME_UNKNOWN
 *   deadline, waiting          UNAVAILABLE    UNAVAILABLE, or if it is open OUTCOME_UNKNOWN
 * </pre>
 *
 * A member that is asked again must know whether it could have forgotten the first time. So each attempt but the first
 * says what that member's own clock was, when this router last heard of it, before it sent the first.
 *
 * <p><b>Order.</b> The operations of one partition stand in one lane. What waits is sent in the order of submission,
 * and what is submitted later queues behind it. After a RETRY nothing of the lane is sent until all that is under way
 * has come back (the receiver's {@link Fence} refuses those that overtook); the same when the partition has moved to
 * another primary. A former primary that does not answer would stop the lane: after {@link Limits#overtakeNanos} all
 * that is under way there is asked again at the present one, in its order. Writes to this process itself cannot be: what
 * waits goes ahead of them, and one that is then refused is not asked again but answered UNAVAILABLE: it surely had no
 * effect, and may not take effect after its successors.
 *
 * <p>Time is {@code System.nanoTime()} or a simulated clock; only differences count.
 */
public final class Router {
    /**
     * What a router may hold, and how long. Immutable.
     *
     * @param deadlineNanos from submission to an answer at the latest
     * @param retryNanos how long after a RETRY the same primary is asked again, if no newer topology comes
     * @param maxPending how many operations may be unanswered
     * @param refuseAfterNanos how long {@link Router#unserved} must last until operations are refused at once
     * @param maxPendingBytes how many bytes of keys and values may be unanswered; a single operation is always taken
     * @param overtakeNanos how long operations wait for a former primary to answer their predecessors
     */
    public record Limits(
            long deadlineNanos,
            long retryNanos,
            int maxPending,
            long refuseAfterNanos,
            long maxPendingBytes,
            long overtakeNanos) {
        /** 5 s, 20 ms, 65,536 operations, 2 s, 128 MiB, 300 ms. */
        public static final Limits DEFAULT =
                new Limits(5_000_000_000L, 20_000_000, 65_536, 2_000_000_000, 128L << 20, 300_000_000);

        public Limits {
            if (retryNanos < 1 || maxPending < 1 || refuseAfterNanos < 0 || maxPendingBytes < 1) {
                throw new IllegalArgumentException("a router's limits must be positive");
            }
            if (deadlineNanos < retryNanos || deadlineNanos < overtakeNanos || overtakeNanos < retryNanos) {
                throw new IllegalArgumentException("a router's times must rise: retry, overtake, deadline");
            }
        }

        /** The same limits with another deadline, which bounds the shorter times as well. */
        public Limits withDeadline(long nanos) {
            return new Limits(
                    nanos,
                    Math.min(retryNanos, nanos),
                    maxPending,
                    refuseAfterNanos,
                    maxPendingBytes,
                    Math.min(overtakeNanos, nanos));
        }
    }

    /**
     * What the router wants done. Called with the router's monitor held, in the order in which it must happen: an
     * implementation only notes or enqueues; it neither waits nor calls the router.
     */
    public interface Effects {
        /**
         * Sends an operation. What is sent to one member must arrive in this order.
         *
         * @param member a connected one, or this process itself
         * @param correlation rises from send to send; a receiver drops a number that does not rise on its connection
         * @param first nothing else of this router is under way on the operation's partition (see {@link Fence})
         * @param op stays as it is; may be kept
         */
        void send(Id member, long correlation, boolean first, Operation op);

        /** Answers an operation: once for each ticket. */
        void answer(long ticket, Result result);

        /** Asks a connected member, not this process itself, what its clock says; {@link Router#told} is to hear it. */
        void askTime(Id member);
    }

    /** How often each member is asked for its clock, and how many of its answers are kept. */
    private static final long ASK_TIME_NANOS = 1_000_000_000;

    private static final int TIMES_KEPT = 32;

    /** What a member's clock said, and when it was heard by ours. */
    private record Told(long heardAt, long memberNanos) {}

    private static final ArrayDeque<Told> NO_TIMES = new ArrayDeque<>();

    private final Limits limits;
    private final long session;
    private final Set<Id> connected = new LinkedHashSet<>();
    /** Of each member that was connected, the newest last; a connection that breaks takes nothing of it away. */
    private final Map<Id, ArrayDeque<Told>> times = new HashMap<>();
    /** Those with a deadline of their own, in the order of deadlines. */
    private final TreeSet<Call> timed =
            new TreeSet<>(((Comparator<Call>) (one, other) -> Long.signum(one.deadline - other.deadline))
                    .thenComparingLong(call -> call.order));
    /** All that is unanswered, in the order of submission, and so, but for {@link #timed}, of deadlines. */
    private final LinkedHashSet<Call> pending = new LinkedHashSet<>();
    /** What is under way, by correlation. */
    private final Map<Long, Call> underWay = new LinkedHashMap<>();
    /** What waits for the first topology, by its order. */
    private final TreeMap<Long, Call> unplaced = new TreeMap<>();
    /** The lanes in which something waits. */
    private final LinkedHashSet<Lane> waiting = new LinkedHashSet<>();

    private volatile @Nullable Lane[] lanes = new Lane[0];
    private @Nullable Topology topology;
    private @Nullable Id self;
    private long pendingBytes;
    private long lastOrder;
    private long lastCorrelation;
    private long lastNumber;
    private boolean askedBefore;
    private long askedTimeAt;

    private @Nullable String unservedReason;
    private long unservedSince;
    private @Nullable String closedReason;

    /**
     * A router that knows nobody yet.
     *
     * @param session a random number of this router alone, not 0
     */
    public Router(Limits limits, long session) {
        if (session == 0) {
            throw new IllegalArgumentException("a session's number is not 0");
        }
        this.limits = limits;
        this.session = session;
    }

    /** The topology that operations are routed by, or null. */
    public synchronized @Nullable Topology topology() {
        return topology;
    }

    /**
     * Whether operations of this partition wait or are under way: who answers one here without the router would overtake
     * them. Takes no lock.
     */
    public boolean isBusy(int partition) {
        @Nullable Lane[] known = lanes;
        Lane lane = partition < known.length ? known[partition] : null;
        return lane != null && lane.busy;
    }

    /** How many operations are unanswered. */
    public synchronized int pending() {
        return pending.size();
    }

    /**
     * Takes an operation, which may be reused after the call; a copy is kept until it is answered.
     *
     * @param ticket comes back with the answer
     */
    public void submit(long nanos, Operation op, long ticket, Effects out) {
        submit(nanos, op, ticket, limits.deadlineNanos, out);
    }

    /**
     * The same with a deadline of its own.
     *
     * @param within how long it may take, in nanoseconds
     */
    public synchronized void submit(long nanos, Operation op, long ticket, long within, Effects out) {
        if (closedReason != null || refuses(nanos)) {
            out.answer(ticket, unavailable("not executed: " + (closedReason != null ? closedReason : unservedReason)));
            return;
        }
        Call call = new Call(++lastOrder, ticket, op.copy(), nanos, within);
        boolean tooMany = pending.size() >= limits.maxPending;
        if (tooMany || (!pending.isEmpty() && pendingBytes + call.bytes() > limits.maxPendingBytes)) {
            out.answer(
                    ticket,
                    unavailable("not executed: overloaded, " + pending.size() + " operations of " + pendingBytes
                            + " bytes are pending"));
            return;
        }
        pending.add(call);
        if (isTimed(call)) {
            timed.add(call);
        }
        pendingBytes += call.bytes();
        place(nanos, call, out);
    }

    /** A member has answered. An answer to what is no longer under way there is ignored. */
    public synchronized void answered(long nanos, Id from, long correlation, Result result, Effects out) {
        Call call = underWay.get(correlation);
        if (call == null || !from.equals(call.target)) {
            return;
        }
        boolean overtaken = call.overtaken;
        if (result.status() == Status.SESSION_EXPIRED) {
            finish(call, Result.refused(Status.OUTCOME_UNKNOWN, result.reason()), out);
        } else if (result.status() == Status.OUTCOME_UNKNOWN && mayAskAgain(call)) {
            call.open = true;
            refused(nanos, call, from, result.reason());
        } else if (result.status() != Status.RETRY) {
            finish(call, result, out);
        } else if (overtaken) {
            finish(
                    call,
                    unavailable("not executed: partition " + call.op.partition + " has moved, and " + name(from)
                            + " refused only after later operations had gone ahead"),
                    out);
        } else if (refuses(nanos)) {
            finish(call, abandoned(call, String.valueOf(unservedReason)), out);
        } else {
            refused(nanos, call, from, result.reason());
        }
        if (!overtaken) {
            advance(nanos, laneOf(call), out);
        }
    }

    /** Whether a write that nobody has answered can be asked again without harm. */
    private static boolean mayAskAgain(Call call) {
        return call.number != 0 && !call.overtaken;
    }

    /** What becomes of a call that is not under way, and will not be sent any more. */
    private static Result abandoned(Call call, String reason) {
        return call.open
                ? Result.refused(Status.OUTCOME_UNKNOWN, call.refusal + "; then: " + reason)
                : unavailable("not executed: " + reason);
    }

    private void refused(long nanos, Call call, Id from, String reason) {
        Lane lane = laneOf(call);
        boolean moved = !from.equals(primary(lane.partition)) || call.epoch != epoch(lane);
        recall(nanos, call);
        call.refusal = reason;
        lane.draining = true;
        if (!moved) {
            lane.notBefore = nanos + limits.retryNanos;
        }
    }

    /** A topology was committed. One that is not newer than what is known, or of another cluster, is ignored. */
    public synchronized void topology(long nanos, Topology committed, Effects out) {
        Topology held = topology;
        if (held == null || (held.cluster().equals(committed.cluster()) && committed.isNewerThan(held))) {
            adopt(nanos, committed, out);
        }
    }

    /**
     * The caller has left its cluster for this one. What waits for a map by an id of the former cluster is answered
     * UNAVAILABLE; a write that is under way is not asked again.
     */
    public synchronized void replace(long nanos, Topology committed, Effects out) {
        Topology held = topology;
        if (held == null || held.cluster().equals(committed.cluster())) {
            topology(nanos, committed, out);
            return;
        }
        topology = committed;
        lanes = new Lane[0];
        waiting.clear();
        for (Call call : List.copyOf(pending)) {
            if (call.target != null && call.isWrite()) {
                call.overtaken = true;
                continue;
            }
            underWay.remove(call.correlation);
            call.target = null;
            if (call.open || call.op.highestMap() != 0) {
                finish(call, abandoned(call, "the cluster has been replaced by another"), out);
            } else {
                unplaced.put(call.order, call);
            }
        }
        adopt(nanos, committed, out);
    }

    private void adopt(long nanos, Topology committed, Effects out) {
        topology = committed;
        times.keySet().removeIf(id -> committed.member(id) == null);
        if (lanes.length == 0) {
            lanes = new Lane[committed.settings().partitions()];
        }
        List<Call> homeless = List.copyOf(unplaced.values());
        unplaced.clear();
        for (Lane lane : List.copyOf(waiting)) {
            lane.notBefore = nanos;
            advance(nanos, lane, out);
        }
        for (Call call : homeless) {
            place(nanos, call, out);
        }
    }

    /** There is a connection to this member. */
    public synchronized void connected(long nanos, Id member, Effects out) {
        connected.add(member);
        if (!member.equals(self)) {
            out.askTime(member);
        }
        advanceAll(nanos, out);
    }

    /** A connected member has answered what its monotonic clock says. */
    public synchronized void told(long nanos, Id member, long memberNanos) {
        ArrayDeque<Told> known = times.computeIfAbsent(member, unknown -> new ArrayDeque<>());
        if (known.size() == TIMES_KEPT) {
            known.removeFirst();
        }
        known.addLast(new Told(nanos, memberNanos));
    }

    /** What this member's clock said, when that was last heard before then; this process's own is the one by which it asks. */
    private long toldBefore(Id member, long nanos) {
        if (member.equals(self)) {
            return nanos;
        }
        long since = Attempt.UNHEARD;
        for (Told told : times.getOrDefault(member, NO_TIMES)) {
            if (told.heardAt - nanos > 0) {
                break;
            }
            since = told.memberNanos;
        }
        return since;
    }

    /** The connection to this member is broken: what was under way on it will not be answered. */
    public synchronized void disconnected(long nanos, Id member, Effects out) {
        if (member.equals(self)) {
            return;
        }
        connected.remove(member);
        LinkedHashSet<Lane> touched = new LinkedHashSet<>();
        for (Call call : List.copyOf(underWay.values())) {
            if (member.equals(call.target)) {
                if (!call.overtaken) {
                    touched.add(laneOf(call));
                }
                String reason = "the connection to " + name(member) + " broke before its answer";
                if (call.isWrite() && !mayAskAgain(call)) {
                    finish(call, Result.refused(Status.OUTCOME_UNKNOWN, reason), out);
                } else {
                    askAgain(nanos, call, reason);
                }
            }
        }
        for (Lane lane : touched) {
            advance(nanos, lane, out);
        }
    }

    /** This process is this member from now on, always connected to itself, and no longer who it was. */
    public synchronized void self(long nanos, Id id, Effects out) {
        Id former = self;
        if (id.equals(former)) {
            return;
        }
        self = id;
        if (former != null) {
            disconnected(nanos, former, out);
        }
        connected(nanos, id, out);
    }

    /** This member may not serve, and why: no quorum, no lease. To be repeated as long as it lasts, or not. */
    public synchronized void unserved(long nanos, String reason) {
        if (unservedReason == null) {
            unservedSince = nanos;
        }
        unservedReason = reason;
    }

    /** This member may serve. */
    public synchronized void served(long nanos) {
        unservedReason = null;
        unservedSince = nanos;
    }

    /** Answers all that is unanswered, and refuses what comes. */
    public synchronized void close(String reason, Effects out) {
        closedReason = reason;
        for (Call call : List.copyOf(pending)) {
            boolean underway = call.target != null && call.isWrite();
            finish(call, underway ? Result.refused(Status.OUTCOME_UNKNOWN, reason) : abandoned(call, reason), out);
        }
    }

    private boolean refuses(long nanos) {
        return unservedReason != null && nanos - unservedSince >= limits.refuseAfterNanos;
    }

    /** Time passes: each few milliseconds. Deadlines end operations, and what has waited long enough is asked again. */
    public synchronized void tick(long nanos, Effects out) {
        if (refuses(nanos)) {
            for (Call call : List.copyOf(pending)) {
                if (call.target == null) {
                    finish(call, abandoned(call, String.valueOf(unservedReason)), out);
                }
            }
        }
        expire(nanos, out);
        if (!askedBefore || nanos - askedTimeAt >= ASK_TIME_NANOS) {
            askedBefore = true;
            askedTimeAt = nanos;
            connected.stream().filter(member -> !member.equals(self)).forEach(out::askTime);
        }
        if (waiting.isEmpty()) {
            return;
        }
        for (Lane lane : List.copyOf(waiting)) {
            overtake(nanos, lane);
            advance(nanos, lane, out);
        }
    }

    private boolean isTimed(Call call) {
        return call.within != limits.deadlineNanos;
    }

    private void expire(long nanos, Effects out) {
        List<Call> due = new ArrayList<>();
        for (Call call : pending) {
            if (isTimed(call)) {
                continue;
            }
            if (nanos - call.deadline < 0) {
                break;
            }
            due.add(call);
        }
        for (Call call : timed) {
            if (nanos - call.deadline < 0) {
                break;
            }
            due.add(call);
        }
        for (Call call : due) {
            Lane lane = call.overtaken ? null : call.lane;
            finish(call, late(call), out);
            if (lane != null) {
                advance(nanos, lane, out);
            }
        }
    }

    private Result late(Call call) {
        String within = " within " + call.within / 1_000_000 + " ms";
        if (call.target == null) {
            return call.open
                    ? abandoned(call, "nobody could be asked again" + within)
                    : unavailable("not executed" + within + ": " + waitsFor(call));
        }
        String reason = "no answer from " + name(call.target) + within;
        return Result.refused(call.isWrite() ? Status.OUTCOME_UNKNOWN : Status.UNAVAILABLE, reason);
    }

    private String waitsFor(Call call) {
        if (unservedReason != null) {
            return unservedReason;
        }
        Topology known = topology;
        if (known == null) {
            return "no member has told who holds what";
        }
        if (known.state() != Topology.State.ACTIVE) {
            return "the cluster is being joined to another one";
        }
        int partition = call.op.partition;
        Id primary = primary(partition);
        if (primary == null) {
            return "partition " + partition + " has lost all its copies";
        }
        if (!connected.contains(primary)) {
            return "no connection to " + name(primary) + ", the primary of partition " + partition;
        }
        if (!call.refusal.isEmpty()) {
            return "partition " + partition + " was refused: " + call.refusal;
        }
        return name(primary) + " did not serve partition " + partition;
    }

    /** Puts a call into the lane of its partition, as soon as partitions are known, and sends it if it may be. */
    private void place(long nanos, Call call, Effects out) {
        Topology known = topology;
        if (known == null) {
            unplaced.put(call.order, call);
            return;
        }
        Operation op = call.op;
        int partitions = known.settings().partitions();
        if (!op.kind.isPartitionWide()) {
            op.partition = Slots.partitionOf(op.keyBytes, op.keyOffset, op.keyLength, partitions);
        } else if (op.partition < 0 || op.partition >= partitions) {
            finish(call, unavailable("not executed: no partition " + op.partition + " of " + partitions), out);
            return;
        }
        Lane lane = lanes[op.partition];
        if (lane == null) {
            lane = new Lane(op.partition, nanos);
            lanes[op.partition] = lane;
        }
        call.lane = lane;
        hold(nanos, lane, call);
        advance(nanos, lane, out);
    }

    private void hold(long nanos, Lane lane, Call call) {
        if (lane.waiting.isEmpty()) {
            lane.waitingSince = nanos;
        }
        lane.waiting.put(call.order, call);
        waiting.add(lane);
        lane.busy = true;
    }

    /** A call that was under way waits again. */
    private void recall(long nanos, Call call) {
        Lane lane = laneOf(call);
        land(call);
        hold(nanos, lane, call);
    }

    /** The same, without a word of whoever it was sent to. */
    private void askAgain(long nanos, Call call, String reason) {
        if (call.isWrite()) {
            call.open = true;
            call.refusal = reason;
        }
        recall(nanos, call);
    }

    /** A call is no longer under way. */
    private void land(Call call) {
        underWay.remove(call.correlation);
        call.target = null;
        if (!call.overtaken) {
            laneOf(call).underWay--;
            note(laneOf(call));
        }
    }

    private void note(Lane lane) {
        lane.busy = lane.underWay > 0 || !lane.waiting.isEmpty();
    }

    private void finish(Call call, Result result, Effects out) {
        if (!pending.remove(call)) {
            throw new IllegalStateException("ticket " + call.ticket + " is answered twice");
        }
        timed.remove(call);
        if (call.number != 0) {
            laneOf(call).numbers.remove(call.number);
        }
        pendingBytes -= call.bytes();
        if (call.target != null) {
            land(call);
        } else if (call.lane != null) {
            call.lane.waiting.remove(call.order);
            if (call.lane.waiting.isEmpty()) {
                waiting.remove(call.lane);
            }
            note(call.lane);
        }
        unplaced.remove(call.order);
        out.answer(call.ticket, result);
    }

    private void advanceAll(long nanos, Effects out) {
        for (Lane lane : List.copyOf(waiting)) {
            advance(nanos, lane, out);
        }
    }

    /** Sends what waits in a lane, if it may be sent now. */
    private void advance(long nanos, Lane lane, Effects out) {
        if (lane.underWay == 0) {
            lane.draining = false;
        }
        Id primary = reachable(lane);
        if (primary == null || lane.draining || nanos - lane.notBefore < 0) {
            return;
        }
        if (lane.underWay > 0 && !primary.equals(lane.target)) {
            return;
        }
        int epoch = epoch(lane);
        while (!lane.waiting.isEmpty()) {
            Call call = lane.waiting.pollFirstEntry().getValue();
            call.target = primary;
            call.epoch = epoch;
            if (call.isWrite() && (call.number != 0 || !primary.equals(self))) {
                number(nanos, lane, call);
            }
            call.correlation = ++lastCorrelation;
            underWay.put(call.correlation, call);
            lane.target = primary;
            out.send(primary, call.correlation, lane.underWay++ == 0, call.op);
        }
        waiting.remove(lane);
        note(lane);
    }

    /** Says which request it is, and what whoever hears of it again has to know. */
    private void number(long nanos, Lane lane, Call call) {
        if (call.number == 0) {
            call.number = ++lastNumber;
            call.numberedAt = nanos;
        }
        // Its lane is another one if the cluster has been replaced since.
        lane.numbers.add(call.number);
        Id target = Objects.requireNonNull(call.target);
        long since = call.open ? toldBefore(target, call.numberedAt) : Attempt.UNHEARD;
        call.op = call.op.attempt(new Attempt(session, call.number, lane.numbers.first(), call.open, since));
    }

    /** Asks elsewhere for what is under way at a former primary, when the lane has waited for it long enough. */
    private void overtake(long nanos, Lane lane) {
        Id primary = reachable(lane);
        if (lane.underWay == 0
                || primary == null
                || primary.equals(lane.target)
                || nanos - lane.waitingSince < limits.overtakeNanos) {
            return;
        }
        for (Call call : List.copyOf(underWay.values())) {
            if (call.lane == lane && !call.overtaken) {
                if (call.isWrite() && !mayAskAgain(call)) {
                    call.overtaken = true;
                    lane.underWay--;
                } else {
                    askAgain(nanos, call, name(Objects.requireNonNull(call.target)) + " did not answer");
                }
            }
        }
    }

    private Lane laneOf(Call call) {
        if (call.lane == null) {
            throw new IllegalStateException("ticket " + call.ticket + " has no partition yet");
        }
        return call.lane;
    }

    private @Nullable Id primary(int partition) {
        Topology known = topology;
        return known == null ? null : known.partitions().get(partition).primary();
    }

    private int epoch(Lane lane) {
        Topology known = topology;
        return known == null ? 0 : known.partitions().get(lane.partition).epoch();
    }

    /** The lane's primary, if it serves and is connected. */
    private @Nullable Id reachable(Lane lane) {
        Topology known = topology;
        Id primary = primary(lane.partition);
        boolean serves = known != null && known.state() == Topology.State.ACTIVE;
        return serves && primary != null && connected.contains(primary) ? primary : null;
    }

    private String name(Id id) {
        Topology.Member member = topology == null ? null : topology.member(id);
        return member == null ? "member " + id.brief() : member.name() + " (" + member.address() + ")";
    }

    private static Result unavailable(String reason) {
        return Result.refused(Status.UNAVAILABLE, reason);
    }
}
