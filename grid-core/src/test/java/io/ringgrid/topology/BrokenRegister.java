package io.ringgrid.topology;

import io.ringgrid.ring.Id;
import io.ringgrid.sim.Canary;
import io.ringgrid.topology.RegisterMessage.HeartbeatAck;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.Partition;
import io.ringgrid.topology.Topology.Settings;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A register with one rule left out. */
public final class BrokenRegister extends Register {
    private static final long LONG_ENOUGH = 1_000_000_000;

    private final Canary canary;
    private final Id self;
    private final Set<Id> view = new TreeSet<>();
    private @Nullable List<Id> firstVoters;
    private boolean leaves;
    private long leavesSince;

    /** A register without this rule. */
    public BrokenRegister(Canary canary, Member self, Settings settings, Times times, RandomGenerator random) {
        super(self, settings, times, random, new BrokenProposal(canary, self.id(), times, random));
        this.canary = canary;
        this.self = self.id();
        view.add(self.id());
    }

    @Override
    void holding(Topology newer, RegisterEffects effects) {
        if (canary == Canary.ACT_ON_UNCOMMITTED && newer.member(self) != null) {
            effects.commit(newer);
        }
    }

    @Override
    List<Id> leaseVoters(Topology now) {
        if (firstVoters == null) {
            firstVoters = now.voters();
        }
        return canary == Canary.LEASE_FROM_OLD_VOTERS ? firstVoters : super.leaseVoters(now);
    }

    @Override
    boolean mayPropose(long nanos, long wall) {
        return canary == Canary.PROPOSE_EARLY
                ? committed() != null && lease().isValid(nanos, wall)
                : super.mayPropose(nanos, wall);
    }

    @Override
    boolean asksBefore() {
        return canary != Canary.NO_PRE_VOTE && super.asksBefore();
    }

    @Override
    public void leave(RegisterEffects effects) {
        leaves = true;
        super.leave(effects);
    }

    @Override
    public void tick(long nanos, long wall, RegisterEffects effects) {
        super.tick(nanos, wall, effects);
        if (leaves && leavesSince == 0) {
            leavesSince = nanos;
        }
        if (canary == Canary.LEAVES_AFTER_A_SECOND && leaves && nanos - leavesSince > LONG_ENOUGH) {
            effects.left();
        }
    }

    private static final class BrokenProposal extends Proposal {
        private final Canary canary;

        BrokenProposal(Canary canary, Id self, Times times, RandomGenerator random) {
            super(self, times, random);
            this.canary = canary;
        }

        @Override
        @Nullable
        Partition asPrimaryAsked(Draft draft, int p, Partition now) {
            if (canary == Canary.LEADER_SHRINKS) {
                for (Id id : now.inSync()) {
                    if (!id.equals(now.primary()) && draft.lead.isSuspected(id)) {
                        return new Partition(
                                now.line(), now.epoch() + 1, now.primary(), without(now.inSync(), id), now.filling());
                    }
                }
            }
            return super.asPrimaryAsked(draft, p, now);
        }

        @Override
        boolean mayLeave(Draft draft, Id id) {
            return canary == Canary.LEAVES_WITH_VOTE || super.mayLeave(draft, id);
        }

        @Override
        boolean mayRemain(Draft draft, List<Id> rest) {
            return canary == Canary.EXCESS_DROPPED_BLINDLY || super.mayRemain(draft, rest);
        }

        @Override
        boolean isUnleased(Id id, Leadership lead, long nanos) {
            return canary != Canary.ROLE_WITHOUT_LEASE && super.isUnleased(id, lead, nanos);
        }

        @Override
        boolean mayStay(Draft draft, Id id, boolean alone) {
            return canary == Canary.WITNESS_ALONE || super.mayStay(draft, id, alone);
        }

        @Override
        boolean isUnheard(Id id, Topology base, Leadership lead, long nanos) {
            return canary == Canary.DEAD_ON_ONE_WORD || super.isUnheard(id, base, lead, nanos);
        }
    }

    @Override
    long sentAt(HeartbeatAck ack, long nanos) {
        return canary == Canary.FRESH_BY_RECEIPT ? nanos : super.sentAt(ack, nanos);
    }

    @Override
    boolean anybodyWrote(RegisterEffects effects) {
        return canary != Canary.WRITTEN_DISSOLVES && super.anybodyWrote(effects);
    }

    @Override
    boolean mayVote(Id candidate) {
        return canary == Canary.TWO_VOTES || super.mayVote(candidate);
    }

    @Override
    public void connected(Id id) {
        view.add(id);
        super.connected(id);
    }

    @Override
    public void disconnected(Id id) {
        view.remove(id);
        super.disconnected(id);
    }

    @Override
    boolean quorum(Topology topology, Predicate<Id> says) {
        return switch (canary) {
            case MAJORITY_OF_VIEW ->
                view.stream().filter(topology::isVoter).filter(says).count() * 2
                        > view.stream().filter(topology::isVoter).count();
            case NO_JOINT_QUORUM ->
                topology.nextVoters().isEmpty() ? super.quorum(topology, says) : majority(topology.nextVoters(), says);
            default -> super.quorum(topology, says);
        };
    }
}
