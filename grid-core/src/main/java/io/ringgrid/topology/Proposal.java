package io.ringgrid.topology;

import io.ringgrid.ring.Id;
import io.ringgrid.ring.Planner;
import io.ringgrid.ring.RingMember;
import io.ringgrid.ring.RingTable;
import io.ringgrid.topology.Leadership.Asked;
import io.ringgrid.topology.RegisterMessage.Filled;
import io.ringgrid.topology.RegisterMessage.RemoveBackup;
import io.ringgrid.topology.Topology.MapDefinition;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Partition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Works out the next topology from the committed one: all changes that are due, in one proposal (PROTOCOL.md 2, 5, 6).
 * Guarded by the {@link Register} that owns it.
 *
 * <p>Where the copies should be is the planner's table, made anew only when the members change; how each partition gets
 * there is one step at a time, and each step keeps every acknowledged write: a copy is added by filling, counts when it
 * is in sync, and only then another one goes. The leader never shrinks {@code inSync} on its own suspicion; it does so
 * when the primary asks, when it promotes another, or when the copy is in excess and all that remain are fresh.
 */
class Proposal {
    /** So many partitions at the most are being filled at a time; more would only wait for each other. */
    private static final int MAX_FILLING = 128;

    private final Id self;
    private final Times times;
    private final RandomGenerator random;
    private List<RingMember> plannedFor = List.of();
    private RingTable target = new RingTable(List.of());
    /** Of each partition the epoch that was seen last, and the version of the topology that had it first. */
    private int[] epochs = {};

    private long[] epochsSince = {};

    Proposal(Id self, Times times, RandomGenerator random) {
        this.self = self;
        this.times = times;
        this.random = random;
    }

    /** One attempt's material: what is being built, and what is known. */
    final class Draft {
        final Topology base;
        final Leadership lead;
        final long nanos;
        final RegisterEffects effects;
        final Map<Id, Member> members = new HashMap<>();
        int filling;
        /** Some partition has fewer copies than it should: copies are made first, and evened out afterwards. */
        boolean lacking;

        Draft(Topology base, Leadership lead, long nanos, RegisterEffects effects) {
            this.base = base;
            this.lead = lead;
            this.nanos = nanos;
            this.effects = effects;
        }

        boolean is(@Nullable Id id, MemberState state) {
            Member member = id == null ? null : members.get(id);
            return member != null && member.state() == state;
        }

        /** Active, fresh, and not long without a lease: may be given something. */
        boolean isAble(@Nullable Id id) {
            return id != null && is(id, MemberState.ACTIVE) && lead.isFresh(id, nanos) && !isUnleased(id, lead, nanos);
        }

        /** Not suspected, and not long without a lease: keeps its primaries. */
        boolean isServing(@Nullable Id id) {
            return id != null && isAlive(id) && !isUnleased(id, lead, nanos);
        }

        /** Not suspected: keeps what it has. */
        boolean isAlive(@Nullable Id id) {
            return is(id, MemberState.ACTIVE) || is(id, MemberState.LEAVING);
        }

        /** Its copy will never be seen again: its process is gone, or it was given up. */
        boolean isOver(Id id) {
            Member member = members.get(id);
            return member == null
                    || (member.state() == MemberState.SUSPECT
                            && (isDead(id)
                                    || (nanos - lead.suspectedAt(id, nanos) > times.abandon()
                                            && isUnheard(id, base, lead, nanos))));
        }

        /** Its sockets are refused, and nobody hears it. */
        boolean isDead(Id id) {
            return lead.isGone(id) && isUnheard(id, base, lead, nanos);
        }
    }

    /** The next topology, with the version after the committed one's; or null if nothing is due. */
    @Nullable
    Topology next(Topology base, Leadership lead, long nanos, RegisterEffects effects) {
        Draft draft = new Draft(base, lead, nanos, effects);
        List<Member> members = members(draft);
        for (Member member : members) {
            draft.members.put(member.id(), member);
        }
        plan(draft, members);
        List<Partition> partitions = partitions(draft);
        members.removeIf(member -> mayGo(draft, member, partitions));
        List<Id> nextVoters = base.nextVoters().isEmpty() ? nextVoters(draft, members) : List.of();
        List<Id> voters = base.nextVoters().isEmpty() ? base.voters() : base.nextVoters();
        List<MapDefinition> maps = maps(draft);
        // Nearly always nothing is due, and then nothing is made but these lists.
        boolean same = partitions.equals(base.partitions())
                && members.equals(base.members())
                && nextVoters.equals(base.nextVoters())
                && voters.equals(base.voters())
                && maps.equals(base.maps());
        return same
                ? null
                : new Topology(
                        base.cluster(),
                        lead.term,
                        base.version() + 1,
                        base.state(),
                        base.settings(),
                        maps,
                        voters,
                        nextVoters,
                        members,
                        partitions);
    }

    /** The same content under another (term, version). */
    static Topology withStamp(Topology base, long term, long version) {
        return with(base, term, version, base.state(), base.voters(), base.nextVoters());
    }

    /** The same members and partitions with another stamp, state and voters. */
    static Topology with(
            Topology base, long term, long version, Topology.State state, List<Id> voters, List<Id> nextVoters) {
        return new Topology(
                base.cluster(),
                term,
                version,
                state,
                base.settings(),
                base.maps(),
                voters,
                nextVoters,
                base.members(),
                base.partitions());
    }

    private List<Member> members(Draft draft) {
        List<Member> members = new ArrayList<>();
        for (Member member : draft.base.members()) {
            members.add(member.in(state(draft, member)));
        }
        for (Member joiner : draft.lead.joiners.values()) {
            if (draft.base.member(joiner.id()) == null && !draft.lead.leavers.contains(joiner.id())) {
                members.add(joiner);
            }
        }
        draft.lead.joiners.clear();
        return members;
    }

    private MemberState state(Draft draft, Member member) {
        if (draft.lead.isSuspected(member.id())) {
            return MemberState.SUSPECT;
        }
        if (draft.lead.leavers.contains(member.id()) || member.state() == MemberState.LEAVING) {
            return MemberState.LEAVING;
        }
        boolean back = member.state() == MemberState.SUSPECT && draft.lead.isFresh(member.id(), draft.nanos);
        return back ? MemberState.ACTIVE : member.state();
    }

    private void plan(Draft draft, List<Member> members) {
        if (isPlannedFor(members)) {
            return;
        }
        List<RingMember> ring = new ArrayList<>();
        for (Member member : members) {
            if (isPlannable(member)) {
                ring.add(new RingMember(member.id(), member.zone(), member.weight()));
            }
        }
        if (ring.isEmpty()) {
            return;
        }
        if (plannedFor.isEmpty()) {
            List<List<Id>> owners = new ArrayList<>();
            for (Partition partition : draft.base.partitions()) {
                owners.add(owners(partition));
            }
            target = new RingTable(owners);
        }
        target = Planner.next(target, ring, draft.base.settings().backups() + 1);
        plannedFor = ring;
    }

    private static boolean isPlannable(Member member) {
        return member.state() == MemberState.ACTIVE && !member.isWitness();
    }

    /** Whether exactly those of them that may hold data have been planned for, in this order. */
    private boolean isPlannedFor(List<Member> members) {
        int planned = 0;
        for (Member member : members) {
            if (isPlannable(member)) {
                RingMember same = planned < plannedFor.size() ? plannedFor.get(planned) : null;
                if (same == null
                        || !same.id().equals(member.id())
                        || !same.zone().equals(member.zone())
                        || same.weight() != member.weight()) {
                    return false;
                }
                planned++;
            }
        }
        return planned == plannedFor.size();
    }

    private static List<Id> owners(Partition partition) {
        List<Id> owners = new ArrayList<>();
        if (partition.primary() != null) {
            owners.add(partition.primary());
        }
        for (Id id : partition.inSync()) {
            if (!owners.contains(id)) {
                owners.add(id);
            }
        }
        if (partition.filling() != null) {
            owners.add(partition.filling());
        }
        return owners;
    }

    private List<Partition> partitions(Draft draft) {
        int copies = draft.base.settings().backups() + 1;
        List<Partition> next = new ArrayList<>(draft.base.partitions().size());
        for (Partition partition : draft.base.partitions()) {
            if (partition.filling() != null) {
                draft.filling++;
            }
            draft.lacking |= partition.inSync().size() < Math.min(copies, plannedFor.size());
        }
        watchEpochs(draft);
        for (int p = 0; p < draft.base.partitions().size(); p++) {
            next.add(step(draft, p, draft.base.partitions().get(p)));
        }
        draft.lead.fillings.clear();
        for (Map<Id, Asked<RemoveBackup>> requests : draft.lead.removals.values()) {
            requests.values().removeIf(asked -> draft.nanos - asked.message().heardNanos() >= times.fresh());
        }
        draft.lead.removals.values().removeIf(Map::isEmpty);
        return next;
    }

    private void watchEpochs(Draft draft) {
        List<Partition> partitions = draft.base.partitions();
        if (epochs.length != partitions.size()) {
            epochs = new int[partitions.size()];
            epochsSince = new long[partitions.size()];
        }
        for (int p = 0; p < epochs.length; p++) {
            if (epochs[p] != partitions.get(p).epoch()) {
                epochs[p] = partitions.get(p).epoch();
                epochsSince[p] = draft.base.version();
            }
        }
    }

    /** At most one change of a role, the most pressing one. */
    private Partition step(Draft draft, int p, Partition now) {
        List<Id> wanted = plannedFor.isEmpty() ? List.of() : target.owners(p);
        if (!draft.isServing(now.primary())) {
            return promote(draft, p, now, wanted);
        }
        Id filling = now.filling();
        if (filling != null && !draft.is(filling, MemberState.ACTIVE)) {
            return new Partition(now.line(), now.epoch() + 1, now.primary(), now.inSync(), null);
        }
        Partition asked = asPrimaryAsked(draft, p, now);
        if (asked != null) {
            return asked;
        }
        return filling != null || wanted.isEmpty() ? now : move(draft, p, now, wanted);
    }

    @Nullable
    Partition asPrimaryAsked(Draft draft, int p, Partition now) {
        Set<Id> missed = missedCopies(draft, p, now);
        if (!missed.isEmpty()) {
            return new Partition(
                    now.line(),
                    now.epoch() + 1,
                    now.primary(),
                    now.inSync().stream().filter(id -> !missed.contains(id)).toList(),
                    missed.contains(now.filling()) ? null : now.filling());
        }
        Asked<Filled> filled = draft.lead.fillings.get(p);
        if (filled != null
                && filled.message().epoch() == now.epoch()
                && filled.message().copy().equals(now.filling())
                && draft.nanos - filled.message().heardNanos() < times.fresh()) {
            List<Id> inSync = new ArrayList<>(now.inSync());
            inSync.add(filled.message().copy());
            return new Partition(now.line(), now.epoch(), now.primary(), inSync, null);
        }
        return null;
    }

    /** The copies that the primary wants removed, and may have removed: each of them, so that the next epoch waits for none. */
    private Set<Id> missedCopies(Draft draft, int p, Partition now) {
        Set<Id> missed = new HashSet<>();
        for (Asked<RemoveBackup> removal :
                draft.lead.removals.getOrDefault(p, Map.of()).values()) {
            Id copy = removal.message().copy();
            if (removal.message().epoch() == now.epoch()
                    && !copy.equals(now.primary())
                    && now.concerns(copy)
                    && isDue(draft, removal, removal.message().heardNanos())) {
                missed.add(copy);
            }
        }
        return missed;
    }

    /** Who has long been without a lease serves nothing, and keeps no role. */
    boolean isUnleased(Id id, Leadership lead, long nanos) {
        return lead.isUnleased(id, nanos);
    }

    /** Nobody is taken for dead on the leader's word alone. */
    boolean isUnheard(Id id, Topology base, Leadership lead, long nanos) {
        return lead.isUnheard(id, base, nanos);
    }

    /**
     * A primary's request counts while the news that it had is fresh, and when it answered, with a lease, after it was
     * learned of: who is cut from the voters may be cut from its backup as well, which then has to take over.
     */
    boolean isDue(Draft draft, Asked<?> asked, long heardNanos) {
        return draft.nanos - heardNanos < times.fresh()
                && draft.lead.isLeased(asked.primary())
                && draft.lead.isFreshSince(asked.primary(), asked.learnedAt(), draft.nanos);
    }

    private Partition promote(Draft draft, int p, Partition now, List<Id> wanted) {
        Id old = now.primary();
        long learnedAt = old == null ? draft.lead.electedAt : draft.lead.troubledAt(old, draft.nanos);
        Id heir = null;
        for (Id id : now.inSync()) {
            boolean able =
                    !id.equals(old) && draft.isServing(id) && draft.lead.isFreshSince(id, learnedAt, draft.nanos);
            if (able && (heir == null || wanted.indexOf(id) == 0)) {
                heir = id;
            }
        }
        if (heir != null) {
            Id filling = draft.is(now.filling(), MemberState.ACTIVE) ? now.filling() : null;
            return new Partition(
                    now.line(),
                    now.epoch() + 1,
                    heir,
                    old == null ? now.inSync() : without(now.inSync(), old),
                    filling);
        }
        if (now.inSync().stream().allMatch(draft::isOver)) {
            for (Id id : wanted) {
                if (draft.isAble(id)) {
                    draft.effects.report(
                            new Report(
                                    true,
                                    "partition-lost partition=" + p + " line=" + Long.toHexString(now.line())
                                            + " all copies are gone, it starts again empty: more backups survive more crashes"));
                    return new Partition(newLine(), now.epoch() + 1, id, List.of(id), null);
                }
            }
        }
        return now;
    }

    private long newLine() {
        return random.nextLong();
    }

    private Partition move(Draft draft, int p, Partition now, List<Id> wanted) {
        Id primary = now.primary();
        if (primary == null || !draft.lead.isFresh(primary, draft.nanos)) {
            return now;
        }
        boolean whole = now.inSync().size() >= wanted.size();
        if (whole && draft.lacking) {
            return now;
        }
        for (Id id : wanted) {
            if (!now.inSync().contains(id) && draft.isAble(id) && draft.filling < MAX_FILLING) {
                draft.filling++;
                return new Partition(now.line(), now.epoch() + 1, primary, now.inSync(), id);
            }
        }
        Id first = wanted.get(0);
        if (!first.equals(primary) && now.inSync().contains(first) && draft.isAble(first)) {
            return new Partition(now.line(), now.epoch() + 1, first, now.inSync(), null);
        }
        // Whoever was primary until now first learns of its successor what became of what it had not answered.
        if (draft.lead.isSettled(primary, epochsSince[p]) && now.inSync().containsAll(wanted)) {
            for (Id id : now.inSync()) {
                if (wanted.contains(id) || id.equals(primary)) {
                    continue;
                }
                List<Id> rest = without(now.inSync(), id);
                if (mayRemain(draft, rest)) {
                    return new Partition(now.line(), now.epoch() + 1, primary, rest, null);
                }
            }
        }
        return now;
    }

    /** Whether an excess copy may go and leave these: all of them are surely there. */
    boolean mayRemain(Draft draft, List<Id> rest) {
        return rest.stream().allMatch(other -> draft.lead.isFresh(other, draft.nanos));
    }

    static List<Id> without(List<Id> ids, Id id) {
        List<Id> rest = new ArrayList<>(ids);
        rest.remove(id);
        return rest;
    }

    private boolean mayGo(Draft draft, Member member, List<Partition> partitions) {
        long suspectedFor = draft.nanos - draft.lead.suspectedAt(member.id(), draft.nanos);
        boolean due =
                switch (member.state()) {
                    case ACTIVE -> false;
                    case SUSPECT -> draft.isDead(member.id()) || suspectedFor > times.patience();
                    case LEAVING -> mayLeave(draft, member.id());
                };
        if (!due) {
            return false;
        }
        boolean abandoned = member.state() == MemberState.SUSPECT && suspectedFor > times.abandon();
        return abandoned || partitions.stream().noneMatch(partition -> partition.concerns(member.id()));
    }

    /** Its vote moves before it goes. */
    boolean mayLeave(Draft draft, Id id) {
        return !draft.base.isVoter(id);
    }

    private List<MapDefinition> maps(Draft draft) {
        if (draft.lead.newMaps.isEmpty()) {
            return draft.base.maps();
        }
        List<MapDefinition> maps = new ArrayList<>(draft.base.maps());
        for (String name : draft.lead.newMaps) {
            if (draft.base.map(name) == null && maps.size() < Topology.MAX_MAPS) {
                maps.add(new MapDefinition(maps.get(maps.size() - 1).id() + 1, name));
            }
        }
        draft.lead.newMaps.clear();
        return maps;
    }

    /** Whom the voters should change to, or nobody if they should stay. */
    private List<Id> nextVoters(Draft draft, List<Member> members) {
        List<Id> present = draft.base.voters();
        int wanted = voters(staying(members));
        if (wanted == present.size() && allActive(draft, present)) {
            return List.of();
        }
        boolean fewer = wanted < present.size();
        List<Id> next = new ArrayList<>();
        boolean alone = wanted == 1;
        if (fewer && present.contains(self) && draft.is(self, MemberState.ACTIVE) && mayStay(draft, self, alone)) {
            next.add(self);
        }
        for (Id voter : present) {
            // When they become fewer, those who stay alone must surely hold the present topology.
            boolean stays = draft.is(voter, MemberState.ACTIVE)
                    && (!fewer || mayVote(draft, voter))
                    && mayStay(draft, voter, alone);
            if (stays && next.size() < wanted && !next.contains(voter)) {
                next.add(voter);
            }
        }
        List<Member> others = new ArrayList<>(members);
        others.removeIf(member ->
                present.contains(member.id()) || !mayVote(draft, member.id()) || !mayStay(draft, member.id(), alone));
        while (next.size() < wanted && !others.isEmpty()) {
            Member other = fromRarestZone(draft, others, next);
            others.remove(other);
            next.add(other.id());
        }
        boolean changed = !new HashSet<>(next).equals(Set.copyOf(present));
        return next.size() == wanted && changed ? next : List.of();
    }

    /** A witness alone could lead a cluster that has no data left. */
    boolean mayStay(Draft draft, Id id, boolean alone) {
        Member member = draft.members.get(id);
        return !alone || member == null || !member.isWitness();
    }

    private static int staying(List<Member> members) {
        int staying = 0;
        for (Member member : members) {
            staying += member.state() == MemberState.LEAVING ? 0 : 1;
        }
        return staying;
    }

    private static boolean allActive(Draft draft, List<Id> ids) {
        for (Id id : ids) {
            if (!draft.is(id, MemberState.ACTIVE)) {
                return false;
            }
        }
        return true;
    }

    /** How many voters so many members have. */
    private static int voters(int members) {
        return members >= 7 ? 5 : members >= 3 ? 3 : 1;
    }

    /** The eldest of those whose zone has the fewest voters. */
    private static Member fromRarestZone(Draft draft, List<Member> others, List<Id> voters) {
        Member rarest = others.get(0);
        for (Member other : others) {
            if (inZone(draft, other.zone(), voters) < inZone(draft, rarest.zone(), voters)) {
                rarest = other;
            }
        }
        return rarest;
    }

    private static long inZone(Draft draft, String zone, List<Id> voters) {
        return voters.stream()
                .map(draft.members::get)
                .filter(voter -> voter != null && voter.zone().equals(zone))
                .count();
    }

    /** Only who acknowledged the present committed topology, freshly, may become a voter. */
    private static boolean mayVote(Draft draft, Id id) {
        return draft.isAble(id) && draft.lead.holds(id, draft.base);
    }
}
