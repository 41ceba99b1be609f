package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.binary.Await;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/** Numbers that one thread keeps incrementing through one member, so that they only rise. Thread-safe. */
final class Registers implements AutoCloseable {
    static final int COUNT = 96;
    private static final int BATCH = 8;

    private static final int ANSWER_MILLIS = 1000;

    private final AtomicLongArray acknowledged = new AtomicLongArray(COUNT);
    private final MemberProcess door;
    private final Thread writer = new Thread(this::write, "registers");
    private volatile boolean ending;
    private volatile String answered = "nothing";

    Registers(MemberProcess door) {
        this.door = door;
        writer.start();
    }

    private void write() {
        for (int first = 0; !ending; first = (first + BATCH) % COUNT) {
            raise(first);
        }
    }

    private void raise(int first) {
        try (LineConnection connection = door.resp(ANSWER_MILLIS)) {
            StringBuilder increments = new StringBuilder();
            for (int register = first; register < first + BATCH; register++) {
                increments.append("INCR register:").append(register).append("\r\n");
            }
            connection.send(increments.toString());
            for (int register = first; register < first + BATCH; register++) {
                String reply = connection.line();
                answered = reply;
                if (reply.startsWith(":")) {
                    acknowledged.set(register, Long.parseLong(reply.substring(1)));
                }
            }
        } catch (IOException unknown) {
            // The failover: an increment that was not acknowledged may have happened, which raises the value too.
            answered = unknown.toString();
        }
    }

    long[] acknowledged() {
        long[] copy = new long[COUNT];
        Arrays.setAll(copy, acknowledged::get);
        return copy;
    }

    /** Waits until each register has been raised at least this many times from now on. */
    void awaitRounds(int rounds) {
        long[] before = acknowledged();
        Await.until(
                () -> behind(before, rounds) + " of " + COUNT + " registers are raised " + rounds + " times through "
                        + door.name + ", which answered last " + answered + " and shows " + door.shown("/cluster/safe"),
                () -> behind(before, rounds) == 0);
    }

    private int behind(long[] before, int rounds) {
        int behind = 0;
        for (int register = 0; register < COUNT; register++) {
            behind += acknowledged.get(register) < before[register] + rounds ? 1 : 0;
        }
        return behind;
    }

    @Override
    public void close() {
        ending = true;
        try {
            writer.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Asks for all of them. */
    static String gets() {
        StringBuilder gets = new StringBuilder();
        for (int register = 0; register < COUNT; register++) {
            gets.append("GET register:").append(register).append("\r\n");
        }
        return gets.toString();
    }

    /** Asks a member for all of them, over a new connection; returns how many were answered with a value. */
    int askAnew(MemberProcess member) {
        try (LineConnection connection = member.resp(ANSWER_MILLIS)) {
            long[] floor = acknowledged();
            connection.send(gets());
            return notOlder(connection, floor);
        } catch (IOException refused) {
            return 0;
        }
    }

    /** Reads the answers to {@link #gets}, and checks that none is older than it was known to be before the question. */
    static int notOlder(LineConnection connection, long[] floor) {
        int answered = 0;
        try {
            for (int register = 0; register < COUNT; register++) {
                String value = connection.value();
                if (value != null) {
                    long expected = floor[register];
                    String name = "register:" + register;
                    assertTrue(
                            !value.isEmpty() && Long.parseLong(value) >= expected,
                            () -> name + " is '" + value + "' after " + expected + " was acknowledged");
                    answered++;
                }
            }
        } catch (IOException closed) {
            return answered;
        }
        return answered;
    }
}
