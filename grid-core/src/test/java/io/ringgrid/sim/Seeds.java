package io.ringgrid.sim;

import java.util.Random;
import java.util.function.Consumer;

/** Runs a property once for each seed. Stateless; a failure's first line names the seed to run it again with. */
public final class Seeds {
    private Seeds() {}

    /**
     * Runs {@code property} with a random source of each seed from {@code first} on.
     *
     * @param first the first seed; to repeat one failure give that seed, and 1 as the count
     * @param count how many seeds
     */
    public static void forEach(long first, int count, Consumer<Random> property) {
        for (long seed = first; seed < first + count; seed++) {
            try {
                property.accept(new Random(seed));
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
    }
}
