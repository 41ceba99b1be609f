package io.ringgrid.replica;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.store.Space;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What mutations are said to add to a copy is what they add. */
class GrowthTest {
    private static final int RUNS = 2000;
    private static final int KEYS = 6;
    private static final int MAPS = 2;
    private static final long LATEST = 20;

    private final Space space = new Space(1 << 20);
    private final Copy copy = new Copy(space, 1 << 14);

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

    @Test
    void itIsWhatTheyAdd() {
        for (int run = 0; run < RUNS; run++) {
            SplittableRandom random = new SplittableRandom(run);
            copy.restart(0, 0, 0, 0, false);
            List<Mutation> some = new ArrayList<>();
            for (long seq = 1; seq <= random.nextInt(20); seq++) {
                copy.apply(0, next(random, seq));
            }
            for (long seq = copy.applied() + 1; some.size() < 10; seq++) {
                some.add(next(random, seq));
            }
            long before = space.usedBytes();
            long growth = copy.growth(some);
            assertTrue(growth <= Growth.most(some));
            some.forEach(mutation -> copy.apply(0, mutation));
            assertEquals(space.usedBytes() - before, growth, "run " + run);
        }
    }

    @Test
    void whatATickEndsIsGone() {
        byte[] key = {1};
        copy.apply(0, Mutation.put(1, 1, 0, key, new byte[50], 0, LATEST, 0));
        copy.apply(0, Mutation.put(2, 2, 0, new byte[] {2}, new byte[50], 0, LATEST + 1, 0));
        List<Mutation> some =
                List.of(Mutation.put(3, 3, 0, new byte[] {3}, new byte[50], 0, 0, 0), Mutation.tick(4, LATEST));
        assertEquals(0, copy.growth(some));
        long before = space.usedBytes();
        some.forEach(mutation -> copy.apply(0, mutation));
        assertEquals(before, space.usedBytes());
    }
}
