package io.ringgrid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The protocol before its judge, and the judge before broken protocols. */
class SimulationTest {
    private static final int SEEDS = 1000;
    /** For as many more as fit. */
    private static final double MINUTES = 2;

    private static final long FIRST = 1;
    private static final int CANARY_SEEDS = 1000;

    @Test
    void everySeedIsLinearizableAndConverges() throws InterruptedException {
        Simulate.Outcome outcome = Simulate.run(FIRST, SEEDS, Canary.NONE, Integer.MAX_VALUE);
        assertEquals(SEEDS, outcome.seeds());
        assertSound(outcome);
        assertSound(Simulate.run(FIRST + SEEDS, Integer.MAX_VALUE, Canary.NONE, Integer.MAX_VALUE, MINUTES));
    }

    private static void assertSound(Simulate.Outcome outcome) {
        assertTrue(outcome.violations().isEmpty(), () -> String.join("\n", outcome.violations()));
        assertTrue(outcome.undecided() <= outcome.seeds() / 100, "too many undecided: " + outcome.undecided());
        assertTrue(outcome.fewest() >= 1000, "a seed with only " + outcome.fewest() + " operations");
        assertTrue(
                outcome.nearHits() > outcome.seeds() * 100L,
                "only " + outcome.nearHits() + " reads were answered near");
        assertTrue(
                outcome.succeeded() > outcome.asked() * 9 / 10,
                "only " + outcome.succeeded() + " of " + outcome.asked() + " operations had a usable outcome");
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.INCLUDE,
            names = {
                "ACK_WITHOUT_BACKUP",
                "DROPPED_LOCALLY",
                "IN_SYNC_EARLY",
                "LEAVES_AFTER_A_SECOND",
                "LEASE_FROM_OLD_VOTERS",
                "BACKUP_ENDS_IDLE",
                "FILLED_WITHOUT_CLOCK",
                "CHUNK_OVERWRITES",
                "MAJORITY_OF_VIEW",
                "DEATH_UNDOES",
                "NO_LEASE_WAIT",
                "RETRY_EXECUTED_TWICE",
                "DIRTY_READ",
                "FILLING_GOES_ON",
                "FORGETTING_FORGOTTEN",
                "NEAR_GAP_IGNORED",
                "NEAR_ROLE_LOST_SILENTLY",
                "READ_WITHOUT_LEASE",
                "NEAR_PROBED_WITHOUT_LEASE",
                "NEAR_UNRESERVED",
                "NEAR_OWN_WRITE_UNHEARD",
                "NEAR_KEPT_OVER_RECONNECT",
                "NO_JOINT_QUORUM",
                "SAME_IDENTITY",
                "BACKUP_EVICTS",
                "FULL_BACKUP_IGNORED",
                "ACT_ON_UNCOMMITTED",
                "FILL_FROM_APPLIED",
                "MISS_ON_UNCOMMITTED_DELETE",
                "EXPIRY_BY_OWN_CLOCK",
                "PROPOSE_EARLY",
                "OLD_EPOCH",
                "TAILS_NOT_COMPARED",
                "LEAVES_WITH_VOTE",
                "WRITTEN_DISSOLVES",
                "REFUSED_ON_UNCOMMITTED",
                "FORMER_CONNECTION_READ",
                "HELD_IGNORED",
                "NO_PRE_VOTE",
                "ROLE_WITHOUT_LEASE",
                "WITNESS_ALONE"
            })
    void eachBrokenRuleIsCaught(Canary canary) throws InterruptedException {
        Simulate.Outcome outcome = Simulate.run(FIRST, CANARY_SEEDS, canary, 1);
        assertFalse(outcome.violations().isEmpty(), canary + " was not caught in " + CANARY_SEEDS + " seeds");
    }

    @Test
    void aSeedAlwaysGivesTheSameRunAndAnotherGivesAnother() {
        assertEquals(hash(7), hash(7));
        assertNotEquals(hash(7), hash(8));
    }

    private static long hash(long seed) {
        Simulation run = new Simulation(seed, Canary.NONE);
        run.run();
        return run.traceHash();
    }
}
