package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.binary.Await;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long a fault is felt, and that a member that was stopped meanwhile does not answer from the past. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class FaultsProcessTest extends ThreeMembersTest {
    private static final int KEYS = 256;
    private static final int ROUND_MILLIS = 250;
    private static final int KILLS = 5;
    private static final long WRITABLE_MILLIS = 1500;
    private static final long USEFUL_MILLIS = 10_000;
    private static final int ANSWER_MILLIS = 1000;

    /** How the last round of writes ended. */
    private String lastRound = "nothing";

    @Test
    void allKeysAreWritableSoonAfterAKill() throws Exception {
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < KILLS; i++) {
            // Each member is killed once at least, so the leader as well.
            MemberProcess victim = members.get(i % members.size());
            MemberProcess witness = members.get((i + 1) % members.size());
            Await.until(
                    () -> "a round of writes is quick before the fault; the last ended with " + lastRound,
                    () -> allWritable(witness));
            victim.kill();
            long killed = System.nanoTime();
            Await.until(
                    () -> "all keys are writable again; the last round ended with " + lastRound + ", and "
                            + witness.name + " shows " + witness.shown("/cluster"),
                    () -> allWritable(witness));
            times.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killed));
            victim.start();
            MemberProcess.awaitWhole(members);
        }
        Collections.sort(times);
        System.out.println("from kill -9 until all keys are writable, in ms: " + times);
        assertTrue(times.get(KILLS / 2) <= WRITABLE_MILLIS, () -> "the median of " + times + " is over the limit");
    }

    /** Whether a whole round of writes, over partitions of all members, is acknowledged in a short time. */
    private boolean allWritable(MemberProcess door) {
        StringBuilder round = new StringBuilder();
        for (int key = 0; key < KEYS; key++) {
            round.append("SET probe:").append(key).append(" value\r\n");
        }
        try (LineConnection connection = door.resp(ROUND_MILLIS)) {
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ROUND_MILLIS);
            connection.send(round.toString());
            for (int key = 0; key < KEYS; key++) {
                lastRound = connection.line(deadline);
                if (!lastRound.equals("+OK")) {
                    return false;
                }
            }
            return true;
        } catch (IOException notYet) {
            lastRound = notYet.toString();
            return false;
        }
    }

    @Test
    void whoWasStoppedForFiveSecondsAnswersNothingOld() throws Exception {
        stopFor(members.get(0), members.get(1), 5);
    }

    @Test
    void whoWasStoppedForTwentySecondsAnswersNothingOld() throws Exception {
        stopFor(members.get(2), members.get(0), 20);
    }

    private void stopFor(MemberProcess stopped, MemberProcess other, int seconds) throws Exception {
        try (Registers registers = new Registers(other);
                LineConnection before = stopped.resp(ANSWER_MILLIS)) {
            registers.awaitRounds(2);
            before.send("PING\r\n");
            assertTrue(before.line().equals("+PONG"));
            stopped.signal("STOP");
            long start = System.nanoTime();
            // What the stopped member finds in its socket when it goes on was asked after these writes.
            registers.awaitRounds(2);
            long[] floor = registers.acknowledged();
            before.send(Registers.gets());
            Await.until(
                    "the time is over",
                    seconds + 1,
                    () -> System.nanoTime() - start >= TimeUnit.SECONDS.toNanos(seconds));
            registers.awaitRounds(1);
            stopped.signal("CONT");
            long awake = System.nanoTime();
            int answered = Registers.notOlder(before, floor);
            int rounds = 0;
            while (System.nanoTime() - awake < TimeUnit.SECONDS.toNanos(2)) {
                answered += registers.askAnew(stopped);
                rounds++;
            }
            Await.until(
                    () -> "the stopped member is useful; it is primary of " + other.primariesOf(stopped) + ", shows "
                            + stopped.shown("/health/ready") + " and answers " + registers.askAnew(stopped),
                    () -> isUseful(stopped, other, registers));
            long useful = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - awake);
            System.out.printf(
                    "stopped for %d s: %d answers in %d rounds after it went on, none old; useful after at most %d ms%n",
                    seconds, answered, rounds, useful);
            assertTrue(useful <= USEFUL_MILLIS, () -> "useful after " + useful + " ms only");
            MemberProcess.awaitWhole(members);
        }
    }

    private static boolean isUseful(MemberProcess member, MemberProcess other, Registers registers) {
        return other.primariesOf(member) > 0
                && member.isOk("/health/ready")
                && registers.askAnew(member) == Registers.COUNT;
    }
}
