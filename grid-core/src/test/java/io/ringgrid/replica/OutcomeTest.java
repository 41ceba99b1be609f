package io.ringgrid.replica;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.store.Space;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is left of mutations in the end, in the memory that this takes. */
class OutcomeTest {
    private static final int RUNS = 2000;
    private static final int KEYS = 6;
    private static final int MAPS = 2;
    private static final long LATEST = 20;

    private final Space space = new Space(1 << 20);
    private final Copy copy = new Copy(space, 1 << 14);
    private final Copy tight = new Copy(new Space(1 << 20), 1 << 14);
    /** What a page of the index may grow by. */
    private static final long LINES = 400;

    private Mutation next(SplittableRandom random, long seq) {
        int map = random.nextInt(MAPS);
        byte[] key = ("k" + random.nextInt(KEYS)).getBytes(UTF_8);
        return switch (random.nextInt(8)) {
            case 0, 1 -> Mutation.remove(seq, map, key);
            case 2 -> random.nextBoolean() ? Mutation.clear(seq, map) : Mutation.clearLater(seq, map, LATEST);
            case 3 -> Mutation.compound(seq, List.of(put(random, seq, map, key), Mutation.remove(seq, 1 - map, key)));
            default -> put(random, seq, map, key);
        };
    }

    private static Mutation put(SplittableRandom random, long seq, int map, byte[] key) {
        long expiry = random.nextBoolean() ? 0 : 1 + random.nextLong(LATEST);
        return Mutation.put(seq, seq, map, key, new byte[random.nextInt(100)], 0, expiry, random.nextInt(2));
    }

    /** One copy applies them as they come, the other in no more memory than they take in the end. */
    @Test
    void whatIsLeftIsTheSameAndNothingInBetweenTakesMore() {
        for (int run = 0; run < RUNS; run++) {
            SplittableRandom random = new SplittableRandom(run);
            copy.restart(0, 0, 0, 0, false);
            tight.restart(0, 0, 0, 0, false);
            List<Mutation> some = new ArrayList<>();
            for (long seq = 1; seq <= random.nextInt(20); seq++) {
                Mutation mutation = next(random, seq);
                copy.apply(0, mutation);
                tight.apply(0, mutation);
            }
            for (long seq = copy.applied() + 1; some.size() < 10; seq++) {
                some.add(next(random, seq));
            }
            long most = Math.max(tight.store.bytes(), 0);
            Outcome outcome = new Outcome(some, tight.store);
            long growth = outcome.growth();
            assertTrue(growth <= Outcome.most(some));
            outcome.free();
            for (Mutation mutation : some) {
                copy.apply(0, mutation);
                tight.apply(0, mutation, outcome);
                assertTrue(tight.store.bytes() <= most + Math.max(0, growth) + LINES, "run " + run);
            }
            assertEquals(copy.stretch(0, 0, Integer.MAX_VALUE), tight.stretch(0, 0, Integer.MAX_VALUE), "run " + run);
            assertTrue(tight.store.bytes() <= most + growth + LINES, "run " + run);
        }
    }

    @Test
    void whatATickEndsIsGone() {
        byte[] key = {1};
        copy.apply(0, Mutation.put(1, 1, 0, key, new byte[50], 0, LATEST, 0));
        copy.apply(0, Mutation.put(2, 2, 0, new byte[] {2}, new byte[50], 0, LATEST + 1, 0));
        List<Mutation> some =
                List.of(Mutation.put(3, 3, 0, new byte[] {3}, new byte[50], 0, 0, 0), Mutation.tick(4, LATEST));
        Outcome outcome = new Outcome(some, copy.store);
        assertTrue(outcome.growth() < 50, "one comes and one goes");
        outcome.free();
        assertEquals(1, copy.store.count());
        some.forEach(mutation -> copy.apply(0, mutation, outcome));
        assertEquals(2, copy.store.count());
    }
}
