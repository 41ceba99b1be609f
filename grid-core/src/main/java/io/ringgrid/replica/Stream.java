package io.ringgrid.replica;

import io.ringgrid.replica.StreamMessage.Ack;
import io.ringgrid.replica.StreamMessage.Digest;
import io.ringgrid.replica.StreamMessage.FillAck;
import io.ringgrid.replica.StreamMessage.FillBegin;
import io.ringgrid.replica.StreamMessage.FillChunk;
import io.ringgrid.replica.StreamMessage.Mutations;
import io.ringgrid.replica.StreamMessage.TailRequest;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.Register;
import io.ringgrid.topology.RegisterMessage.Filled;
import io.ringgrid.topology.RegisterMessage.RemoveBackup;
import io.ringgrid.topology.Topology.Partition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A primary's side of the stream: who must acknowledge, what they have, and how a new copy is filled while writes go on
 * (PROTOCOL.md 4 and 6). Guarded by the {@link Replica} that owns it.
 *
 * <p>A copy that is being filled gets the stream from the filling's base on, beside the chunks: so what the primary must
 * remember for it is bounded by its acknowledgements and not by the length of the filling. It must acknowledge from the
 * moment at which it has begun; it is reported when it has taken all chunks and acknowledged everything that is
 * committed and everything that a chunk could contain.
 *
 * <p>Nobody leaves the set of those who must acknowledge but by a committed topology.
 */
class Stream {
    /** Makes a stream for a replica. */
    @FunctionalInterface
    interface Maker {
        Stream make(int partition, Surroundings around, Copy copy, MutationLog log);
    }

    /** The most that one message carries of a tail, or to a copy that refused for lack of room. */
    static final int BATCH_BYTES = 8 << 20;

    private static final int MESSAGE_BYTES = 1 << 20;
    private static final int CHUNK_BYTES = 64 << 10;
    private static final int WINDOW = 8192;
    private static final int MOST_DOUBLINGS = 3;

    private final int partition;
    private final Surroundings around;
    private final Copy copy;
    private final MutationLog log;
    private final List<Follower> followers = new ArrayList<>();
    private int epoch;

    Stream(int partition, Surroundings around, Copy copy, MutationLog log) {
        this.partition = partition;
        this.around = around;
        this.copy = copy;
        this.log = log;
    }

    void clear() {
        followers.clear();
    }

    @Override
    public String toString() {
        return "followers " + followers;
    }

    /**
     * A new epoch: everybody's acknowledgements count anew, and fillings start anew. Only a silence goes on: otherwise of two copies
     * that cannot be reached each one's removal, and its coming back to be filled, would give the other more time, and writes
     * would wait for as long as they are out of reach.
     */
    void configure(long nanos, Partition config, long committedSeq) {
        epoch = config.epoch();
        List<Follower> before = List.copyOf(followers);
        followers.clear();
        for (Id id : config.inSync()) {
            if (!id.equals(around.self())) {
                add(nanos, waitedForSince(nanos, id, before), new Follower(id, false), committedSeq);
            }
        }
        if (config.filling() != null) {
            add(
                    nanos,
                    waitedForSince(nanos, config.filling(), before),
                    new Follower(config.filling(), true),
                    committedSeq);
        }
        followers.replaceAll(follower -> inThisEpoch(follower, before));
    }

    /** What is known of a copy in this epoch: nothing of what it was before. */
    Follower inThisEpoch(Follower follower, List<Follower> before) {
        return follower;
    }

    private static long waitedForSince(long nanos, Id id, List<Follower> before) {
        for (Follower follower : before) {
            if (follower.id.equals(id) && follower.waiting) {
                return follower.waitingSince;
            }
        }
        return nanos;
    }

    private void add(long nanos, long waitedForSince, Follower follower, long committedSeq) {
        follower.acked = committedSeq;
        follower.sent = committedSeq;
        follower.base = committedSeq;
        follower.lastSendAt = nanos;
        follower.expect(waitedForSince);
        followers.add(follower);
    }

    /** Whoever was being filled may be in sync now; the epoch is the same. */
    void promoted(Partition config) {
        for (Follower follower : followers) {
            follower.filling &= !config.inSync().contains(follower.id);
        }
    }

    private @Nullable Follower follower(Id id) {
        for (Follower follower : followers) {
            if (follower.id.equals(id)) {
                return follower;
            }
        }
        return null;
    }

    /** Whether a write has to wait for it. */
    boolean mustAcknowledge(Follower follower) {
        return !follower.filling || follower.begun;
    }

    /** Up to where everybody who must has acknowledged in this epoch; never less than what was committed before. */
    long acknowledged(long committedSeq) {
        long seq = copy.applied();
        for (Follower follower : followers) {
            if (mustAcknowledge(follower)) {
                seq = Math.min(seq, follower.acked);
            }
        }
        return Math.max(seq, committedSeq);
    }

    /** Up to where nobody needs the log any more. */
    long needed(long committedSeq) {
        long seq = committedSeq;
        for (Follower follower : followers) {
            seq = Math.min(seq, follower.acked);
        }
        return seq;
    }

    /** Whether somebody has no room for what was sent: this partition must take less. */
    boolean isRefused() {
        for (Follower follower : followers) {
            if (follower.refused || follower.chunkRefused) {
                return true;
            }
        }
        return false;
    }

    /** How full the fullest of the others is, in thousandths. */
    int fullest() {
        int fullest = 0;
        for (Follower follower : followers) {
            fullest = Math.max(fullest, around.fillPermille(follower.id));
        }
        return fullest;
    }

    // ---- the stream ----

    /** A mutation was applied: it goes to all who follow. */
    void send(long nanos, Mutation mutation, long committedSeq, Outbox out) {
        if (followers.isEmpty()) {
            return;
        }
        log.add(mutation);
        for (Follower follower : followers) {
            follower.expect(nanos);
            boolean inStep = follower.sent == mutation.seq() - 1 && mutation.seq() - follower.acked <= WINDOW;
            if (follows(follower) && inStep && !follower.refused) {
                follower.sent = mutation.seq();
                follower.lastSendAt = nanos;
                out.send(follower.id, new Mutations(partition, epoch, committedSeq, List.of(mutation)));
            }
        }
    }

    private static boolean follows(Follower follower) {
        return !follower.filling || follower.begun;
    }

    /** Sends to each follower what it has not acknowledged. */
    void resend(long nanos, long committedSeq, Outbox out) {
        for (Follower follower : followers) {
            if (follows(follower)
                    && (nanos - follower.lastSendAt >= 2 * around.times().heartbeat()
                            || follower.sent < copy.applied())) {
                resend(nanos, follower, committedSeq, out);
            }
        }
    }

    private void resend(long nanos, Follower follower, long committedSeq, Outbox out) {
        if (follower.acked >= copy.applied()) {
            return;
        }
        List<Mutation> some = lacking(follower);
        if (!some.isEmpty()) {
            follower.sent = Math.max(follower.sent, some.get(some.size() - 1).seq());
            follower.lastSendAt = nanos;
            follower.expect(nanos);
            out.send(follower.id, new Mutations(partition, epoch, committedSeq, some));
        }
    }

    /** What a copy is sent next; all that it lacks if it has refused some, so that it is judged as a whole. */
    List<Mutation> lacking(Follower follower) {
        return log.after(follower.acked, follower.refused ? BATCH_BYTES : MESSAGE_BYTES);
    }

    void onAck(long nanos, Id from, Ack ack, long committedSeq, Outbox out) {
        Follower follower = follower(from);
        if (follower == null || (follower.filling && !follower.begun)) {
            return;
        }
        if (ack.applied() > copy.applied()) {
            // It has a longer tail, which this new primary must take over before it counts as known.
            return;
        }
        boolean first = !follower.adopted;
        follower.adopted = true;
        // What was under way behind what it refused is acknowledged without a refusal, and it still lacks the same.
        follower.refused = ack.refused() || (follower.refused && ack.applied() <= follower.acked);
        if (ack.applied() > follower.acked || first) {
            follower.acked = Math.max(follower.acked, ack.applied());
            follower.sent = Math.max(follower.sent, follower.acked);
            follower.progressed(nanos, follower.acked >= copy.applied() && !follower.filling);
        }
        if (first || (follower.sent < copy.applied() && follower.acked == follower.sent)) {
            resend(nanos, follower, committedSeq, out);
        }
        if (follower.filling) {
            report(nanos, follower, committedSeq, out);
        }
    }

    // ---- takeover ----

    boolean hasAllTails() {
        return followers.stream().allMatch(follower -> follower.filling || follower.adopted);
    }

    /** Asks all in-sync copies, those that have answered too: they would look silent. */
    void askForTails(long nanos, Outbox out) {
        for (Follower follower : followers) {
            boolean due = !follower.askedBefore
                    || nanos - follower.lastAskedAt >= around.times().heartbeat();
            if (isAskedForTail(follower) && due) {
                follower.askedBefore = true;
                follower.lastAskedAt = nanos;
                out.send(follower.id, new TailRequest(partition, epoch, copy.applied()));
            }
        }
    }

    boolean isAskedForTail(Follower follower) {
        return !follower.filling;
    }

    /** Its tail was longer than one message. */
    void askAgain(Id from) {
        Follower follower = follower(from);
        if (follower != null) {
            follower.askedBefore = false;
        }
    }

    void onTail(long nanos, Id from, long applied) {
        Follower follower = follower(from);
        if (follower != null && !follower.filling) {
            follower.adopted = true;
            follower.acked = Math.max(follower.acked, applied);
            follower.sent = follower.acked;
            follower.progressed(nanos, follower.acked >= copy.applied());
        }
    }

    /** Tells all copies what is committed: a former primary may have callers waiting for it. */
    void announce(long committedSeq, Outbox out) {
        for (Follower follower : followers) {
            if (!follower.filling) {
                out.send(follower.id, new Mutations(partition, epoch, committedSeq, List.of()));
            }
        }
    }

    // ---- comparing ----

    /** Whether there is any copy to compare with. */
    boolean hasCopies() {
        return followers.stream().anyMatch(Stream::isComparable);
    }

    private static boolean isComparable(Follower follower) {
        return !follower.filling && follower.adopted;
    }

    void send(Digest digest, Outbox out) {
        for (Follower follower : followers) {
            if (isComparable(follower)) {
                out.send(follower.id, digest);
            }
        }
    }

    /** A copy differs: it is made anew. Whether that is news. */
    boolean differs(Id from) {
        Follower follower = follower(from);
        if (follower == null || follower.differs) {
            return false;
        }
        follower.differs = true;
        return true;
    }

    // ---- filling ----

    /** Starts whatever is to be filled; the primary serves. */
    void beginFilling(long nanos, long committedSeq, Outbox out) {
        for (Follower follower : followers) {
            if (follower.filling && !follower.begun) {
                begin(nanos, follower, committedSeq, out);
            }
        }
    }

    /** Begins a filling, or says so again: always with the base of the first time, from which the log is kept. */
    private void begin(long nanos, Follower follower, long committedSeq, Outbox out) {
        if (!follower.based) {
            follower.based = true;
            follower.base = fillingBase(committedSeq);
            follower.acked = follower.base;
            follower.sent = follower.base;
        }
        follower.lastSendAt = nanos;
        follower.expect(nanos);
        out.send(
                follower.id,
                new FillBegin(
                        partition, epoch, follower.base, fillingClock(), Math.min(copy.lastTick(), follower.base)));
    }

    /** What time it is for a copy that is filled. */
    long fillingClock() {
        return copy.clock();
    }

    long fillingBase(long committedSeq) {
        return committedSeq;
    }

    void onFillAck(long nanos, Id from, FillAck ack, long committedSeq, Outbox out) {
        Follower follower = follower(from);
        if (follower == null || !follower.filling) {
            return;
        }
        if (ack.next() < 0) {
            if (!follower.begun) {
                begin(nanos, follower, committedSeq, out);
            }
            return;
        }
        if (!follower.begun) {
            follower.begun = true;
            follower.adopted = true;
            resend(nanos, follower, committedSeq, out);
        }
        follower.chunkRefused = ack.next() == follower.chunk && ack.refused();
        if (ack.next() == follower.chunk + 1) {
            follower.progressed(nanos, false);
            FillChunk done = follower.outstanding;
            if (done != null && done.last()) {
                follower.outstanding = null;
                follower.allTaken = true;
            } else if (!follower.allTaken) {
                sendChunk(nanos, follower, out);
            }
        }
        report(nanos, follower, committedSeq, out);
    }

    private void sendChunk(long nanos, Follower follower, Outbox out) {
        List<Mutation> entries = new ArrayList<>();
        if (follower.chunk < 0) {
            // What is promised or asked later comes with the stream.
            entries.addAll(copy.promised());
            entries.addAll(copy.sessions.rows());
        }
        long next = copy.store.scan(
                follower.cursor,
                CHUNK_BYTES,
                entry -> entries.add(Mutation.put(
                        Version.seq(entry.version),
                        entry.version,
                        entry.map,
                        entry.copyKey(),
                        entry.copyValue(),
                        entry.flags,
                        entry.expiry,
                        entry.idle)));
        follower.cursor = next;
        follower.chunk++;
        follower.highestInChunks = copy.applied();
        follower.lastAskedAt = nanos;
        FillChunk chunk =
                new FillChunk(partition, epoch, follower.chunk, next == 0, copy.sessions.forgottenFor(nanos), entries);
        follower.outstanding = chunk;
        out.send(follower.id, chunk);
    }

    /** Whether nothing acknowledged, and nothing that a chunk could contain, is missing in the copy. */
    boolean isFilled(Follower follower, long committedSeq) {
        return follower.allTaken && follower.acked >= committedSeq && follower.acked >= follower.highestInChunks;
    }

    private void report(long nanos, Follower follower, long committedSeq, Outbox out) {
        boolean due = !follower.askedBefore
                || nanos - follower.lastAskedAt >= around.times().heartbeat();
        if (!due || !isFilled(follower, committedSeq)) {
            return;
        }
        Register.Standing standing = around.standing();
        if (standing.leader() != null) {
            follower.askedBefore = true;
            follower.lastAskedAt = nanos;
            follower.progressed(nanos, false);
            out.send(
                    standing.leader(),
                    new Filled(
                            around.cluster(), standing.term(), standing.heardNanos(), partition, epoch, follower.id));
        }
    }

    // ---- time ----

    void tick(long nanos, long committedSeq, Outbox out) {
        for (Follower follower : followers) {
            if (follows(follower) && nanos - follower.lastSendAt >= patience(follower)) {
                remind(nanos, follower, committedSeq, out);
            }
            if (follower.filling && follower.begun) {
                tickFilling(nanos, follower, committedSeq, out);
            }
            if (!follower.filling && follower.acked >= copy.applied() && follower.adopted) {
                follower.waiting = false;
            }
            askForRemoval(nanos, follower, out);
        }
    }

    /** It is given longer each time: what is sent again and again to a slow link makes it slower. */
    private long patience(Follower follower) {
        return around.times().heartbeat() << Math.min(1 + follower.repeats, MOST_DOUBLINGS);
    }

    private void remind(long nanos, Follower follower, long committedSeq, Outbox out) {
        if (follower.acked < copy.applied()) {
            follower.repeats++;
            resend(nanos, follower, committedSeq, out);
        } else if (!follower.adopted) {
            // Nothing is lacking, but its word that it is in this epoch was lost, and without it it would look silent.
            follower.lastSendAt = nanos;
            out.send(follower.id, new Mutations(partition, epoch, committedSeq, List.of()));
        }
    }

    private void tickFilling(long nanos, Follower follower, long committedSeq, Outbox out) {
        FillChunk outstanding = follower.outstanding;
        if (outstanding != null
                && nanos - follower.lastAskedAt >= 2 * around.times().heartbeat()) {
            follower.lastAskedAt = nanos;
            out.send(follower.id, outstanding);
        }
        report(nanos, follower, committedSeq, out);
    }

    /** A silent copy, or one that differs, leaves by a committed topology only, and only because its primary asks. */
    private void askForRemoval(long nanos, Follower follower, Outbox out) {
        boolean silent = follower.waiting
                && nanos - silentSince(follower) > around.times().silence();
        if (!silent && !follower.differs && !around.isDoubtful(follower.id)) {
            return;
        }
        if (follower.removalAsked
                && nanos - follower.removalAskedAt < around.times().heartbeat()) {
            return;
        }
        Register.Standing standing = around.standing();
        if (standing.leader() != null) {
            follower.removalAsked = true;
            follower.removalAskedAt = nanos;
            out.send(
                    standing.leader(),
                    new RemoveBackup(
                            around.cluster(), standing.term(), standing.heardNanos(), partition, epoch, follower.id));
        }
    }

    /** One's own pause is nobody's silence. */
    long silentSince(Follower follower) {
        return around.wokeAt() - follower.waitingSince > 0 ? around.wokeAt() : follower.waitingSince;
    }
}
