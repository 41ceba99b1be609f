package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.binary.Await;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What clients of one member's doors ask while another member is killed: their commands are asked again inside, and take
 * effect once. They have no numbers of their own, so a counter tells: each reply must be the one before, and one.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class ExactlyOnceProcessTest extends ThreeMembersTest {
    private static final int COUNTERS = 300;
    private static final int ROUNDS = 20;
    private static final int WHOLE_SECONDS = 60;
    /** Longer than any command may take inside. */
    private static final int ANSWER_MILLIS = 8000;

    private final long[] counted = new long[COUNTERS];
    private int refused;

    @Test
    void commandsOfRedisAreAskedAgainAndTakeEffectOnce() throws Exception {
        MemberProcess door = members.get(0);
        try (LineConnection redis = door.resp(ANSWER_MILLIS)) {
            killedMeanwhile(() -> round(redis, "INCR redis:%d\r\n", ":", "-CLUSTERDOWN "));
        }
        sayRepeated();
    }

    @Test
    void commandsOfMemcachedAreAskedAgainAndTakeEffectOnce() throws Exception {
        MemberProcess door = members.get(0);
        try (LineConnection memcached = door.memcached(ANSWER_MILLIS)) {
            for (int counter = 0; counter < COUNTERS; counter++) {
                memcached.send("set memcached:" + counter + " 0 0 1\r\n0\r\n");
                assertEquals("STORED", memcached.line());
            }
            killedMeanwhile(
                    () -> round(memcached, "incr memcached:%d 1\r\n", "", "SERVER_ERROR temporarily unavailable: "));
        }
        sayRepeated();
    }

    /** Counts without a pause, while a member dies, until all is whole again, and after it has come back. */
    private void killedMeanwhile(BooleanSupplier round) throws Exception {
        MemberProcess victim = members.get(1);
        count(round, ROUNDS);
        victim.kill();
        count(round, ROUNDS);
        MemberProcess.awaitWhole(List.of(members.get(0), members.get(2)));
        victim.start();
        Await.until("all are there again", WHOLE_SECONDS, () -> round.getAsBoolean() && isWhole());
        count(round, ROUNDS);
        System.out.printf("%d commands were surely not executed, all others once%n", refused);
    }

    private boolean isWhole() {
        return members.stream().allMatch(member -> member.shown("/cluster/safe").startsWith("200"));
    }

    private static void count(BooleanSupplier round, int rounds) {
        for (int i = 0; i < rounds; i++) {
            assertTrue(round.getAsBoolean());
        }
    }

    /** Counts each counter up once; whether all was answered as it must be. */
    private boolean round(LineConnection connection, String command, String beforeNumber, String surelyNot) {
        try {
            StringBuilder commands = new StringBuilder();
            for (int counter = 0; counter < COUNTERS; counter++) {
                commands.append(String.format(command, counter));
            }
            connection.send(commands.toString());
            for (int counter = 0; counter < COUNTERS; counter++) {
                String reply = connection.line();
                if (reply.startsWith(surelyNot)) {
                    refused++;
                } else {
                    assertEquals(beforeNumber + ++counted[counter], reply, "counter " + counter);
                }
            }
            return true;
        } catch (IOException broken) {
            throw new AssertionError("the connection to a member that lives", broken);
        }
    }

    /** By chance: those that the killed member had executed and not answered. */
    private void sayRepeated() {
        long repeated = 0;
        for (MemberProcess member : members) {
            repeated += member.shown("/metrics")
                    .lines()
                    .filter(line -> line.startsWith("ringgrid_requests_repeated_total"))
                    .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
        System.out.println(repeated + " requests were answered as they were the first time");
    }
}
