package io.ringgrid.topology;

import io.ringgrid.ring.Id;
import io.ringgrid.topology.RegisterMessage.Filled;
import io.ringgrid.topology.RegisterMessage.HeartbeatAck;
import io.ringgrid.topology.RegisterMessage.RemoveBackup;
import io.ringgrid.topology.Topology.Member;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a leader knows of the others, in one term: made at its election, thrown away when it steps down. Guarded by the
 * {@link Register} that owns it.
 *
 * <p>Freshness is measured from the sending (PROTOCOL.md 3): a member is fresh while the leader's clock at the sending of
 * the newest heartbeat that it answered is young. Being elected, joining or waking makes nobody fresh.
 */
final class Leadership {
    /** What the leader knows of one other member. */
    static final class Follower {
        /** The largest of our clock readings that it has echoed in this term; only meaningful if {@link #heard}. */
        long lastEcho;

        boolean heard;
        /** Since when it is known at all. */
        final long since;

        long heldTerm;
        long heldVersion;
        boolean wrote;
        /** The newest topology by which it has said that it serves all of which it is primary. */
        long settledVersion;
        /** Whether it said so in its newest answer. */
        boolean leased;
        /** When it last said that it had a lease, or when it became known. */
        long leasedAt;
        /** Of whom it has heard lately. */
        List<Id> hears = List.of();
        /** When its silence or death was noticed; only meaningful if {@link #suspected}. */
        long suspectedAt;

        boolean suspected;
        /** Whether its sockets are refused. */
        boolean gone;

        Follower(long since) {
            this.since = since;
            this.leasedAt = since;
        }
    }

    /** A primary's request and when it was learned of. */
    record Asked<T>(T message, Id primary, long learnedAt) {}

    final long term;
    final long electedAt;
    final Map<Id, Member> joiners = new LinkedHashMap<>();
    final Set<Id> leavers = new TreeSet<>();
    final Set<String> newMaps = new LinkedHashSet<>();
    /** By partition, and then by copy: a primary may miss several. */
    final Map<Integer, Map<Id, Asked<RemoveBackup>>> removals = new TreeMap<>();

    final Map<Integer, Asked<Filled>> fillings = new TreeMap<>();
    private final Map<Id, Follower> followers = new HashMap<>();
    private List<Id> heardMyself = List.of();
    private long settledMyself;
    private final Times times;
    private final Id self;
    /** What was not heard before this moment is nobody's silence. */
    private long judgedFrom;

    Leadership(Id self, long term, long electedAt, Times times) {
        this.self = self;
        this.term = term;
        this.electedAt = electedAt;
        this.times = times;
        this.judgedFrom = electedAt;
    }

    Follower follower(Id id, long nanos) {
        return followers.computeIfAbsent(id, unknown -> new Follower(nanos));
    }

    @Nullable
    Follower known(Id id) {
        return followers.get(id);
    }

    /** It answered a heartbeat of this moment. */
    void heard(Id from, HeartbeatAck ack, long sentNanos, long nanos) {
        Follower follower = follower(from, nanos);
        if (!follower.heard || sentNanos - follower.lastEcho > 0) {
            follower.lastEcho = sentNanos;
            follower.heard = true;
        }
        if (ack.heldTerm() > follower.heldTerm
                || (ack.heldTerm() == follower.heldTerm && ack.heldVersion() > follower.heldVersion)) {
            follower.heldTerm = ack.heldTerm();
            follower.heldVersion = ack.heldVersion();
        }
        follower.wrote |= ack.wrote();
        follower.settledVersion = Math.max(follower.settledVersion, ack.settledVersion());
        follower.hears = ack.heard();
        follower.leased = ack.leased();
        if (ack.leased()) {
            follower.leasedAt = nanos;
        }
    }

    /** Whether it answered a heartbeat that was sent less than {@code times.fresh()} ago. */
    boolean isFresh(Id id, long nanos) {
        if (id.equals(self)) {
            return true;
        }
        Follower follower = followers.get(id);
        return follower != null && follower.heard && nanos - follower.lastEcho < times.fresh();
    }

    /** A primary asks, perhaps again: what counts is when the condition was learned of, and how fresh his news are. */
    void learnOf(RemoveBackup request, Id primary, long nanos) {
        Map<Id, Asked<RemoveBackup>> requests = removals.computeIfAbsent(request.partition(), first -> new HashMap<>());
        Asked<RemoveBackup> before = requests.get(request.copy());
        long learnedAt = before != null && before.primary.equals(primary) && before.message.epoch() == request.epoch()
                ? before.learnedAt
                : nanos;
        requests.put(request.copy(), new Asked<>(request, primary, learnedAt));
    }

    /** Whether it is fresh, and answered a heartbeat that was not sent before this moment. */
    boolean isFreshSince(Id id, long learnedAt, long nanos) {
        if (id.equals(self)) {
            return true;
        }
        Follower follower = followers.get(id);
        return isFresh(id, nanos) && follower != null && follower.lastEcho - learnedAt >= 0;
    }

    /** When the newest heartbeat that it answered was sent; only for comparisons between those that have answered. */
    long heardAt(Id id) {
        Follower follower = followers.get(id);
        return follower == null ? electedAt : follower.lastEcho;
    }

    /** Whether it said, freshly, that it holds exactly this topology. */
    boolean holds(Id id, Topology topology) {
        if (id.equals(self)) {
            return true;
        }
        Follower follower = followers.get(id);
        return follower != null
                && follower.heard
                && follower.heldTerm == topology.term()
                && follower.heldVersion == topology.version();
    }

    /** Notices silence and its end; {@code awareSince} is when this leader was last paused, or without a lease. */
    void watch(Topology held, long awareSince, Set<Id> gone, long nanos) {
        judgedFrom = later(judgedFrom, awareSince);
        for (Member member : held.members()) {
            if (member.id().equals(self)) {
                continue;
            }
            Follower follower = follower(member.id(), nanos);
            follower.gone = gone.contains(member.id());
            boolean silent = nanos - silentSince(follower) > times.silence();
            if (silent || follower.gone) {
                if (!follower.suspected) {
                    follower.suspected = true;
                    follower.suspectedAt = nanos;
                }
            } else if (follower.suspected && isFreshSince(member.id(), follower.suspectedAt, nanos)) {
                follower.suspected = false;
            }
        }
    }

    private long silentSince(Follower follower) {
        long since = follower.heard ? later(follower.since, follower.lastEcho) : follower.since;
        return later(since, judgedFrom);
    }

    /** When it last said that it had a lease, or when this leader could hear it again. */
    private long unleasedSince(Follower follower) {
        return later(follower.leasedAt, judgedFrom);
    }

    private static long later(long one, long other) {
        return other - one > 0 ? other : one;
    }

    boolean isSuspected(Id id) {
        Follower follower = followers.get(id);
        return follower != null && follower.suspected;
    }

    boolean isGone(Id id) {
        Follower follower = followers.get(id);
        return follower != null && follower.gone;
    }

    /** What this leader itself hears, and by which topology it serves all of which it is primary. */
    void heardMyself(List<Id> heard, long settledVersion) {
        heardMyself = heard;
        settledMyself = Math.max(settledMyself, settledVersion);
    }

    /** Whether it serves, by this topology or a newer one, all of which it is primary. */
    boolean isSettled(Id id, long version) {
        Follower follower = followers.get(id);
        return (id.equals(self) ? settledMyself : follower == null ? 0 : follower.settledVersion) >= version;
    }

    /**
     * Whether a majority of the voters said, after its suspicion began, that they hear nothing of it: a leader that is cut
     * off must not take the others for dead.
     */
    boolean isUnheard(Id id, Topology base, long nanos) {
        long since = suspectedAt(id, nanos);
        return Register.majority(base.voters(), voter -> !voter.equals(id) && isFreshSince(voter, since, nanos))
                && !heardMyself.contains(id)
                && followers.entrySet().stream()
                        .noneMatch(other -> isFresh(other.getKey(), nanos)
                                && other.getValue().hears.contains(id));
    }

    /** Whether it said, when it was last heard, that it had a lease. */
    boolean isLeased(Id id) {
        Follower follower = followers.get(id);
        return id.equals(self) || (follower != null && follower.leased);
    }

    /** Whether it lives, and has long said that it has no lease: it can serve nothing. */
    boolean isUnleased(Id id, long nanos) {
        Follower follower = followers.get(id);
        return follower != null && follower.heard && nanos - unleasedSince(follower) > times.electionMin();
    }

    /** Since when it can serve nothing; now for somebody who can, so that nobody is acted upon at once. */
    long troubledAt(Id id, long nanos) {
        Follower follower = followers.get(id);
        if (follower != null && !follower.suspected && isUnleased(id, nanos)) {
            return unleasedSince(follower) + times.electionMin();
        }
        return suspectedAt(id, nanos);
    }

    /** When the suspicion began; now for somebody unknown, so that nobody is acted upon at once. */
    long suspectedAt(Id id, long nanos) {
        Follower follower = followers.get(id);
        return follower != null && follower.suspected ? follower.suspectedAt : nanos;
    }

    void forget(Topology held) {
        followers.keySet().removeIf(id -> held.member(id) == null && !held.isVoter(id));
    }
}
