package io.ringgrid.near;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.replica.Changes;
import io.ringgrid.replica.Mutation;
import io.ringgrid.sim.Canary;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Both sides of the near-cache with one rule left out. */
public final class BrokenNear {
    private BrokenNear() {}

    /** What a process keeps, without this rule. */
    public static NearCache cache(Canary canary) {
        return new NearCache() {
            @Override
            boolean isReserved(Reservation reservation) {
                return canary == Canary.NEAR_UNRESERVED || super.isReserved(reservation);
            }

            @Override
            boolean mindsGaps() {
                return canary != Canary.NEAR_GAP_IGNORED;
            }

            @Override
            boolean forgetsWithConnection() {
                return canary != Canary.NEAR_KEPT_OVER_RECONNECT;
            }

            @Override
            public Consumer<Result> guard(Operation op, Consumer<Result> answer) {
                return canary == Canary.NEAR_OWN_WRITE_UNHEARD ? answer : super.guard(op, answer);
            }
        };
    }

    /** A member's side, without this rule. */
    public static Feeds feeds(Canary canary, int partitions, BooleanSupplier leased) {
        return new Feeds(partitions, () -> canary == Canary.NEAR_PROBED_WITHOUT_LEASE || leased.getAsBoolean());
    }

    /** What the feeds hear, without this rule. */
    public static Changes changes(Canary canary, Feeds feeds) {
        return new Changes() {
            @Override
            public void changed(int partition, Mutation mutation) {
                feeds.changed(partition, mutation);
            }

            @Override
            public void unserved(int partition) {
                if (canary != Canary.NEAR_ROLE_LOST_SILENTLY) {
                    feeds.unserved(partition);
                }
            }
        };
    }
}
