package io.ringgrid.replica;

import io.ringgrid.op.Attempt;
import io.ringgrid.op.KeyPage;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.replica.Evaluation.Decision;
import io.ringgrid.replica.Evaluation.Effect;
import io.ringgrid.replica.StreamMessage.Ack;
import io.ringgrid.replica.StreamMessage.Differs;
import io.ringgrid.replica.StreamMessage.Digest;
import io.ringgrid.replica.StreamMessage.FillAck;
import io.ringgrid.replica.StreamMessage.FillBegin;
import io.ringgrid.replica.StreamMessage.FillChunk;
import io.ringgrid.replica.StreamMessage.Handover;
import io.ringgrid.replica.StreamMessage.Mutations;
import io.ringgrid.replica.StreamMessage.Tail;
import io.ringgrid.replica.StreamMessage.TailRequest;
import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.store.Account;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.store.Sight;
import io.ringgrid.store.Space;
import io.ringgrid.store.Store;
import io.ringgrid.store.Victims;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Partition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One partition on one member: primary, backup, being filled, or nothing (PROTOCOL.md 4 to 6 and 9). Thread-safe: each
 * method holds this object's monitor, the partition's lock, but for {@link #tryRead}, {@link #confirm} and
 * {@link #confirmWrite}, which take no lock. No method waits, or takes a second partition's lock.
 *
 * <h2>How an operation gets its answer</h2>
 *
 * The primary evaluates alone and ships results. A write is numbered, applied, sent to every copy that must acknowledge,
 * and answered when all of them have: nobody who could become primary lacks it then. A read is answered from memory if
 * what it saw, <em>absence included</em>, is committed, and otherwise when it is. Either is answered only if
 * {@link #confirm} holds by a clock that is read afterwards: a pause in between delays an answer, and never makes it old.
 *
 * A write that another member or a client sends is numbered by whoever sends it ({@link Attempt}): asked again, here or at
 * whoever is primary then, it is answered as it was the first time, and executed only if it surely was not yet.
 *
 * <h2>The gate</h2>
 *
 * {@code servingEpoch} is not 0 only while this member is primary by the committed topology, has finished its takeover,
 * and the topology that it <em>holds</em>, committed or not, says the same. A topology closes the gate before this member
 * tells anybody that it holds it; then no quorum can commit it while a read slips through.
 *
 * <h2>What becomes of what is under way</h2>
 *
 * A member that stops being primary does not know at once whether the writes that it had not answered survive. As long
 * as it stays in sync it will learn that its successor committed them, since streams are prefixes of each other; if it is
 * taken out they end <em>outcome unknown</em>, which whoever has numbered them asks about elsewhere. Reads, and what was never evaluated, are told to ask again.
 */
public class Replica {
    private static final Result RETRY = Result.of(Status.RETRY);
    private static final Result UNKNOWN =
            Result.refused(Status.OUTCOME_UNKNOWN, "the partition's primary changed before all copies acknowledged");
    private static final Result FULL = Result.refused(Status.OUT_OF_MEMORY, "the members' memory is full");
    private static final Result MAP_FULL =
            Result.refused(Status.OUT_OF_MEMORY, "the map is full, and nothing of it is evicted");
    /** What a transaction may ask for, change and return beyond one value: it has to fit into a frame. */
    private static final int TRANSACTION_BYTES = 8 << 20;

    private static final int MAX_PARKED = 1024;
    private static final long MAX_LOG_BYTES = 64L << 20;
    private static final int HIGH_WATER_PERMILLE = 800;
    private static final int FULL_PERMILLE = 980;
    /** A store with fewer entries does not choose its own victims: its member does, from many stores. */
    private static final int FEW = Victims.LOOKED_AT;

    private static final int IDLE_AT_ONCE = 16;
    private static final int IDLE_LOOKED_AT = 64;
    /** Of a copy, at once. */
    private static final int COMPARED_BYTES = 64 << 10;

    private static final int MAX_KEY_BYTES = 64 << 10;
    private static final int MAX_NUMBER_BYTES = 20;

    private enum Role {
        NONE,
        FILLING,
        BACKUP,
        PRIMARY
    }

    private record Waiting(long seq, boolean write, long ticket, Result result) {}

    private record Parked(Operation op, long ticket, long since) {}

    private final int partition;
    private final Surroundings around;
    private final Copy copy;
    private final MutationLog log = new MutationLog();
    private final Stream stream;
    private final Space space;
    private final EntryCursor entry = new EntryCursor();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final ArrayDeque<Parked> parked = new ArrayDeque<>();

    private volatile int servingEpoch;
    private volatile int primaryEpoch;
    private volatile boolean takesOver;
    private volatile long committedSeq;
    private volatile long line;

    private Role role = Role.NONE;
    /** How many the cluster has; known with the first topology. */
    private int partitions = 1;

    private @Nullable Partition config;
    private boolean heldAgrees;
    /** The member has made room for the request that is being executed. */
    private boolean roomMade;

    private boolean ready;
    private boolean waitsForLease;
    /** When, and by which epoch, this member learned that it became primary. */
    private long takeoverSince;

    private int takeoverEpoch;
    /** Who was primary in the epoch before that, if it is known: only his HANDOVER makes the wait needless. */
    private Id predecessor = Id.NONE;

    private Id handoverBy = Id.NONE;
    private int handoverEpoch;
    private boolean fillBegun;
    private int nextChunk;
    private long lastAskedAt;
    private long evictions;
    private long idled;
    private long comparedUpTo;
    private long differences;

    /** A partition of which this member has nothing. */
    Replica(int partition, Surroundings around, Space space) {
        this(partition, around, space, Stream::new);
    }

    Replica(int partition, Surroundings around, Space space, Stream.Maker maker) {
        this.partition = partition;
        this.around = around;
        this.space = space;
        this.copy = new Copy(space, around.sessionBytes());
        this.stream = maker.make(partition, around, copy, log);
    }

    // ---- the lock-free read path ----

    /**
     * Tries to answer a GET without the lock: 0 if the locked path must be taken; otherwise the epoch to
     * {@link #confirm}, negative if the key is missing. {@code into} then shows the entry, or nothing.
     *
     * @param op a GET
     * @param wall the wall clock, in milliseconds
     */
    public int tryRead(Operation op, long wall, EntryCursor into) {
        int epoch = servingEpoch;
        if (epoch == 0) {
            return 0;
        }
        long hash = Store.hash(op.map, op.keyBytes, op.keyOffset, op.keyLength);
        Sight sight = copy.store.tryRead(hash, op.map, op.keyBytes, op.keyOffset, op.keyLength, wall, into);
        if (sight == Sight.FOUND) {
            boolean visible = (into.expiry == Operation.NEVER || (into.expiry > wall && into.expiry > copy.clock()))
                    && !copy.store.isIdle(into, wall);
            return visible && isCommitted(Version.seq(into.version)) ? epoch : 0;
        }
        return sight == Sight.ABSENT && isAbsenceCommitted(copy.lastRemoval(hash)) ? -epoch : 0;
    }

    /**
     * Whether what was read in this epoch may be told: by clocks that were read after it was.
     *
     * @param epoch as {@link #tryRead} returned it, either sign
     */
    public boolean confirm(int epoch, long nanos, long wall) {
        // The lease first: one that is renewed under a newer topology is renewed behind the gate's closing. Asked the
        // other
        // way round, the gate could be found open before that topology, and the lease valid under it.
        return holdsLease(nanos, wall) && mayServe(Math.abs(epoch));
    }

    /** Whether a write that all copies have may be told. */
    public boolean confirmWrite(int epoch, long nanos, long wall) {
        return holdsLease(nanos, wall) && primaryEpoch == epoch;
    }

    /**
     * A write that all copies have could not be told, as there was no lease at that moment. While this member has been the
     * primary ever since, it is told when there is one again.
     *
     * @param epoch in which it was committed
     */
    public synchronized void unconfirmed(int epoch, long ticket, Result result, Outbox out) {
        if (role == Role.PRIMARY && ready && takeoverEpoch <= epoch) {
            waiting.addFirst(new Waiting(committedSeq, true, ticket, result));
        } else {
            out.answer(ticket, UNKNOWN);
        }
    }

    // ---- rules, each a method so that the simulator can show what leaving it out does ----

    boolean mayServe(int epoch) {
        return servingEpoch == epoch;
    }

    boolean holdsLease(long nanos, long wall) {
        return around.lease().isValid(nanos, wall);
    }

    boolean isCommitted(long seq) {
        return seq <= committedSeq;
    }

    boolean isAbsenceCommitted(long removalSeq) {
        return removalSeq <= committedSeq;
    }

    /** An expiry that has come is told to all copies before it counts. */
    boolean saysTheTime() {
        return true;
    }

    /** Whether a refusal may be told at once, by whether what it was decided on is committed. */
    boolean mayRefuse(boolean committed) {
        return committed;
    }

    boolean hasWaitedOutLease(long nanos) {
        return !waitsForLease
                || (handoverEpoch >= takeoverEpoch && handoverBy.equals(predecessor))
                || nanos - takeoverSince >= around.times().leaseAndDrift();
    }

    boolean acceptsEpoch(int epoch) {
        return epoch == epoch();
    }

    /** Whether a refusal is written down for whoever is asked again. */
    boolean isNoted(Attempt attempt) {
        // A first attempt comes once, and nothing that the same caller has sent before can come behind it.
        return attempt.again();
    }

    @Nullable
    Result known(Attempt attempt) {
        return copy.sessions.answer(attempt);
    }

    final int epoch() {
        return config == null ? 0 : config.epoch();
    }

    final long committedSeq() {
        return committedSeq;
    }

    // ---- what callers ask ----

    /** A caller asks; the answer is in the outbox now, or later. */
    public void request(long nanos, long wall, Operation op, long ticket, Outbox out) {
        request(nanos, wall, op, false, ticket, out);
    }

    /**
     * The same.
     *
     * @param memberMadeRoom whether the member has just evicted what is least worth keeping of all that it is primary of
     */
    final synchronized void request(
            long nanos, long wall, Operation op, boolean memberMadeRoom, long ticket, Outbox out) {
        copy.wall(wall);
        if (role != Role.PRIMARY || parked.size() >= MAX_PARKED) {
            out.answer(ticket, RETRY);
        } else if (servingEpoch == 0 || !parked.isEmpty()) {
            parked.add(new Parked(op.copy(), ticket, nanos));
        } else {
            roomMade = memberMadeRoom;
            execute(nanos, wall, op, ticket, out);
            roomMade = false;
        }
    }

    /**
     * A caller of this very process asks, and is answered like by {@link #request}; but what cannot be executed at this moment is
     * not kept for later.
     *
     * @param memberMadeRoom as there
     * @return false if it was not executed, and the ticket will not be answered
     */
    final synchronized boolean tryRequest(
            long nanos, long wall, Operation op, boolean memberMadeRoom, long ticket, Outbox out) {
        copy.wall(wall);
        if (servingEpoch == 0 || !parked.isEmpty() || !mayExecute(nanos, wall)) {
            return false;
        }
        roomMade = memberMadeRoom;
        execute(nanos, wall, op, ticket, out);
        roomMade = false;
        return true;
    }

    private void execute(long nanos, long wall, Operation op, long ticket, Outbox out) {
        if (!mayExecute(nanos, wall)) {
            out.answer(ticket, RETRY);
            return;
        }
        Attempt attempt = op.attempt;
        Result known = attempt == null ? null : known(attempt);
        if (known != null) {
            answerWhenCommitted(nanos, wall, true, ticket, known, out);
            return;
        }
        switch (op.kind) {
            case GET -> get(nanos, wall, op, ticket, out);
            case SIZE -> size(nanos, wall, op, ticket, out);
            case CLEAR -> clear(nanos, wall, op, ticket, out);
            case SCAN -> scan(nanos, wall, op, ticket, out);
            case TRANSACT -> transact(nanos, wall, op, ticket, out);
            default -> write(nanos, wall, op, ticket, out);
        }
    }

    private boolean mayExecute(long nanos, long wall) {
        return holdsLease(nanos, wall) && log.bytes() <= MAX_LOG_BYTES;
    }

    /** Whether the key has a visible entry, which {@code entry} then shows; an expiry that has come is made so. */
    private boolean find(long nanos, long wall, Operation op, Outbox out) {
        if (!copy.store.read(op.map, op.keyBytes, op.keyOffset, op.keyLength, wall, entry)) {
            return false;
        }
        if (copy.store.isIdle(entry, wall)) {
            append(nanos, Mutation.remove(copy.applied() + 1, entry.map, entry.copyKey()), out);
            return false;
        }
        if (entry.expiry == Operation.NEVER || entry.expiry > Math.max(wall, copy.clock())) {
            return true;
        }
        if (entry.expiry > copy.clock() && saysTheTime()) {
            append(nanos, Mutation.tick(copy.applied() + 1, wall), out);
        }
        return false;
    }

    /** What must be committed for an absence to be told. */
    private long absence(Operation op) {
        long removal = copy.lastRemoval(Store.hash(op.map, op.keyBytes, op.keyOffset, op.keyLength));
        boolean invisible = copy.store.peek(op.map, op.keyBytes, op.keyOffset, op.keyLength, entry);
        return invisible ? Math.max(Math.max(removal, copy.lastTick()), Version.seq(entry.version)) : removal;
    }

    private void get(long nanos, long wall, Operation op, long ticket, Outbox out) {
        if (find(nanos, wall, op, out)) {
            Result found = Result.found(entry.copyValue(), entry.flags, entry.expiry, visible(entry.version));
            answerRead(nanos, wall, isCommitted(Version.seq(entry.version)), ticket, shown(op, found), out);
        } else {
            answerRead(nanos, wall, isAbsenceCommitted(absence(op)), ticket, shown(op, Result.MISSING), out);
        }
    }

    private Result shown(Operation get, Result result) {
        return get.keeper == null ? result : result.withNumber(epoch());
    }

    private void size(long nanos, long wall, Operation op, long ticket, Outbox out) {
        if (copy.clock() < wall && copy.store.isDue(wall)) {
            append(nanos, Mutation.tick(copy.applied() + 1, wall), out);
        }
        long count = copy.store.count(op.map, copy.clock());
        answerRead(nanos, wall, isCommitted(copy.applied()), ticket, Result.number(Status.DONE, count), out);
    }

    private void clear(long nanos, long wall, Operation op, long ticket, Outbox out) {
        long count = copy.store.count(op.map, copy.clock());
        long seq = copy.applied() + 1;
        boolean later = op.expiry != Operation.NEVER && op.expiry > wall;
        Mutation effect = later ? Mutation.clearLater(seq, op.map, op.expiry) : Mutation.clear(seq, op.map);
        answerWrite(nanos, wall, op, effect, ticket, Result.number(Status.DONE, count), out);
    }

    private void scan(long nanos, long wall, Operation op, long ticket, Outbox out) {
        if (copy.clock() < wall && copy.store.isDue(wall)) {
            append(nanos, Mutation.tick(copy.applied() + 1, wall), out);
        }
        List<byte[]> keys = new ArrayList<>();
        long wanted = Math.max(1, Math.min(op.delta, KeyPage.MAX_BYTES));
        long next = copy.store.walk(op.map, op.version, wanted, KeyPage.MAX_BYTES, shown -> {
            if (copy.isVisible(shown)) {
                keys.add(shown.copyKey());
            }
        });
        Result page = new Result(Status.DONE, KeyPage.encode(keys), 0, 0, 0, next, "");
        answerRead(nanos, wall, isCommitted(copy.applied()), ticket, page, out);
    }

    private void transact(long nanos, long wall, Operation op, long ticket, Outbox out) {
        long limit = (long) around.maxValueBytes() + TRANSACTION_BYTES;
        String obstacle = Transaction.obstacle(op, this::isHere, around.maxValueBytes(), limit);
        if (obstacle != null) {
            refuse(nanos, wall, op, ticket, Result.refused(Status.TOO_LARGE, obstacle), out);
            return;
        }
        Transaction.Reader reader = (get, into) -> {
            if (!find(nanos, wall, get, out)) {
                return false;
            }
            return copy.store.peek(get.map, get.keyBytes, get.keyOffset, get.keyLength, into);
        };
        Transaction transaction = new Transaction(op, reader, line(), wall, around.maxValueBytes(), limit);
        long seq = copy.applied() + 1;
        Result result = transaction.decide(op, Version.pack(epoch(), seq));
        if (transaction.growth() > 0) {
            if (!makeRoom(nanos, transaction.growth(), out)) {
                refuse(nanos, wall, op, ticket, FULL, out);
                return;
            }
            if (copy.applied() + 1 != seq) {
                // What was evicted may be what it has read.
                seq = copy.applied() + 1;
                transaction = new Transaction(op, reader, line(), wall, around.maxValueBytes(), limit);
                result = transaction.decide(op, Version.pack(epoch(), seq));
            }
        }
        if (transaction.adds(this::isKeptFull)) {
            refuse(nanos, wall, op, ticket, MAP_FULL, out);
            return;
        }
        Mutation effect = transaction.effect(seq);
        if (effect == null) {
            boolean[] committed = {true};
            transaction.forEach((get, present) -> committed[0] &= isCommitted(get, present));
            answerUnchanged(nanos, wall, op, committed[0], ticket, result, out);
        } else {
            answerWrite(nanos, wall, op, effect, ticket, result, out);
        }
    }

    private boolean isHere(Operation get) {
        return get.keyLength >= 1
                && get.keyLength <= MAX_KEY_BYTES
                && Slots.partitionOf(get.keyBytes, get.keyOffset, get.keyLength, partitions) == partition;
    }

    private boolean isCommitted(Operation get, boolean present) {
        if (!present) {
            return isAbsenceCommitted(absence(get));
        }
        return copy.store.peek(get.map, get.keyBytes, get.keyOffset, get.keyLength, entry)
                && isCommitted(Version.seq(entry.version));
    }

    private void write(long nanos, long wall, Operation op, long ticket, Outbox out) {
        if (op.keyLength < 1 || op.keyLength > MAX_KEY_BYTES) {
            String reason = "a key has 1 to 65536 bytes, not " + op.keyLength;
            refuse(nanos, wall, op, ticket, Result.refused(Status.TOO_LARGE, reason), out);
            return;
        }
        long length = Math.max(op.valueLength, op.kind == Kind.OVERWRITE ? op.delta : 0);
        if (length > around.maxValueBytes()) {
            String reason = "a value has at most " + around.maxValueBytes() + " bytes, not " + length;
            refuse(nanos, wall, op, ticket, Result.refused(Status.TOO_LARGE, reason), out);
            return;
        }
        if (op.kind != Kind.REMOVE && !makeRoom(nanos, growth(op), out)) {
            refuse(nanos, wall, op, ticket, FULL, out);
            return;
        }
        boolean found = find(nanos, wall, op, out);
        if (!found && op.kind.isGrowth() && isKeptFull(op.map, growth(op))) {
            refuse(nanos, wall, op, ticket, MAP_FULL, out);
            return;
        }
        Decision decision = Evaluation.decide(op, found ? entry : null, line(), wall, around.maxValueBytes());
        Result result = decision.result();
        if (decision.effect() == Effect.NOTHING) {
            boolean committed = found ? isCommitted(Version.seq(entry.version)) : isAbsenceCommitted(absence(op));
            answerUnchanged(nanos, wall, op, committed, ticket, result, out);
            return;
        }
        long seq = copy.applied() + 1;
        if (decision.effect() == Effect.REMOVE) {
            answerWrite(nanos, wall, op, Mutation.remove(seq, op.map, op.copyKey()), ticket, result, out);
            return;
        }
        long version = Version.pack(epoch(), seq);
        Mutation put = Mutation.put(
                seq,
                version,
                op.map,
                op.copyKey(),
                decision.value(),
                decision.flags(),
                decision.expiry(),
                decision.idle());
        answerWrite(nanos, wall, op, put, ticket, result.withVersion(visible(version)), out);
    }

    private long line() {
        return line;
    }

    /** The version of an entry that {@link #tryRead} has shown, as callers see it; valid if it is then confirmed. */
    public long visibleVersion(EntryCursor shown) {
        return Version.visible(line, shown.version);
    }

    private long visible(long version) {
        return Version.visible(line(), version);
    }

    private void answerRead(long nanos, long wall, boolean committed, long ticket, Result result, Outbox out) {
        if (committed) {
            out.confirm(this, epoch(), false, ticket, result, RETRY);
        } else {
            answerWhenCommitted(nanos, wall, false, ticket, result, out);
        }
    }

    private void answerWrite(
            long nanos, long wall, Operation op, Mutation effect, long ticket, Result result, Outbox out) {
        Attempt attempt = op.attempt;
        append(nanos, attempt == null ? effect : effect.answering(Row.of(attempt, result)), out);
        around.wrote();
        answerWhenCommitted(nanos, wall, true, ticket, result, out);
    }

    /** A write that changed nothing; whoever asks it again must hear the same, so that is written down. */
    private void answerUnchanged(
            long nanos, long wall, Operation op, boolean committed, long ticket, Result result, Outbox out) {
        Attempt attempt = op.attempt;
        if (attempt != null && isNoted(attempt)) {
            Mutation note = Mutation.note(copy.applied() + 1, Row.of(attempt, result));
            answerWrite(nanos, wall, op, note, ticket, result, out);
        } else {
            answerRead(nanos, wall, mayRefuse(committed), ticket, result, out);
        }
    }

    private void refuse(long nanos, long wall, Operation op, long ticket, Result result, Outbox out) {
        if (op.attempt != null && isNoted(op.attempt)) {
            answerUnchanged(nanos, wall, op, true, ticket, result, out);
        } else {
            out.answer(ticket, result);
        }
    }

    private void answerWhenCommitted(long nanos, long wall, boolean write, long ticket, Result result, Outbox out) {
        if (waiting.isEmpty() && copy.applied() <= committedSeq && holdsLease(nanos, wall)) {
            confirm(write, ticket, result, out);
            return;
        }
        waiting.add(new Waiting(copy.applied(), write, ticket, result));
        drain(nanos, wall, out);
    }

    private void confirm(boolean write, long ticket, Result result, Outbox out) {
        out.confirm(this, epoch(), write, ticket, result, write ? UNKNOWN : RETRY);
    }

    private void append(long nanos, Mutation mutation, Outbox out) {
        copy.apply(nanos, mutation);
        around.changes().changed(partition, mutation);
        stream.send(nanos, mutation, committedSeq, out);
        if (ready) {
            commitUpTo(stream.acknowledged(committedSeq));
        }
    }

    private void commitUpTo(long seq) {
        if (seq > committedSeq) {
            committedSeq = seq;
            log.trim(stream.needed(seq));
        }
    }

    /** Answers what is committed; without a lease it goes on waiting, since it may come back in a moment. */
    private void drain(long nanos, long wall, Outbox out) {
        while (!waiting.isEmpty() && waiting.peek().seq <= committedSeq && holdsLease(nanos, wall)) {
            Waiting next = waiting.remove();
            confirm(next.write, next.ticket, next.result, out);
        }
    }

    // ---- memory ----

    /**
     * The most that an operation's entry takes, also where another one makes room when it is written. OVERWRITE may begin beyond
     * the value, and ADD's sum be longer than what it adds.
     */
    private long growth(Operation op) {
        long value = Math.max(op.valueLength, MAX_NUMBER_BYTES);
        if (op.kind == Kind.OVERWRITE) {
            value += Math.max(0, op.delta);
        }
        boolean keeps = op.kind != Kind.PUT && op.kind != Kind.INCREMENT && op.kind != Kind.ADD;
        if (keeps && copy.store.peek(op.map, op.keyBytes, op.keyOffset, op.keyLength, entry)) {
            value += entry.valueLength;
        }
        return Store.mostBytes(op.keyLength, (int) Math.min(Integer.MAX_VALUE, value), 1);
    }

    /**
     * Evicts while any copy is above the high-water mark, or for what would not fit here; false if there is no room even so. A
     * store with few entries would evict what the member rather keeps: there the member has chosen before ({@link LocalMember}).
     */
    private boolean makeRoom(long nanos, long growth, Outbox out) {
        boolean asked = hasFew() ? isTightElsewhere() && !roomMade : isTight();
        if (asked || stream.fullest() >= FULL_PERMILLE || !space.hasRoomFor(growth)) {
            evict(nanos, growth, out);
        }
        return space.hasRoomFor(growth) && stream.fullest() < FULL_PERMILLE;
    }

    /** Whether a map that keeps what it has cannot take one entry more, of so many bytes. */
    private boolean isKeptFull(int map, long bytes) {
        Account account = space.account(map);
        return account.isKept() && account.isFullFor(bytes);
    }

    boolean isTight() {
        return space.fillPermille() >= HIGH_WATER_PERMILLE || isTightElsewhere();
    }

    private boolean isTightElsewhere() {
        return stream.fullest() >= HIGH_WATER_PERMILLE;
    }

    /** Whether there seems to be an entry of this key. Needs no lock. */
    boolean seems(Operation op) {
        return copy.store.seems(op.map, op.keyBytes, op.keyOffset, op.keyLength);
    }

    /** Whether there are too few entries to choose of. Needs no lock. */
    boolean hasFew() {
        return copy.store.count() < FEW;
    }

    /** Lets entries compete for being evicted by {@link #evict(long, Victims, int, Outbox)}. Needs no lock. */
    void sample(Victims victims) {
        if (servingEpoch != 0) {
            copy.store.sample(victims);
        }
    }

    /** Evicts one that the member has chosen; the bytes that an entry like it may take, 0 if it is gone already. */
    final synchronized long evict(long nanos, Victims victims, int rank, Outbox out) {
        boolean may = servingEpoch != 0 && log.bytes() <= MAX_LOG_BYTES;
        return may && victims.show(rank, entry) ? evictShown(nanos, out) : 0;
    }

    private long evictShown(long nanos, Outbox out) {
        // Measured as what is written is: the one makes room for the other, though not always a hole that fits.
        long bytes = Store.mostBytes(entry.keyLength, entry.valueLength, 1);
        append(nanos, Mutation.remove(copy.applied() + 1, entry.map, entry.copyKey()), out);
        evictions++;
        return bytes;
    }

    private void evict(long nanos, long wanted, Outbox out) {
        Victims victims = new Victims();
        copy.store.sample(victims);
        long freed = 0;
        for (int rank = 0; rank < victims.size() && freed < wanted; rank++) {
            if (victims.show(rank, entry)) {
                freed += evictShown(nanos, out);
            }
        }
    }

    /**
     * Evicts while a copy refuses what it lacks, which is judged together with what is evicted. Also before this member serves,
     * as soon as it has all tails: nobody hears of it before the takeover is done.
     */
    private void makeOthersRoom(long nanos, Outbox out) {
        if (stream.isRefused() && (servingEpoch != 0 || (!ready && stream.hasAllTails()))) {
            evict(nanos, Long.MAX_VALUE, out);
        }
    }

    /** Makes room for others' sake: the member's memory is shared by all its partitions. */
    synchronized void relieve(long nanos, Outbox out) {
        if (servingEpoch != 0 && (hasFew() ? isTightElsewhere() : isTight())) {
            evict(nanos, Long.MAX_VALUE, out);
        }
    }

    /** Entries that this copy evicted as a primary, since the start. */
    public synchronized long evictions() {
        return evictions;
    }

    /** Entries that this copy let expire, since the start. */
    public synchronized long expirations() {
        return copy.expirations() + idled;
    }

    /** Requests that were asked again here, and answered by what was known of them, since the start. */
    public synchronized long repeated() {
        return copy.sessions.repeated();
    }

    /** Bytes of mutations that are kept because some copy may still lack them. */
    public synchronized long pendingBytes() {
        return log.bytes();
    }

    /** Entries here, expired ones included. */
    public long count() {
        return copy.store.count();
    }

    /** Entries of a map here that have not expired by the partition's clock. */
    public synchronized long count(int map) {
        return copy.store.count(map, copy.clock());
    }

    /** Those of them that will expire. */
    public synchronized long countExpiring(int map) {
        return copy.store.countExpiring(map, copy.clock());
    }

    // ---- what the topology says ----

    /** This member holds a topology: whatever it takes away is no longer served when this returns. */
    synchronized void hold(Topology held) {
        Partition theirs = held.partitions().get(partition);
        heldAgrees = held.state() == Topology.State.ACTIVE
                && theirs.epoch() == epoch()
                && theirs.line() == line()
                && around.self().equals(theirs.primary());
        gate();
    }

    /** Whether this member is its primary and does not serve yet. */
    boolean takesOver() {
        return takesOver;
    }

    private void gate() {
        boolean primary = role == Role.PRIMARY && ready;
        takesOver = role == Role.PRIMARY && !ready;
        primaryEpoch = primary ? epoch() : 0;
        copy.store.own(primary);
        int before = servingEpoch;
        servingEpoch = primary && heldAgrees ? epoch() : 0;
        if (before != 0 && before != servingEpoch) {
            around.changes().unserved(partition);
        }
    }

    /** The topology that this member holds is committed: its roles change now. */
    synchronized void adopt(long nanos, long wall, Topology topology, Outbox out) {
        Partition next = topology.partitions().get(partition);
        Partition before = config;
        if (before != null && next.epoch() < before.epoch()) {
            return;
        }
        boolean continues = before != null && before.line() == next.line();
        boolean changed = before == null || !continues || before.epoch() != next.epoch();
        config = next;
        partitions = topology.settings().partitions();
        line = next.line();
        if (next.inSync().contains(around.self()) && around.self().equals(next.primary())) {
            adoptPrimary(nanos, wall, before, next, changed, out);
        } else if (role == Role.PRIMARY) {
            stepDown(next, out);
        }
        if (!around.self().equals(next.primary())) {
            adoptOther(nanos, next, continues, changed, out);
        }
        hold(topology);
        if (servingEpoch != 0) {
            afterTakeover(nanos, wall, out);
        }
    }

    private void adoptPrimary(
            long nanos, long wall, @Nullable Partition before, Partition next, boolean changed, Outbox out) {
        if (!changed) {
            stream.promoted(next);
            return;
        }
        boolean seamless = role == Role.PRIMARY
                && before != null
                && before.line() == next.line()
                && next.epoch() == before.epoch() + 1
                && around.self().equals(before.primary());
        boolean sameLine = before != null && before.line() == next.line();
        if (!sameLine || role == Role.NONE || (role == Role.FILLING && !fillBegun)) {
            endWaiting(out);
            restart(nanos, 0, 0, 0, false);
            if (next.inSync().size() > 1) {
                reportMissing(out);
            }
        }
        copy.filled();
        stream.configure(nanos, next, committedSeq);
        if (seamless && ready) {
            commitUpTo(stream.acknowledged(committedSeq));
            stream.resend(nanos, committedSeq, out);
            return;
        }
        if (!seamless) {
            role = Role.PRIMARY;
            ready = false;
            waitsForLease = next.epoch() != 1;
            takeoverSince = nanos;
            takeoverEpoch = next.epoch();
            predecessor = continuesFrom(before, next);
        }
        takeOver(nanos, wall, out);
    }

    private static Id continuesFrom(@Nullable Partition before, Partition next) {
        if (before == null || before.line() != next.line() || before.epoch() + 1 != next.epoch()) {
            return Id.NONE;
        }
        return before.primary() == null ? Id.NONE : before.primary();
    }

    /** What this member answered nobody yet it may still learn of, as long as it keeps its copy. */
    private void stepDown(Partition next, Outbox out) {
        boolean served = ready;
        endReads(out);
        ready = false;
        role = Role.BACKUP;
        // Whoever has not finished its own takeover cannot say that the primary before it serves no more.
        if (served && next.primary() != null) {
            out.send(next.primary(), new Handover(partition, next.epoch()));
        }
    }

    private void adoptOther(long nanos, Partition next, boolean continues, boolean changed, Outbox out) {
        stream.clear();
        if (next.inSync().contains(around.self())) {
            if (role == Role.NONE || !continues || (role == Role.FILLING && !fillBegun)) {
                endWaiting(out);
                reportMissing(out);
                return;
            }
            role = Role.BACKUP;
            copy.filled();
            acknowledge(false, out);
        } else if (around.self().equals(next.filling())) {
            if (changed || role != Role.FILLING) {
                endWaiting(out);
                restart(nanos, 0, 0, 0, false);
                role = Role.FILLING;
                lastAskedAt = nanos;
                askForFilling(out);
            }
        } else if (role != Role.NONE) {
            endWaiting(out);
            restart(nanos, 0, 0, 0, false);
            role = Role.NONE;
        }
    }

    private void reportMissing(Outbox out) {
        out.report(new Report(
                true,
                "copy-missing partition=" + partition
                        + " the topology counts a copy that is not here: report this as a bug"));
    }

    private void restart(long nanos, long base, long clock, long lastTick, boolean toBeFilled) {
        copy.restart(nanos, base, clock, lastTick, toBeFilled);
        log.clear();
        committedSeq = base;
        fillBegun = toBeFilled;
        nextChunk = 0;
    }

    private void endWaiting(Outbox out) {
        endReads(out);
        while (!waiting.isEmpty()) {
            out.answer(waiting.remove().ticket, UNKNOWN);
        }
    }

    private void endReads(Outbox out) {
        waiting.removeIf(next -> {
            if (!next.write) {
                out.answer(next.ticket, RETRY);
            }
            return !next.write;
        });
        refuseParked(out);
    }

    /** All of them: one that was parked later and is executed here would overtake those that are asked again. */
    private void refuseParked(Outbox out) {
        while (!parked.isEmpty()) {
            out.answer(parked.remove().ticket, RETRY);
        }
    }

    /** This identity is over: nothing is kept. */
    synchronized void expel(long nanos, Outbox out) {
        endWaiting(out);
        stream.clear();
        restart(nanos, 0, 0, 0, false);
        role = Role.NONE;
        ready = false;
        config = null;
        line = 0;
        heldAgrees = false;
        handoverEpoch = 0;
        handoverBy = Id.NONE;
        predecessor = Id.NONE;
        gate();
    }

    // ---- takeover ----

    /** One more step of a takeover; serves when the last is done. */
    private void takeOver(long nanos, long wall, Outbox out) {
        if (!stream.hasAllTails()) {
            stream.askForTails(nanos, out);
            return;
        }
        if (stream.acknowledged(committedSeq) < copy.applied()) {
            stream.resend(nanos, committedSeq, out);
            return;
        }
        if (!hasWaitedOutLease(nanos)) {
            return;
        }
        ready = true;
        copy.store.idleFrom(wall);
        commitUpTo(copy.applied());
        for (Mutation unkept : copy.takeUnkept()) {
            append(nanos, Mutation.remove(copy.applied() + 1, unkept.map(), unkept.key()), out);
            evictions++;
        }
        gate();
    }

    private void afterTakeover(long nanos, long wall, Outbox out) {
        drain(nanos, wall, out);
        stream.announce(committedSeq, out);
        stream.beginFilling(nanos, committedSeq, out);
        while (!parked.isEmpty() && servingEpoch != 0) {
            if (!mayExecute(nanos, wall)) {
                refuseParked(out);
                return;
            }
            Parked next = parked.remove();
            execute(nanos, wall, next.op, next.ticket, out);
        }
    }

    // ---- what other members say ----

    /** Another member says something about this partition. */
    synchronized void receive(long nanos, long wall, Id from, StreamMessage message, Outbox out) {
        copy.wall(wall);
        if (message instanceof Handover handover) {
            if (handover.epoch() >= handoverEpoch) {
                handoverEpoch = handover.epoch();
                handoverBy = from;
            }
        } else if (message instanceof Mutations mutations) {
            onMutations(nanos, from, mutations, out);
        } else if (message.epoch() != epoch()) {
            return;
        } else if (message instanceof Ack ack) {
            onAck(nanos, from, ack, out);
        } else if (message instanceof TailRequest request) {
            onTailRequest(from, request, out);
        } else if (message instanceof Tail tail) {
            onTail(nanos, from, tail);
        } else if (message instanceof Digest digest) {
            onDigest(from, digest, out);
        } else if (message instanceof Differs differs) {
            onDiffers(from, differs.lacks(), out);
        } else if (message instanceof FillBegin begin) {
            onFillBegin(nanos, from, begin, out);
        } else if (message instanceof FillChunk chunk) {
            onFillChunk(nanos, from, chunk, out);
        } else if (message instanceof FillAck ack && role == Role.PRIMARY && ready) {
            around.noteFill(from, ack.fillPermille());
            stream.onFillAck(nanos, from, ack, committedSeq, out);
        }
        if (role == Role.PRIMARY) {
            progress(nanos, wall, out);
        }
    }

    private void progress(long nanos, long wall, Outbox out) {
        if (!ready) {
            takeOver(nanos, wall, out);
            if (servingEpoch != 0) {
                afterTakeover(nanos, wall, out);
            }
        }
        drain(nanos, wall, out);
    }

    private boolean isFromPrimary(Id from) {
        return config != null && from.equals(config.primary());
    }

    private void onMutations(long nanos, Id from, Mutations message, Outbox out) {
        boolean follows = role == Role.BACKUP || (role == Role.FILLING && fillBegun);
        if (!follows || !acceptsEpoch(message.epoch()) || (message.epoch() == epoch() && !isFromPrimary(from))) {
            return;
        }
        List<Mutation> news = next(message.mutations());
        Outcome outcome = null;
        if (!space.hasRoomFor(Outcome.most(news))) {
            outcome = new Outcome(news, copy.store);
            if (!fits(outcome.growth())) {
                acknowledge(true, out);
                return;
            }
            outcome.free();
        }
        for (Mutation mutation : news) {
            around.wrote();
            copy.apply(nanos, mutation, outcome);
            log.add(mutation);
        }
        committedSeq = Math.max(committedSeq, Math.min(message.committedSeq(), copy.applied()));
        log.trim(committedSeq);
        while (!waiting.isEmpty() && waiting.peek().seq <= committedSeq) {
            Waiting done = waiting.remove();
            out.answer(done.ticket, done.result);
        }
        acknowledge(false, out);
    }

    /** Those that are next here, without a gap: nearly always all of them. */
    private List<Mutation> next(List<Mutation> mutations) {
        List<Mutation> news = new ArrayList<>(mutations.size());
        for (Mutation mutation : mutations) {
            if (mutation.seq() == copy.applied() + 1 + news.size()) {
                news.add(mutation);
            }
        }
        return news;
    }

    private void acknowledge(boolean refused, Outbox out) {
        sendToPrimary(new Ack(partition, epoch(), copy.applied(), space.fillPermille(), refused), out);
    }

    private void sendToPrimary(StreamMessage message, Outbox out) {
        Id primary = config == null ? null : config.primary();
        if (primary != null) {
            out.send(primary, message);
        }
    }

    private boolean fits(long growth) {
        return growth <= 0 || space.hasRoomFor(growth);
    }

    private void onAck(long nanos, Id from, Ack ack, Outbox out) {
        around.noteFill(from, ack.fillPermille());
        if (role == Role.PRIMARY) {
            stream.onAck(nanos, from, ack, committedSeq, out);
            if (ready) {
                commitUpTo(stream.acknowledged(committedSeq));
            }
        }
    }

    private void onTailRequest(Id from, TailRequest request, Outbox out) {
        if (role == Role.BACKUP && isFromPrimary(from)) {
            List<Mutation> tail = log.after(request.after(), Stream.BATCH_BYTES);
            out.send(from, new Tail(partition, epoch(), copy.applied(), tail));
        }
    }

    private void onTail(long nanos, Id from, Tail tail) {
        if (role != Role.PRIMARY || ready) {
            return;
        }
        for (Mutation mutation : tail.mutations()) {
            if (mutation.seq() == copy.applied() + 1) {
                around.wrote();
                copy.applyTail(nanos, mutation);
                log.add(mutation);
            }
        }
        if (copy.applied() >= tail.applied()) {
            stream.onTail(nanos, from, tail.applied());
        } else if (!tail.mutations().isEmpty()) {
            stream.askAgain(from);
        }
    }

    // ---- comparing ----

    /** Tells the other copies what the next part of this one comes to; false if nobody is to be told. */
    synchronized boolean compare(Outbox out) {
        if (servingEpoch == 0 || !stream.hasCopies()) {
            return false;
        }
        Copy.Stretch stretch = copy.stretch(comparedUpTo, 0, COMPARED_BYTES);
        Digest digest = new Digest(partition, epoch(), copy.applied(), comparedUpTo, stretch.end(), stretch.sum());
        comparedUpTo = stretch.end();
        stream.send(digest, out);
        return true;
    }

    private void onDigest(Id from, Digest digest, Outbox out) {
        if (role == Role.BACKUP && isFromPrimary(from) && digest.seq() == copy.applied() && !copy.lacks()) {
            Copy.Stretch mine = copy.stretch(digest.from(), digest.to(), Integer.MAX_VALUE);
            if (mine.sum() != digest.sum()) {
                out.send(from, new Differs(partition, epoch(), false));
            }
        }
    }

    private void onDiffers(Id from, boolean lacks, Outbox out) {
        if (role == Role.PRIMARY && stream.differs(from) && !lacks) {
            differences++;
            out.report(new Report(
                    true,
                    "copy-differs partition=" + partition + " at=" + from.brief()
                            + " it is made anew: please report this as a bug"));
        }
    }

    /** How many copies were found to differ from this one while it was the primary's, since the start. */
    public synchronized long differences() {
        return differences;
    }

    // ---- being filled ----

    private void askForFilling(Outbox out) {
        sendToPrimary(new FillAck(partition, epoch(), -1, space.fillPermille(), false), out);
    }

    /** Whoever was to take over, and had no room for all that there is, has a gap if another one takes over after all. */
    private void askToBeMadeAnew(Outbox out) {
        sendToPrimary(new Differs(partition, epoch(), true), out);
    }

    private void onFillBegin(long nanos, Id from, FillBegin begin, Outbox out) {
        if (role != Role.FILLING || !isFromPrimary(from)) {
            return;
        }
        if (!fillBegun) {
            restart(nanos, begin.base(), begin.clock(), begin.lastTick(), true);
        }
        out.send(from, new FillAck(partition, epoch(), nextChunk, space.fillPermille(), false));
    }

    private void onFillChunk(long nanos, Id from, FillChunk chunk, Outbox out) {
        if (role != Role.FILLING || !fillBegun || !isFromPrimary(from)) {
            return;
        }
        boolean news = chunk.index() == nextChunk;
        boolean refused = news && !makeRoom(chunk);
        if (news && !refused) {
            if (chunk.index() == 0) {
                copy.sessions.inherit(nanos, chunk.forgottenFor());
            }
            chunk.entries().forEach(entry -> take(nanos, entry));
            nextChunk++;
        }
        out.send(from, new FillAck(partition, epoch(), nextChunk, space.fillPermille(), refused));
    }

    private boolean makeRoom(FillChunk chunk) {
        if (space.hasRoomFor(Outcome.most(chunk.entries()))) {
            return true;
        }
        Outcome outcome = new Outcome(copy.newer(chunk.entries()), copy.store);
        if (!fits(outcome.growth())) {
            return false;
        }
        outcome.free();
        return true;
    }

    void take(long nanos, Mutation chunkEntry) {
        around.wrote();
        copy.take(nanos, chunkEntry);
    }

    final Copy copy() {
        return copy;
    }

    /** For people: what this replica is doing. */
    @Override
    public synchronized String toString() {
        return "partition " + partition + " " + role + (ready ? " ready" : "") + " epoch " + epoch() + " serving "
                + servingEpoch + " applied " + copy.applied() + " committed " + committedSeq + " waiting "
                + waiting.size() + " parked " + parked.size() + " log " + log.bytes() + " " + stream;
    }

    // ---- time ----

    /** Time passes; called each 10 to 25 ms. */
    synchronized void tick(long nanos, long wall, Outbox out) {
        copy.wall(wall);
        copy.sessions.forget(nanos, around.times().session());
        if (nanos - lastAskedAt >= 2 * around.times().heartbeat()) {
            if (role == Role.FILLING && !fillBegun) {
                lastAskedAt = nanos;
                askForFilling(out);
            } else if (role == Role.BACKUP && copy.lacks()) {
                lastAskedAt = nanos;
                askToBeMadeAnew(out);
            }
        }
        if (role != Role.PRIMARY) {
            return;
        }
        stream.tick(nanos, committedSeq, out);
        progress(nanos, wall, out);
        if (servingEpoch != 0 && holdsLease(nanos, wall) && copy.store.isDue(wall)) {
            if (copy.clock() < wall && saysTheTime()) {
                append(nanos, Mutation.tick(copy.applied() + 1, wall), out);
            } else {
                copy.freeExpired();
            }
        }
        makeOthersRoom(nanos, out);
        if (servingEpoch != 0) {
            keepPromises(nanos, wall, out);
            endIdle(nanos, wall, out);
        }
        if (!parked.isEmpty() && nanos - parked.peek().since > around.times().silence()) {
            refuseParked(out);
        }
    }

    /** What nobody uses is removed, on all copies alike; when it was used is its primary's own knowledge. */
    private void endIdle(long nanos, long wall, Outbox out) {
        for (int i = 0;
                i < IDLE_AT_ONCE && mayExecute(nanos, wall) && copy.store.idle(wall, IDLE_LOOKED_AT, entry);
                i++) {
            append(nanos, Mutation.remove(copy.applied() + 1, entry.map, entry.copyKey()), out);
            space.account(entry.map).expired();
            idled++;
        }
    }

    private void keepPromises(long nanos, long wall, Outbox out) {
        for (Mutation promise : copy.promised()) {
            if (promise.time() <= wall && mayExecute(nanos, wall)) {
                append(nanos, Mutation.clear(copy.applied() + 1, promise.map()), out);
            }
        }
    }
}
