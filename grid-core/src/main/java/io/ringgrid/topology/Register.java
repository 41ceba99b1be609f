package io.ringgrid.topology;

import io.ringgrid.ring.Id;
import io.ringgrid.topology.RegisterMessage.Bye;
import io.ringgrid.topology.RegisterMessage.CreateMap;
import io.ringgrid.topology.RegisterMessage.Filled;
import io.ringgrid.topology.RegisterMessage.Heartbeat;
import io.ringgrid.topology.RegisterMessage.HeartbeatAck;
import io.ringgrid.topology.RegisterMessage.Held;
import io.ringgrid.topology.RegisterMessage.Join;
import io.ringgrid.topology.RegisterMessage.JoinRefused;
import io.ringgrid.topology.RegisterMessage.Lease;
import io.ringgrid.topology.RegisterMessage.LeaseRequest;
import io.ringgrid.topology.RegisterMessage.Leave;
import io.ringgrid.topology.RegisterMessage.Probe;
import io.ringgrid.topology.RegisterMessage.RemoveBackup;
import io.ringgrid.topology.RegisterMessage.StandForElection;
import io.ringgrid.topology.RegisterMessage.Vote;
import io.ringgrid.topology.RegisterMessage.VoteRequest;
import io.ringgrid.topology.Topology.MapDefinition;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Partition;
import io.ringgrid.topology.Topology.Settings;
import io.ringgrid.topology.Topology.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One member's part in agreeing on the topology (PROTOCOL.md 2 and 3): every member runs one, voter or not. Not
 * thread-safe: guarded by whoever owns it, but for what is said to be for any thread.
 *
 * <p>The agreement is Raft's, without a log: one small value, replaced as a whole. A candidate needs a quorum of the
 * topology that it <em>holds</em>, a voter refuses whoever holds less than itself, and a topology is committed when a
 * quorum has said that it holds exactly this (term, version). The winner of an election first commits what it holds
 * under its own term. Voters change by a joint quorum of the old and the new ones.
 *
 * <p>Leases ride on the same rule: a voter grants one only to who holds nothing older than itself, so once a newer
 * topology commits, no quorum renews the leases under the older one.
 *
 * <p>It costs a heartbeat and a lease request per member each 50 ms, and nothing on the data path.
 */
@SuppressWarnings("ReferenceEquality") // a topology is committed, or always granted, as this very object
public class Register {
    private static final long TRY_AGAIN = 2;

    private enum Role {
        FOLLOWER,
        CANDIDATE,
        LEADER
    }

    /**
     * Where this member stands towards its leader.
     *
     * @param leader who leads, as far as is known, or null
     * @param term the present term
     * @param heardNanos the newest heartbeat's clock reading
     */
    public record Standing(@Nullable Id leader, long term, long heardNanos) {}

    private record Stamp(long nanos, long wall) {}

    private final Member self;
    private final Settings settings;
    private final Times times;
    private final RandomGenerator random;
    private final LeaseClock lease;
    private final Proposal proposal;

    private final Set<Id> connected = new TreeSet<>();
    /** To whom a connection broke before this member belonged to a cluster, and who has not been refused since. */
    private final Set<Id> missed = new TreeSet<>();
    /** Whose sockets are refused, and since when; any thread asks. */
    private final Map<Id, Long> gone = new ConcurrentHashMap<>();

    private final Map<Id, Stamp> grants = new HashMap<>();

    /** The end of the cluster that this process was a member of before, if it dissolved. */
    private @Nullable Topology former;

    private @Nullable Topology held;
    /** Its voters, those that are to come too, and all whom it names, without this member, in the order of their ids. */
    private List<Id> otherVoters = List.of();

    private List<Id> others = List.of();
    private @Nullable Topology committed;
    private Role role = Role.FOLLOWER;
    private long term;
    private @Nullable Id votedFor;
    private @Nullable Id lastLeader;
    private volatile Standing standing = new Standing(null, 0, 0);
    private @Nullable Leadership leadership;

    private boolean started;
    private long startedAt;
    private long lastTick;
    private long wokeAt;
    /** When its last pause, or its last time without a lease, ended: what it did not hear before is nobody's silence. */
    private long awareSince;

    private long leaderHeardAt;
    private boolean leaderHeard;
    private long electionDue;
    private boolean preVoting;
    private boolean handed;
    private final Set<Id> votes = new TreeSet<>();
    private long heldAt;
    private long lastHeartbeat;
    private long lastLeaseRequest;
    private long lastJoin;
    private long lastProbe;
    private long leasedAt;
    private long clusterSeenAt;
    private boolean clusterSeen;
    private final Map<Id, Long> otherJoiners = new HashMap<>();
    private final Map<Id, Long> heardAt = new HashMap<>();
    private boolean silentContacts;
    private boolean leaving;
    private boolean strangersReported;
    private String lastRefusal = "";
    private final Set<String> wantedMaps = new TreeSet<>();

    /**
     * A register of a member that has not joined.
     *
     * @param self this member, under a fresh identity
     * @param settings that the cluster must share
     * @param times of the protocol
     * @param random for election times and fresh ids
     */
    public Register(Member self, Settings settings, Times times, RandomGenerator random) {
        this(self, settings, times, random, new Proposal(self.id(), times, random));
    }

    Register(Member self, Settings settings, Times times, RandomGenerator random, Proposal proposal) {
        this.self = self;
        this.settings = settings;
        this.times = times;
        this.random = random;
        this.lease = new LeaseClock(times.lease());
        this.proposal = proposal;
    }

    /** The lease, for any thread. */
    public LeaseClock lease() {
        return lease;
    }

    /** Who leads, for any thread. */
    public Standing standing() {
        return standing;
    }

    /** The newest topology that was seen, or null before joining. */
    public @Nullable Topology held() {
        return held;
    }

    /** The newest topology that is known to be committed, or null before joining. */
    public @Nullable Topology committed() {
        return committed;
    }

    /** When this member's own last pause ended; meaningful only if it ever ticked. */
    public long wokeAt() {
        return wokeAt;
    }

    /**
     * This process was a member of a cluster that dissolved: whoever still belongs to it, and was not told before those who
     * knew had left, hears so when it asks.
     */
    public void former(Topology dissolved) {
        former = dissolved;
    }

    // ---- what the world tells ----

    /** A connection to this process stands. */
    public void connected(Id id) {
        connected.add(id);
        missed.remove(id);
        gone.remove(id);
    }

    /** The connection to this process broke; it may come back. */
    public void disconnected(Id id) {
        connected.remove(id);
        if (held == null) {
            missed.add(id);
        }
    }

    /** The sockets of this process are refused: it is gone. */
    public void refused(long nanos, Id id, RegisterEffects effects) {
        connected.remove(id);
        missed.remove(id);
        if (gone.put(id, nanos) != null || held == null) {
            return;
        }
        if (leadership != null) {
            leadership.watch(held, awareSince, gone.keySet(), nanos);
            heartbeat(nanos, effects);
        } else if (id.equals(lastLeader)) {
            leaderHeard = false;
            restartElection(nanos);
        }
    }

    /** Whether the sockets of this process are refused; for any thread. */
    public boolean isGone(Id id) {
        return gone.containsKey(id);
    }

    /**
     * This process said something, so it is not gone; but the last words of a dead one may come after its sockets were
     * refused. For any thread.
     */
    public void heard(long nanos, Id from) {
        if (gone.containsKey(from)) {
            gone.computeIfPresent(from, (id, since) -> nanos - since > times.fresh() ? null : since);
        }
    }

    /** Starts to leave gracefully; {@link RegisterEffects#left} tells when it is done. */
    public void leave(RegisterEffects effects) {
        leaving = true;
        if (!hasHeirs()) {
            effects.left();
        }
    }

    /** Whether anybody stays who could take over what this member has. */
    private boolean hasHeirs() {
        Topology now = committed;
        return now != null
                && now.members().stream()
                        .anyMatch(member -> member.state() != MemberState.LEAVING
                                && !member.id().equals(self.id())
                                && (!member.isWitness() || self.isWitness()));
    }

    /** Asks for a map of this name, until the committed topology has it; of no more than a cluster can have. */
    public void wantMap(String name) {
        Topology now = committed;
        int known = now == null ? 0 : now.maps().size();
        if (known + wantedMaps.size() < Topology.MAX_MAPS) {
            wantedMaps.add(name);
        }
    }

    /** Time passes; called each 10 to 25 ms. */
    public void tick(long nanos, long wall, RegisterEffects effects) {
        if (!started) {
            started = true;
            startedAt = nanos;
            lastTick = nanos;
            wokeAt = nanos;
            awareSince = nanos;
            lastJoin = nanos - times.discovery();
            lastHeartbeat = nanos - times.discovery();
            lastLeaseRequest = nanos - times.discovery();
            lastProbe = nanos;
            leasedAt = nanos;
            restartElection(nanos);
        }
        if (nanos - lastTick > times.gap()) {
            wokeAt = nanos;
            awareSince = nanos;
            leasedAt = nanos;
            restartElection(nanos);
        }
        lastTick = nanos;
        if (held == null) {
            lookForCluster(nanos, effects);
            return;
        }
        if (nanos - lastLeaseRequest >= times.heartbeat()) {
            askForLease(nanos, wall, effects);
        }
        renewLease();
        if (nanos - leasedAt > times.gap()) {
            // Who was cut off knows as little of the others as who was paused.
            awareSince = nanos;
        }
        if (lease.isValid(nanos, wall)) {
            leasedAt = nanos;
        } else {
            // Who is cut off is refused everywhere: what it saw then says nothing of the others.
            gone.clear();
        }
        askLeader(nanos, effects);
        if (leadership != null) {
            tickLeader(nanos, wall, effects);
        } else if (mayStand() && nanos - electionDue >= 0) {
            stand(nanos, false, effects);
        }
        boolean neverBound = committed == null && nanos - heldAt > TRY_AGAIN * times.electionMin();
        boolean dissolved =
                held != null && held.state() == State.DISSOLVED && nanos - heldAt > TRY_AGAIN * times.electionMin();
        if (neverBound || dissolved) {
            effects.expelled(neverBound ? "the topology that admitted it never committed" : "its cluster dissolved");
        } else if (isWidowed(nanos)) {
            effects.expelled("all members that had data are gone");
        }
    }

    /** A witness whose cluster has ended would keep others from founding the next one. */
    private boolean isWidowed(long nanos) {
        Topology now = held;
        return self.isWitness()
                && now != null
                && nanos - leasedAt > times.abandon()
                && !silentContacts
                && now.members().stream().noneMatch(member -> connected.contains(member.id()));
    }

    // ---- joining and founding ----

    private void lookForCluster(long nanos, RegisterEffects effects) {
        if (leaving) {
            effects.left();
            return;
        }
        if (nanos - lastJoin < times.heartbeat()) {
            return;
        }
        lastJoin = nanos;
        for (Id id : connected) {
            effects.send(id, new Join(self, settings));
        }
        otherJoiners.values().removeIf(seen -> nanos - seen > times.discovery());
        boolean othersFirst = otherJoiners.keySet().stream().anyMatch(other -> other.compareTo(self.id()) < 0);
        boolean seenLately = clusterSeen && nanos - clusterSeenAt < times.electionMax();
        boolean clusterNear =
                seenLately || (clusterSeen && !connected.isEmpty() && nanos - clusterSeenAt < times.abandon());
        boolean silentNear =
                (silentContacts || !missed.isEmpty() || connected.stream().anyMatch(id -> isSilent(id, nanos)))
                        && nanos - startedAt < times.abandon();
        boolean mayFound = !self.isWitness() && !othersFirst && !clusterNear && !silentNear;
        if (nanos - startedAt >= times.discovery() && mayFound) {
            found(nanos, effects);
        }
    }

    /** Whoever is awake says something each 50 ms: a joiner asks, a member answers. */
    private boolean isSilent(Id id, long nanos) {
        Long heard = heardAt.get(id);
        return heard == null || nanos - heard > times.lease();
    }

    /**
     * Whether somebody accepts connections but does not say who he is: perhaps a paused member of the cluster that is
     * looked for, so no other one is founded while this may pass.
     */
    public void silentContacts(boolean some) {
        silentContacts = some;
    }

    private void found(long nanos, RegisterEffects effects) {
        List<Partition> partitions = new ArrayList<>();
        for (int p = 0; p < settings.partitions(); p++) {
            partitions.add(new Partition(random.nextLong(), 1, self.id(), List.of(self.id()), null));
        }
        Topology founded = new Topology(
                new Id(random.nextLong(), random.nextLong()),
                1,
                1,
                State.ACTIVE,
                settings,
                List.of(new MapDefinition(0, "default")),
                List.of(self.id()),
                List.of(),
                List.of(self),
                partitions);
        term = 1;
        votedFor = self.id();
        effects.report(new Report(false, "cluster-founded cluster=" + founded.cluster()));
        hold(founded, nanos, effects);
        lead(nanos);
        commitIfAgreed(nanos, effects);
    }

    // ---- holding and committing ----

    private void hold(Topology newer, long nanos, RegisterEffects effects) {
        held = newer;
        heldAt = nanos;
        Set<Id> named = new TreeSet<>(newer.voters());
        named.addAll(newer.nextVoters());
        named.remove(self.id());
        otherVoters = List.copyOf(named);
        newer.members().forEach(member -> named.add(member.id()));
        named.remove(self.id());
        others = List.copyOf(named);
        effects.hold(newer);
        holding(newer, effects);
        renewLease();
    }

    /** A topology is only held; it changes nobody's role before it is committed. */
    void holding(Topology newer, RegisterEffects effects) {}

    private boolean isHeldCommitted() {
        return held != null && held == committed;
    }

    private void commit(RegisterEffects effects) {
        Topology now = held;
        if (now == null || now == committed) {
            return;
        }
        committed = now;
        // Dialed again, whoever is gone is refused again; but the dead must not be remembered for ever.
        gone.keySet().removeIf(id -> now.member(id) == null && !id.equals(lastLeader));
        grants.keySet().removeIf(id -> now.member(id) == null && !now.isVoter(id));
        heardAt.keySet().removeIf(id -> now.member(id) == null && !now.isVoter(id));
        now.maps().forEach(map -> wantedMaps.remove(map.name()));
        if (now.maps().size() >= Topology.MAX_MAPS) {
            wantedMaps.clear();
        }
        if (now.member(self.id()) == null) {
            if (leaving) {
                effects.left();
            } else {
                effects.expelled("the committed topology " + now.term() + "/" + now.version() + " lacks it");
            }
            return;
        }
        effects.commit(now);
    }

    boolean quorum(Topology topology, Predicate<Id> says) {
        return majority(topology.voters(), says)
                && (topology.nextVoters().isEmpty() || majority(topology.nextVoters(), says));
    }

    static boolean majority(List<Id> voters, Predicate<Id> says) {
        int count = 0;
        for (Id voter : voters) {
            count += says.test(voter) ? 1 : 0;
        }
        return count * 2 > voters.size();
    }

    // ---- leases ----

    private void askForLease(long nanos, long wall, RegisterEffects effects) {
        Topology now = held;
        if (now == null) {
            return;
        }
        lastLeaseRequest = nanos;
        LeaseRequest request = new LeaseRequest(now.cluster(), nanos, wall, now.term(), now.version());
        if (nanos - leasedAt <= times.lease()) {
            otherVoters.forEach(id -> effects.send(id, request));
            return;
        }
        Set<Id> asked = new TreeSet<>(others);
        asked.addAll(connected);
        asked.remove(self.id());
        asked.forEach(id -> effects.send(id, request));
    }

    private void renewLease() {
        Topology now = held;
        if (now == null) {
            lease.none();
            return;
        }
        Stamp since = oldest(quorumGrant(leaseVoters(now)), quorumGrant(now.nextVoters()));
        if (since == ALWAYS) {
            lease.forever();
        } else if (since == null) {
            lease.none();
        } else {
            lease.from(since.nanos, since.wall);
        }
    }

    List<Id> leaseVoters(Topology now) {
        return now.voters();
    }

    private static final Stamp ALWAYS = new Stamp(0, 0);

    /** The moment since which a majority of these has granted; a member always grants to itself. */
    private @Nullable Stamp quorumGrant(List<Id> voters) {
        if (voters.isEmpty()) {
            return ALWAYS;
        }
        int needed = voters.size() / 2 + 1;
        Stamp[] newestFirst = new Stamp[voters.size()];
        int known = 0;
        for (Id voter : voters) {
            Stamp stamp = grants.get(voter);
            if (voter.equals(self.id())) {
                needed--;
            } else if (stamp != null) {
                int at = known++;
                for (; at > 0 && stamp.nanos - newestFirst[at - 1].nanos > 0; at--) {
                    newestFirst[at] = newestFirst[at - 1];
                }
                newestFirst[at] = stamp;
            }
        }
        if (needed == 0) {
            return ALWAYS;
        }
        return known < needed ? null : newestFirst[needed - 1];
    }

    private static @Nullable Stamp oldest(@Nullable Stamp a, @Nullable Stamp b) {
        if (a == null || b == null) {
            return null;
        }
        if (a == ALWAYS) {
            return b;
        }
        return b == ALWAYS || a.nanos - b.nanos < 0 ? a : b;
    }

    // ---- elections ----

    private boolean mayStand() {
        return held != null && held.isVoter(self.id());
    }

    /** A silent leader gets its time; one whose process is gone is replaced at once, the voters a little apart. */
    private void restartElection(long nanos) {
        long wait = lastLeader != null && gone.containsKey(lastLeader)
                ? random.nextLong(times.heartbeat())
                : times.electionMin() + random.nextLong(times.electionMax() - times.electionMin());
        electionDue = nanos + wait;
    }

    private void stand(long nanos, boolean byHand, RegisterEffects effects) {
        restartElection(nanos);
        handed = byHand;
        preVoting = !byHand && asksBefore();
        if (preVoting) {
            askForVotes(term + 1, effects);
        } else {
            campaign(effects);
        }
        countVotes(nanos, effects);
    }

    /** Whether a candidate asks whether it would be elected before it raises the term. */
    boolean asksBefore() {
        return true;
    }

    private void campaign(RegisterEffects effects) {
        preVoting = false;
        term++;
        votedFor = self.id();
        role = Role.CANDIDATE;
        standing = new Standing(null, term, 0);
        askForVotes(term, effects);
    }

    private void askForVotes(long wanted, RegisterEffects effects) {
        Topology now = held;
        if (now == null) {
            return;
        }
        votes.clear();
        votes.add(self.id());
        Set<Id> voters = new TreeSet<>(now.voters());
        voters.addAll(now.nextVoters());
        voters.remove(self.id());
        voters.forEach(id -> effects.send(id, new VoteRequest(wanted, now, preVoting, handed)));
    }

    private void countVotes(long nanos, RegisterEffects effects) {
        Topology now = held;
        if (now == null || !quorum(now, votes::contains)) {
            return;
        }
        if (preVoting) {
            campaign(effects);
            if (!quorum(now, votes::contains)) {
                return;
            }
        }
        if (role == Role.CANDIDATE) {
            lead(nanos);
            effects.report(new Report(false, "leader-elected term=" + term));
            hold(Proposal.withStamp(now, term, now.version() + 1), nanos, effects);
            heartbeat(nanos, effects);
            commitIfAgreed(nanos, effects);
        }
    }

    private void lead(long nanos) {
        role = Role.LEADER;
        leadership = new Leadership(self.id(), term, nanos, times);
        standing = new Standing(self.id(), term, nanos);
        votes.clear();
    }

    private void follow(long newTerm, long nanos) {
        if (newTerm > term) {
            term = newTerm;
            votedFor = null;
            standing = new Standing(null, term, 0);
        } else if (role == Role.LEADER) {
            standing = new Standing(null, term, 0);
        }
        if (role != Role.FOLLOWER) {
            restartElection(nanos);
        }
        role = Role.FOLLOWER;
        preVoting = false;
        leadership = null;
    }

    // ---- leading ----

    private void tickLeader(long nanos, long wall, RegisterEffects effects) {
        Leadership lead = leadership;
        Topology now = held;
        if (lead == null || now == null) {
            return;
        }
        if (nanos - leasedAt > times.electionMin()) {
            effects.report(new Report(
                    true,
                    "leader-stepped-down term=" + term
                            + " it reaches no quorum of the voters: check the network and the other members"));
            follow(term, nanos);
            return;
        }
        standing = new Standing(self.id(), term, nanos);
        lead.watch(now, awareSince, gone.keySet(), nanos);
        lead.heardMyself(heardLately(now, nanos), settledVersion(effects));
        if (nanos - lastHeartbeat >= times.heartbeat()) {
            heartbeat(nanos, effects);
        }
        if (nanos - lastProbe >= times.discovery()) {
            lastProbe = nanos;
            for (Id id : connected) {
                if (now.member(id) == null) {
                    effects.send(id, new Probe(now.cluster(), anybodyWrote(effects)));
                }
            }
        }
        propose(nanos, wall, effects);
    }

    private void heartbeat(long nanos, RegisterEffects effects) {
        Topology now = held;
        Leadership lead = leadership;
        if (now == null || lead == null) {
            return;
        }
        lastHeartbeat = nanos;
        long committedTerm = committed == null ? 0 : committed.term();
        long committedVersion = committed == null ? 0 : committed.version();
        for (Id id : others) {
            effects.send(
                    id,
                    new Heartbeat(
                            now.cluster(),
                            term,
                            nanos,
                            committedTerm,
                            committedVersion,
                            lead.holds(id, now) ? null : now));
        }
    }

    private void commitIfAgreed(long nanos, RegisterEffects effects) {
        Topology now = held;
        Leadership lead = leadership;
        if (now == null || lead == null || isHeldCommitted() || now.term() != term) {
            return;
        }
        if (quorum(now, id -> lead.holds(id, now))) {
            Topology before = committed;
            commit(effects);
            heartbeat(nanos, effects);
            farewell(before, now, effects);
        }
    }

    private void farewell(@Nullable Topology before, Topology now, RegisterEffects effects) {
        if (before != null) {
            for (Member member : before.members()) {
                if (now.member(member.id()) == null) {
                    effects.send(member.id(), new Held(now, true));
                    effects.send(member.id(), new Bye(now.cluster()));
                }
            }
        }
        Leadership lead = leadership;
        if (lead != null && !now.isVoter(self.id())) {
            // One alone: several that stand at the same moment vote each for itself, and nobody is elected for a
            // second.
            now.voters().stream()
                    .filter(voter -> lead.holds(voter, now))
                    .max(Comparator.comparingLong(lead::heardAt))
                    .ifPresent(voter -> effects.send(voter, new StandForElection(now.cluster(), term)));
            follow(term, lastTick);
        }
    }

    /** Whether a proposal may be made at all: the last one is committed, and this leader may serve. */
    boolean mayPropose(long nanos, long wall) {
        return isHeldCommitted() && lease.isValid(nanos, wall);
    }

    private void propose(long nanos, long wall, RegisterEffects effects) {
        Topology now = held;
        Leadership lead = leadership;
        if (now == null || lead == null) {
            return;
        }
        if (!mayPropose(nanos, wall)) {
            restoreVoters(now, nanos, effects);
            return;
        }
        lead.forget(now);
        wantedMaps.forEach(lead.newMaps::add);
        Topology next = now.state() == State.ACTIVE
                ? proposal.next(now, lead, nanos, effects)
                : dissolve(now, lead, nanos, effects);
        if (next != null) {
            hold(next, nanos, effects);
            heartbeat(nanos, effects);
            commitIfAgreed(nanos, effects);
        }
    }

    /** An own change of voters that does not commit is taken back. */
    private void restoreVoters(Topology now, long nanos, RegisterEffects effects) {
        Topology last = committed;
        if (last != null
                && now.term() == term
                && !now.nextVoters().isEmpty()
                && last.nextVoters().isEmpty()
                && nanos - heldAt > 2 * times.lease()) {
            hold(Proposal.with(now, term, now.version() + 1, now.state(), last.voters(), List.of()), nanos, effects);
            heartbeat(nanos, effects);
            commitIfAgreed(nanos, effects);
        }
    }

    // ---- two clusters that meet ----

    boolean anybodyWrote(RegisterEffects effects) {
        Topology now = held;
        Leadership lead = leadership;
        if (effects.wrote() || now == null || lead == null) {
            return true;
        }
        for (Member member : now.members()) {
            Leadership.Follower follower = lead.known(member.id());
            if (!member.id().equals(self.id()) && (follower == null || follower.wrote)) {
                return true;
            }
        }
        return false;
    }

    private void meet(Id from, Probe probe, long nanos, RegisterEffects effects) {
        Topology now = held;
        Leadership lead = leadership;
        if (now == null || probe.cluster().equals(now.cluster())) {
            return;
        }
        effects.send(from, new Held(now, isHeldCommitted()));
        if (lead == null || !isHeldCommitted() || now.state() != State.ACTIVE) {
            return;
        }
        boolean mine = anybodyWrote(effects);
        if (mine && probe.wrote()) {
            if (!strangersReported) {
                strangersReported = true;
                effects.report(
                        new Report(
                                true,
                                "two-clusters own=" + now.cluster() + " other=" + probe.cluster()
                                        + " both hold data and stay apart: stop the members of one of them and start them again"));
            }
        } else if (!mine && (probe.wrote() || now.cluster().compareTo(probe.cluster()) > 0)) {
            effects.report(
                    new Report(false, "cluster-dissolving cluster=" + now.cluster() + " into=" + probe.cluster()));
            restate(now, State.DISSOLVING, nanos, effects);
        }
    }

    private void restate(Topology now, State state, long nanos, RegisterEffects effects) {
        hold(Proposal.with(now, term, now.version() + 1, state, now.voters(), now.nextVoters()), nanos, effects);
        heartbeat(nanos, effects);
        commitIfAgreed(nanos, effects);
    }

    /** Nobody serves any more. If all members say so, and that they never wrote, the cluster ends. */
    private @Nullable Topology dissolve(Topology now, Leadership lead, long nanos, RegisterEffects effects) {
        if (now.state() == State.DISSOLVED) {
            boolean allKnow = now.members().stream().allMatch(member -> lead.holds(member.id(), now));
            if (allKnow && nanos - heldAt > times.lease()) {
                effects.expelled("its cluster dissolved");
            }
            return null;
        }
        boolean all = now.members().stream().allMatch(member -> lead.holds(member.id(), now));
        State next = State.DISSOLVING;
        if (all) {
            next = anybodyWrote(effects) ? State.ACTIVE : State.DISSOLVED;
        } else if (nanos - heldAt > 3 * times.silence()) {
            next = State.ACTIVE;
        }
        return next == State.DISSOLVING
                ? null
                : Proposal.with(now, term, now.version() + 1, next, now.voters(), now.nextVoters());
    }

    // ---- asking the leader ----

    private void askLeader(long nanos, RegisterEffects effects) {
        Topology now = held;
        if (now == null || nanos - lastJoin < times.heartbeat()) {
            return;
        }
        lastJoin = nanos;
        if (leaving && !hasHeirs()) {
            effects.left();
        } else if (leaving) {
            now.members().stream()
                    .map(Member::id)
                    .filter(id -> !id.equals(self.id()))
                    .forEach(id -> effects.send(id, new Leave(now.cluster())));
            if (leadership != null) {
                leadership.leavers.add(self.id());
            }
        }
        Id leader = standing.leader();
        if (leader != null && !leader.equals(self.id())) {
            wantedMaps.forEach(name -> effects.send(leader, new CreateMap(now.cluster(), name)));
        }
    }

    // ---- messages ----

    /** Another member says something. */
    public void receive(long nanos, long wall, Id from, RegisterMessage message, RegisterEffects effects) {
        heardAt.put(from, nanos);
        Topology end = former;
        if (end != null
                && message instanceof LeaseRequest request
                && request.cluster().equals(end.cluster())) {
            effects.send(from, new Held(end, true));
            return;
        }
        if (held == null) {
            if (!(message instanceof Join)) {
                // Only who belongs to a cluster says anything else.
                clusterSeen = true;
                clusterSeenAt = nanos;
            }
        }
        if (message instanceof Heartbeat heartbeat) {
            onHeartbeat(nanos, wall, from, heartbeat, effects);
        } else if (message instanceof HeartbeatAck ack) {
            onAck(nanos, wall, from, ack, effects);
        } else if (message instanceof LeaseRequest request) {
            onLeaseRequest(from, request, effects);
        } else if (message instanceof Lease granted) {
            onLease(from, granted, effects);
        } else if (message instanceof VoteRequest request) {
            onVoteRequest(nanos, from, request, effects);
        } else if (message instanceof Vote vote) {
            onVote(nanos, from, vote, effects);
        } else if (message instanceof Held news) {
            onHeld(nanos, news, effects);
        } else if (message instanceof Probe probe) {
            meet(from, probe, nanos, effects);
        } else if (message instanceof Join join) {
            onJoin(nanos, from, join, effects);
        } else if (message instanceof JoinRefused refusal) {
            if (!refusal.reason().equals(lastRefusal)) {
                lastRefusal = refusal.reason();
                effects.report(new Report(true, "join-refused " + refusal.reason()));
            }
        } else {
            onRequest(nanos, wall, from, message, effects);
        }
    }

    private void onRequest(long nanos, long wall, Id from, RegisterMessage message, RegisterEffects effects) {
        if (message instanceof RemoveBackup request) {
            if (isMine(request.cluster()) && leadership != null && request.term() == term) {
                leadership.learnOf(request, from, nanos);
                if (nanos - lastHeartbeat > times.heartbeat() / 10) {
                    heartbeat(nanos, effects);
                }
            }
        } else if (message instanceof Filled report) {
            if (isMine(report.cluster()) && leadership != null && report.term() == term) {
                leadership.fillings.put(report.partition(), new Leadership.Asked<>(report, from, nanos));
            }
        } else if (message instanceof Leave leave) {
            onLeave(from, leave, effects);
        } else if (message instanceof Bye bye) {
            if (leaving && isMine(bye.cluster()) && committed != null && committed.member(self.id()) == null) {
                effects.left();
            }
        } else if (message instanceof StandForElection request) {
            if (isMine(request.cluster()) && request.term() == term && mayStand() && isHeldCommitted()) {
                stand(nanos, true, effects);
            }
        } else if (message instanceof CreateMap request) {
            if (isMine(request.cluster()) && leadership != null) {
                leadership.newMaps.add(request.name());
                propose(nanos, wall, effects);
            }
        }
    }

    private boolean isMine(Id cluster) {
        return held != null && held.cluster().equals(cluster);
    }

    private void onHeartbeat(long nanos, long wall, Id from, Heartbeat heartbeat, RegisterEffects effects) {
        Topology news = heartbeat.topology();
        boolean admits = held == null && news != null && news.member(self.id()) != null;
        if (!admits && !isMine(heartbeat.cluster())) {
            return;
        }
        Topology mine = held;
        if (heartbeat.term() < term) {
            ack(nanos, wall, from, heartbeat, effects);
            if (mine != null && mine.isNewerThan(heartbeat.committedTerm(), heartbeat.committedVersion())) {
                effects.send(from, new Held(mine, isHeldCommitted()));
            }
            return;
        }
        if (heartbeat.term() > term || role != Role.FOLLOWER) {
            follow(heartbeat.term(), nanos);
        }
        boolean sameLeader = from.equals(standing.leader());
        long heardNanos = sameLeader && standing.term() == term && standing.heardNanos() - heartbeat.sentNanos() > 0
                ? standing.heardNanos()
                : heartbeat.sentNanos();
        standing = new Standing(from, term, heardNanos);
        lastLeader = from;
        leaderHeard = true;
        leaderHeardAt = nanos;
        restartElection(nanos);
        commitIfSame(heartbeat.committedTerm(), heartbeat.committedVersion(), effects);
        if (news != null && news.isNewerThan(held)) {
            hold(news, nanos, effects);
            commitIfSame(heartbeat.committedTerm(), heartbeat.committedVersion(), effects);
        }
        ack(nanos, wall, from, heartbeat, effects);
    }

    private void commitIfSame(long committedTerm, long committedVersion, RegisterEffects effects) {
        Topology now = held;
        if (now != null && now.term() == committedTerm && now.version() == committedVersion) {
            commit(effects);
        }
    }

    private void ack(long nanos, long wall, Id from, Heartbeat heartbeat, RegisterEffects effects) {
        Topology now = held;
        if (now != null) {
            effects.send(
                    from,
                    new HeartbeatAck(
                            now.cluster(),
                            term,
                            heartbeat.sentNanos(),
                            now.term(),
                            now.version(),
                            effects.wrote(),
                            lease.isValid(nanos, wall),
                            settledVersion(effects),
                            heardLately(now, nanos)));
        }
    }

    private long settledVersion(RegisterEffects effects) {
        Topology now = committed;
        return now == null || effects.takesOver() ? 0 : now.version();
    }

    /** From when on an answer makes its sender fresh: not from now, it may have waited in a queue. */
    long sentAt(HeartbeatAck ack, long nanos) {
        return ack.echoNanos();
    }

    /** A voter hears all that live, since they ask it for leases; who is none has nothing to say. */
    private List<Id> heardLately(Topology now, long nanos) {
        if (!now.isVoter(self.id())) {
            return List.of();
        }
        List<Id> heard = new ArrayList<>(now.members().size());
        for (Member member : now.members()) {
            if (!isSilent(member.id(), nanos)) {
                heard.add(member.id());
            }
        }
        return List.copyOf(heard);
    }

    private void onAck(long nanos, long wall, Id from, HeartbeatAck ack, RegisterEffects effects) {
        Leadership lead = leadership;
        if (!isMine(ack.cluster())) {
            return;
        }
        if (ack.term() > term) {
            follow(ack.term(), nanos);
            return;
        }
        if (lead != null && ack.term() == term) {
            lead.heard(from, ack, sentAt(ack, nanos), nanos);
            commitIfAgreed(nanos, effects);
            if (leadership == lead) {
                propose(nanos, wall, effects);
            }
        }
    }

    private void onLeaseRequest(Id from, LeaseRequest request, RegisterEffects effects) {
        Topology now = held;
        if (now == null || !isMine(request.cluster())) {
            return;
        }
        // Whoever is removed may hold the topology that says so before it is committed; no heartbeat tells him when it
        // is.
        boolean removed = now.member(from) == null && !now.isVoter(from);
        if (removed || now.isNewerThan(request.heldTerm(), request.heldVersion())) {
            effects.send(from, new Held(now, isHeldCommitted()));
        } else {
            long committedTerm = committed == null ? 0 : committed.term();
            long committedVersion = committed == null ? 0 : committed.version();
            effects.send(
                    from,
                    new Lease(
                            request.cluster(),
                            request.sentNanos(),
                            request.sentWall(),
                            committedTerm,
                            committedVersion));
        }
    }

    private void onLease(Id from, Lease granted, RegisterEffects effects) {
        if (!isMine(granted.cluster())) {
            return;
        }
        Stamp before = grants.get(from);
        if (before == null || granted.sentNanos() - before.nanos > 0) {
            grants.put(from, new Stamp(granted.sentNanos(), granted.sentWall()));
            renewLease();
        }
        commitIfSame(granted.committedTerm(), granted.committedVersion(), effects);
    }

    private void onVoteRequest(long nanos, Id from, VoteRequest request, RegisterEffects effects) {
        Topology theirs = request.topology();
        Topology mine = held;
        if (mine == null ? theirs.member(self.id()) == null : !isMine(theirs.cluster())) {
            return;
        }
        if (mine != null && mine.isNewerThan(theirs)) {
            effects.send(from, new Held(mine, isHeldCommitted()));
            return;
        }
        boolean hearsLeader = (leaderHeard && nanos - leaderHeardAt < times.electionMin()) || leadership != null;
        if (hearsLeader && !request.handed()) {
            return;
        }
        if (request.pre()) {
            boolean would = request.term() > term;
            effects.send(from, new Vote(theirs.cluster(), request.term(), true, would));
            return;
        }
        if (request.term() < term) {
            effects.send(from, new Vote(theirs.cluster(), term, false, false));
            return;
        }
        if (request.term() > term) {
            follow(request.term(), nanos);
        }
        if (theirs.isNewerThan(held)) {
            hold(theirs, nanos, effects);
        }
        boolean granted = mayVote(from);
        if (granted) {
            votedFor = from;
            restartElection(nanos);
        }
        effects.send(from, new Vote(theirs.cluster(), term, false, granted));
    }

    boolean mayVote(Id candidate) {
        return votedFor == null || votedFor.equals(candidate);
    }

    private void onVote(long nanos, Id from, Vote vote, RegisterEffects effects) {
        if (!isMine(vote.cluster())) {
            return;
        }
        if (!vote.granted()) {
            if (vote.term() > term && !vote.pre()) {
                follow(vote.term(), nanos);
            }
            return;
        }
        boolean wanted =
                vote.pre() ? preVoting && vote.term() == term + 1 : role == Role.CANDIDATE && vote.term() == term;
        if (wanted) {
            votes.add(from);
            countVotes(nanos, effects);
        }
    }

    private void onHeld(long nanos, Held news, RegisterEffects effects) {
        Topology theirs = news.topology();
        if (held == null) {
            if (theirs.member(self.id()) != null) {
                hold(theirs, nanos, effects);
            }
        } else if (!isMine(theirs.cluster())) {
            return;
        } else if (theirs.isNewerThan(held)) {
            if (theirs.term() > term || role == Role.CANDIDATE) {
                follow(Math.max(term, theirs.term()), nanos);
            }
            hold(theirs, nanos, effects);
        }
        if (news.committed()) {
            commitIfSame(theirs.term(), theirs.version(), effects);
        }
    }

    private void onJoin(long nanos, Id from, Join join, RegisterEffects effects) {
        Topology now = held;
        if (!join.member().id().equals(from)) {
            return;
        }
        if (now == null) {
            if (!join.member().isWitness()) {
                otherJoiners.put(from, nanos);
            }
            return;
        }
        if (now.state() != State.ACTIVE) {
            return;
        }
        // Also to one that was admitted already: the leader may not reach it.
        effects.send(from, new Held(now, isHeldCommitted()));
        String differs = difference(join.settings(), now.settings());
        if (!differs.isEmpty()) {
            effects.send(from, new JoinRefused(differs));
        } else if (leadership != null && now.member(from) == null) {
            leadership.joiners.put(from, join.member().in(MemberState.ACTIVE));
        }
    }

    private static String difference(Settings theirs, Settings ours) {
        if (theirs.partitions() != ours.partitions()) {
            return "setting=partitions own=" + theirs.partitions() + " cluster=" + ours.partitions()
                    + " start it with the cluster's value";
        }
        if (theirs.backups() != ours.backups()) {
            return "setting=backups own=" + theirs.backups() + " cluster=" + ours.backups()
                    + " start it with the cluster's value";
        }
        if (theirs.maxValueBytes() != ours.maxValueBytes()) {
            return "setting=max-value-bytes own=" + theirs.maxValueBytes() + " cluster=" + ours.maxValueBytes()
                    + " start it with the cluster's value";
        }
        return "";
    }

    private void onLeave(Id from, Leave leave, RegisterEffects effects) {
        Topology now = held;
        if (now == null || !isMine(leave.cluster())) {
            return;
        }
        if (now.member(from) != null && leadership != null) {
            leadership.leavers.add(from);
        } else if (now.member(from) == null && isHeldCommitted()) {
            effects.send(from, new Held(now, true));
            effects.send(from, new Bye(now.cluster()));
        }
    }
}
