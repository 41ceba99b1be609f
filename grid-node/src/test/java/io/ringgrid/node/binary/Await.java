package io.ringgrid.node.binary;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for what other threads do. Stateless. */
public final class Await {
    private static final int LONGEST_SECONDS = 20;

    private Await() {}

    /** Waits until this holds, and fails if it never does. */
    public static void until(String what, BooleanSupplier holds) {
        until(what, LONGEST_SECONDS, holds);
    }

    /** The same, with words that are asked for when it has failed, and can tell what was seen last. */
    public static void until(Supplier<String> what, BooleanSupplier holds) {
        until(what, LONGEST_SECONDS, holds);
    }

    /** Waits at most this long until this holds, and fails if it never does. */
    public static void until(String what, int longestSeconds, BooleanSupplier holds) {
        until(() -> what, longestSeconds, holds);
    }

    /** The same, with words that are asked for when it has failed, and can tell what was seen last. */
    public static void until(Supplier<String> what, int longestSeconds, BooleanSupplier holds) {
        long start = System.nanoTime();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(longestSeconds)) {
                fail("waited in vain until " + what.get());
            }
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
