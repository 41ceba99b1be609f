package io.ringgrid.node.binary;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.function.BooleanSupplier;

/** Waiting for what other threads do. Stateless. */
public final class Await {
    private static final long LONGEST_NANOS = 20_000_000_000L;

    private Await() {}

    /** Waits until this holds, and fails if it never does. */
    public static void until(String what, BooleanSupplier holds) {
        long start = System.nanoTime();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - start > LONGEST_NANOS) {
                fail("waited in vain until " + what);
            }
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
