package io.ringgrid.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.op.Result.Status;
import io.ringgrid.store.Victims;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A member chooses what to evict among all that it is primary of. */
final class MemberEvictionTest {
    private static final byte[] VALUE = new byte[200];
    private static final int MANY = 1024;
    private static final int LARGE = 64 << 10;

    @ParameterizedTest
    @ValueSource(ints = {16, MANY})
    void aPutLooksAtFewEntriesHoweverFullTheMemberIs(int partitions) {
        LoneMember lone = new LoneMember(partitions, 2 << 20);
        long most = 0;
        for (int n = 0; n < 30_000; n++) {
            long before = lone.member.space().lookedAt();
            assertEquals(Status.DONE, lone.put(0, n, VALUE));
            most = Math.max(most, lone.member.space().lookedAt() - before);
        }
        assertTrue(lone.count() < 10_000, "it has evicted");
        long looked = most;
        assertTrue(looked > 0 && looked <= Victims.LOOKED_AT, () -> "a put looked at " + looked);
    }

    @Test
    void aLargeValueGetsRoomAmongMembersFullOfLittleOnes() {
        LoneMember lone = new LoneMember(MANY, 4 << 20);
        byte[] little = new byte[1];
        for (int n = 0; n < 100_000; n++) {
            assertEquals(Status.DONE, lone.put(0, n, little));
        }
        for (int n = 0; n < 100; n++) {
            assertEquals(Status.DONE, lone.put(0, -1 - n, new byte[LARGE]));
        }
    }

    /** Whoever has few entries must not evict a used one of them, while another partition has such as nobody uses. */
    @Test
    void whatIsUsedStaysThoughItsPartitionHasNothingElse() {
        LoneMember lone = new LoneMember(MANY, 1 << 20);
        int used = 500;
        Random random = new Random(1);
        int missed = 0;
        int asked = 0;
        for (int n = 0; n < 60_000; n++) {
            lone.put(0, 1_000_000 + n, VALUE);
            int often = random.nextInt(used);
            if (!lone.get(0, often)) {
                missed += n > 10_000 ? 1 : 0;
                lone.put(0, often, VALUE);
            }
            asked += n > 10_000 ? 1 : 0;
        }
        double ratio = missed / (double) asked;
        assertTrue(lone.count() < 4 * MANY, "partitions have few entries");
        assertTrue(ratio < 0.03, () -> "missed " + ratio);
    }
}
