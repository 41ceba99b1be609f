package io.ringgrid.replica;

import io.ringgrid.op.Attempt;
import io.ringgrid.op.Result;
import io.ringgrid.sim.Canary;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.store.Space;
import io.ringgrid.store.Victims;
import io.ringgrid.topology.BrokenRegister;
import io.ringgrid.topology.Register;
import io.ringgrid.topology.Times;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.Settings;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Members with one rule left out. */
public final class BrokenMember {
    private BrokenMember() {}

    /** A member without this rule; a sound one for NONE. */
    public static LocalMember create(
            Canary canary, Member self, Settings settings, Times times, long maxBytes, RandomGenerator random) {
        if (canary == Canary.NONE) {
            return new LocalMember(self, settings, times, maxBytes, random);
        }
        return new LocalMember(self, settings, times, maxBytes, random, new LocalMember.Maker() {
            @Override
            public Register register(Member member, Settings shared, Times allTimes, RandomGenerator source) {
                return new BrokenRegister(canary, member, shared, allTimes, source);
            }

            @Override
            public Replica replica(int partition, Surroundings around, Space space) {
                return new BrokenReplica(canary, partition, around, space);
            }
        });
    }

    private static final class BrokenReplica extends Replica {
        private final Canary canary;

        BrokenReplica(Canary canary, int partition, Surroundings around, Space space) {
            super(partition, around, space, (p, s, copy, log) -> new BrokenStream(canary, p, s, copy, log));
            this.canary = canary;
        }

        @Override
        boolean holdsLease(long nanos, long wall) {
            return canary == Canary.READ_WITHOUT_LEASE || super.holdsLease(nanos, wall);
        }

        @Override
        boolean isCommitted(long seq) {
            return canary == Canary.DIRTY_READ || super.isCommitted(seq);
        }

        @Override
        boolean saysTheTime() {
            return canary != Canary.EXPIRY_BY_OWN_CLOCK;
        }

        @Override
        boolean isAbsenceCommitted(long removalSeq) {
            boolean tick = canary == Canary.MISS_BEFORE_TICK && removalSeq == copy().lastTick();
            return tick || canary == Canary.MISS_ON_UNCOMMITTED_DELETE || super.isAbsenceCommitted(removalSeq);
        }

        @Override
        boolean mayRefuse(boolean committed) {
            return canary == Canary.REFUSED_ON_UNCOMMITTED || super.mayRefuse(committed);
        }

        @Override
        boolean hasWaitedOutLease(long nanos) {
            return canary == Canary.NO_LEASE_WAIT || super.hasWaitedOutLease(nanos);
        }

        @Override
        boolean acceptsEpoch(int epoch) {
            return canary == Canary.OLD_EPOCH ? epoch <= epoch() : super.acceptsEpoch(epoch);
        }

        @Override
        synchronized void hold(Topology held) {
            if (canary != Canary.HELD_IGNORED) {
                super.hold(held);
            }
        }

        @Override
        synchronized void adopt(long nanos, long wall, Topology topology, Outbox out) {
            super.adopt(nanos, wall, topology, out);
            if (canary == Canary.HELD_IGNORED) {
                super.hold(topology);
            }
        }

        @Override
        synchronized void relieve(long nanos, Outbox out) {
            super.relieve(nanos, out);
            if (canary == Canary.BACKUP_EVICTS && !mayServe(epoch()) && isTight()) {
                EntryCursor entry = new EntryCursor();
                Victims victims = new Victims();
                copy().store.sample(victims);
                if (victims.show(0, entry)) {
                    byte[] key = entry.copyKey();
                    copy().store.remove(entry.map, key, 0, key.length);
                }
            }
        }

        @Override
        synchronized void tick(long nanos, long wall, Outbox out) {
            super.tick(nanos, wall, out);
            EntryCursor entry = new EntryCursor();
            if (canary == Canary.BACKUP_ENDS_IDLE
                    && !mayServe(epoch())
                    && copy().store.idle(wall, 64, entry)) {
                byte[] key = entry.copyKey();
                copy().store.remove(entry.map, key, 0, key.length);
            }
        }

        @Override
        @Nullable
        Result known(Attempt attempt) {
            Result known = super.known(attempt);
            boolean unheeded = canary == Canary.RETRY_EXECUTED_TWICE
                    || (canary == Canary.FORGETTING_FORGOTTEN
                            && known != null
                            && known.status() == Result.Status.SESSION_EXPIRED);
            return unheeded ? null : known;
        }

        @Override
        boolean isNoted(Attempt attempt) {
            return canary != Canary.REFUSAL_NOT_NOTED && super.isNoted(attempt);
        }

        @Override
        void take(long nanos, Mutation chunkEntry) {
            if (canary == Canary.CHUNK_OVERWRITES && chunkEntry.kind() == Mutation.Kind.PUT) {
                copy().store
                        .put(
                                chunkEntry.map(),
                                chunkEntry.key(),
                                chunkEntry.value(),
                                chunkEntry.flags(),
                                chunkEntry.time(),
                                chunkEntry.version());
            } else {
                super.take(nanos, chunkEntry);
            }
        }
    }

    private static final class BrokenStream extends Stream {
        private final Canary canary;
        private final Copy copy;

        BrokenStream(Canary canary, int partition, Surroundings around, Copy copy, MutationLog log) {
            super(partition, around, copy, log);
            this.canary = canary;
            this.copy = copy;
        }

        @Override
        boolean mustAcknowledge(Follower follower) {
            boolean dropped =
                    canary == Canary.ACK_WITHOUT_BACKUP || (canary == Canary.DROPPED_LOCALLY && follower.removalAsked);
            return !dropped && super.mustAcknowledge(follower);
        }

        @Override
        boolean hasAllTails() {
            return canary == Canary.TAILS_NOT_COMPARED || super.hasAllTails();
        }

        @Override
        long silentSince(Follower follower) {
            return canary == Canary.PAUSE_IS_SILENCE ? follower.waitingSince : super.silentSince(follower);
        }

        @Override
        boolean isRefused() {
            return canary != Canary.FULL_BACKUP_IGNORED && super.isRefused();
        }

        @Override
        int fullest() {
            return canary == Canary.FULL_BACKUP_IGNORED ? 0 : super.fullest();
        }

        @Override
        long fillingClock() {
            return canary == Canary.FILLED_WITHOUT_CLOCK ? 0 : super.fillingClock();
        }

        @Override
        long fillingBase(long committedSeq) {
            return canary == Canary.FILL_FROM_APPLIED ? copy.applied() : super.fillingBase(committedSeq);
        }

        @Override
        boolean isFilled(Follower follower, long committedSeq) {
            return switch (canary) {
                case IN_SYNC_EARLY -> follower.begun;
                case FILLED_UP_TO_COMMITTED -> follower.allTaken && follower.acked >= committedSeq;
                default -> super.isFilled(follower, committedSeq);
            };
        }

        @Override
        Follower inThisEpoch(Follower follower, List<Follower> before) {
            return before.stream()
                    .filter(same -> canary == Canary.FILLING_GOES_ON
                            && same.id.equals(follower.id)
                            && same.filling
                            && follower.filling)
                    .findFirst()
                    .orElse(super.inThisEpoch(follower, before));
        }

        @Override
        List<Mutation> lacking(Follower follower) {
            List<Mutation> all = super.lacking(follower);
            boolean piecemeal = canary == Canary.NO_BATCH_AFTER_REFUSAL && !all.isEmpty();
            return piecemeal ? all.subList(0, 1) : all;
        }
    }
}
