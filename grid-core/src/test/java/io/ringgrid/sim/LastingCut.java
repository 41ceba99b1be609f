package io.ringgrid.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.route.Router;
import io.ringgrid.topology.Times;
import io.ringgrid.topology.Topology;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One cut that lasts for some seconds, in a cluster to which nothing else happens: a voter and the leader do not reach each other,
 * or a primary reaches the leader and no other voter. The leader, which a quorum hears, may not be deposed; and when there was time
 * to notice and to give roles to others, whoever asks a member that reaches the key's primary is answered soon.
 */
final class LastingCut {
    private static final long NEVER = Long.MAX_VALUE;

    private static final Times TIMES = Times.DEFAULT;
    /** A lease runs out and somebody is missed, or a copy is silent for too long; and then a lease is waited out. */
    private static final long NOTICED = Math.max(TIMES.lease() + TIMES.electionMin(), TIMES.silence())
            + TIMES.leaseAndDrift()
            + 4 * TIMES.heartbeat();

    /** A router waits for an answer of who was primary before. */
    private static final long SOON = Router.Limits.DEFAULT.overtakeNanos() + 2 * TIMES.heartbeat();

    private final Simulation run;
    private final SplittableRandom random;
    /** From when on those who ask are answered soon, and until when. */
    private long noticedAt = NEVER;

    private long until = NEVER;

    LastingCut(Simulation run, SplittableRandom random) {
        this.run = run;
        this.random = random;
    }

    void schedule() {
        run.at(random.nextLong(4 * Simulation.SECOND, 5 * Simulation.SECOND), this::begin);
    }

    private void begin() {
        Topology topology = run.newest();
        SimMember leader = leader();
        if (topology == null || leader == null || topology.voters().size() < 3) {
            throw new AssertionError("there are no three voters and a leader: " + topology);
        }
        List<SimMember> others =
                run.alive().stream().filter(member -> member != leader).toList();
        List<SimMember> voters =
                others.stream().filter(member -> topology.isVoter(member.id())).toList();
        noticedAt = run.now() + NOTICED;
        until = run.now() + random.nextLong(6 * Simulation.SECOND, 10 * Simulation.SECOND);
        if (random.nextBoolean()) {
            cut(leader, voters.get(random.nextInt(voters.size())));
        } else {
            SimMember primary = primaryAmong(others, topology);
            voters.stream().filter(voter -> voter != primary).forEach(voter -> cut(voter, primary));
        }
        writeEverywhere(topology);
        long term = leader.local.standing().term();
        // Also when it hears again whoever was cut off.
        run.at(until + SOON, () -> {
            if (leader.local.standing().term() != term || !isLeader(leader)) {
                throw new AssertionError(leader.name + " was heard by a quorum all the time, and is deposed");
            }
        });
    }

    /** A primary misses a copy when something was written that it does not acknowledge, and not before. */
    private void writeEverywhere(Topology topology) {
        Set<Integer> written = new HashSet<>();
        for (int i = 0; written.size() < run.partitions(); i++) {
            byte[] key = ("cut" + i).getBytes(UTF_8);
            Operation put = new Operation().reset(Kind.PUT).key(key, 0, key.length);
            Id primary = topology.partitions().get(partition(put)).primary();
            for (SimMember member : run.alive()) {
                if (member.id().equals(primary) && written.add(partition(put))) {
                    run.later(0, member, () -> member.submit(put, result -> {}));
                }
            }
        }
    }

    /** One that is no voter, if there is one: it then has no lease. */
    private static SimMember primaryAmong(List<SimMember> others, Topology topology) {
        SimMember chosen = others.get(0);
        for (SimMember member : others) {
            boolean primary = topology.partitions().stream()
                    .anyMatch(partition -> member.id().equals(partition.primary()));
            if (primary && !topology.isVoter(member.id())) {
                chosen = member;
            }
        }
        return chosen;
    }

    private @Nullable SimMember leader() {
        return run.alive().stream().filter(LastingCut::isLeader).findFirst().orElse(null);
    }

    private static boolean isLeader(SimMember member) {
        return member.id().equals(member.local.standing().leader());
    }

    private void cut(SimMember one, SimMember other) {
        run.note("cut between " + one.name + " and " + other.name + " until " + until / Simulation.MILLI);
        run.cut(one, other, until);
        run.cut(other, one, until);
    }

    /** When a caller must have been answered who asks this member now; never if nothing is promised. */
    long answeredBy(SimMember member, Operation op) {
        Topology topology = run.newest();
        boolean noticed = run.now() > noticedAt && run.now() < until - SOON;
        return noticed
                        && topology != null
                        && reaches(
                                member, topology.partitions().get(partition(op)).primary())
                ? run.now() + SOON
                : NEVER;
    }

    private int partition(Operation op) {
        return op.kind == Kind.CLEAR
                ? op.partition
                : Slots.partitionOf(op.keyBytes, op.keyOffset, op.keyLength, run.partitions());
    }

    private boolean reaches(SimMember member, @Nullable Id primary) {
        return run.alive().stream()
                .anyMatch(
                        other -> other.id().equals(primary) && !run.isCut(member, other) && !run.isCut(other, member));
    }
}
