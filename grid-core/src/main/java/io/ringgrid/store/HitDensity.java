package io.ringgrid.store;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which of some entries should be evicted: the one of which the fewest hits are to be expected for the time that it would be kept.
 *
 * <h2>How</h2>
 *
 * Of an entry 16 bits are known, its <em>mark</em>: when it was used last, by a clock that only insertions move ({@value #TURN}
 * ticks a turnover, that is, as many insertions as there are entries), and its class, about how often it has been used.
 *
 * <pre>
 *   time of the last use 13 bits | class 3 bits
 * </pre>
 *
 * How many hits entries of each class and age get is learned from what happens: from the hits, from how many entries of each
 * state are met when victims are looked for, and from ghosts, the marks of entries that were evicted. What it is worth to keep
 * an entry is then the most hits per time that it can be kept for, over all times (a Gittins index; for caches see N. Beckmann,
 * H. Chen, A. Cidon, "LHD: improving cache hit rate by maximizing hit density", NSDI 2018). Where recent entries are hit most,
 * this is LRU; where often used ones are, LFU; in a loop that is longer than the cache it keeps those whose turn comes next; and
 * what is used once goes first. Until something is learned it is LRU; and it stays so where that is wanted ({@link Eviction}).
 *
 * <h2>What it costs</h2>
 *
 * An entry costs 2 bytes for its mark and 2 for ghosts; the member 19 KiB more. A hit changes the mark once a tick at most, and
 * else is one comparison. Learning takes some 10 µs, each {@value #LEARN_PART}th of a turnover. What the constants are, and what
 * else was tried: docs/design/eviction.md.
 *
 * <p>Thread-safe in the sense that counts may be lost to races, and nothing else. The same calls in one thread give the same
 * results: where chance is wanted it is taken from the entry's hash and the time.
 */
final class HitDensity {
    private static final int CLASS_BITS = 3;
    private static final int CLASSES = 1 << CLASS_BITS;
    private static final int CLASS_MASK = CLASSES - 1;
    private static final int EXACT_CLASSES = 3;
    private static final int TIME_BITS = 13;
    private static final int TIMES = 1 << TIME_BITS;
    private static final int TIME_MASK = TIMES - 1;

    /** Ticks of a turnover. */
    private static final int TURN = 64;
    /** Whatever is older is made as old as this when it is met, before time begins anew; ghosts end at it. */
    private static final int HORIZON = TIMES - 2 * TURN;
    /** Hits at a lesser age are frequent, and counted by one in sixteen. */
    private static final int YOUNG = TURN / 8;

    private static final int YOUNG_SHARE = 16;
    private static final int YOUNG_SHARE_BITS = 4;
    /** Who is used after so long was not used often: it goes down a class, not up. */
    private static final int LONG_AGO = 16 * TURN;

    /** Hits a turnover that are assumed at ages of which nothing is known yet. */
    private static final double UNKNOWN = 0.2;
    /** What is assumed counts as if it had been seen so often. */
    private static final double PRIOR = 8;
    /** What was learned fades to a third in so many turnovers. */
    private static final double MEMORY = 10;

    /** After how many ticks the time is noted. */
    private static final int NOTED = TURN / 8;

    private static final long SECOND_MILLIS = 1000;

    private static final int LEAST_MEMORY = 1000;
    private static final int LEARN_PART = 16;
    private static final int LEAST_LEARN = 32;
    private static final int LEAST_GHOSTS = 512;
    private static final int GHOST_SHARE = 2;
    /** A ghost is in one of so many places, all in half a cache line. */
    private static final int WAYS = 8;

    private static final double GHOSTS_GROW = 1.3;
    private static final double GHOSTS_SHRINK = 1.3;
    private static final int MOST_GHOSTS = 1 << 30;
    private static final int MARK_BITS = 16;
    private static final int MARK_MASK = (1 << MARK_BITS) - 1;
    private static final int FINGERPRINT_SHIFT = 12;

    private static final double LITTLE = 1e-9;

    /** Ages 0, 1, 2 and 3, and then two steps for each power of two. */
    private static final int AGES = 2 * TIME_BITS;

    private static final int STATES = CLASSES * AGES;
    private static final int[] FIRST_AGE = new int[AGES + 1];
    private static final byte[] STEP_OF_AGE = new byte[TIMES];

    static {
        for (int step = 0; step < AGES; step++) {
            FIRST_AGE[step] = step < 4 ? step : (step % 2 == 0 ? 4 : 6) << ((step - 4) / 2);
        }
        FIRST_AGE[AGES] = TIMES;
        for (int step = 0; step < AGES; step++) {
            Arrays.fill(STEP_OF_AGE, FIRST_AGE[step], FIRST_AGE[step + 1], (byte) step);
        }
    }

    private final Eviction eviction;
    private final LongSupplier population;
    private final Space space;
    private double clock;
    private int now;
    /** When, in seconds, each tick was that is a multiple of {@link #NOTED}. */
    private final int[] seconds = new int[TIMES / NOTED];

    // Since something was learned last.
    private final int[] hits = new int[STATES];
    private final int[] met = new int[STATES];
    private final int[] ghostsMet = new int[STATES];
    private int entriesMet;
    private int ghostPlacesSeen;
    private int inserted;

    // By whoever learns.
    private final AtomicBoolean learns = new AtomicBoolean();
    private final double[] hitSum = new double[STATES];
    private final double[] timeSum = new double[STATES];

    /** What keeping an entry is worth, by class and the steps of its age: hits a turnover. */
    private volatile float @Nullable [] worth;
    /** {@code fingerprint << 16 | mark}, 0 = none. */
    private volatile int @Nullable [] ghosts;

    private int hand;

    /**
     * Of some of the entries in the stores of this space.
     *
     * @param population how many
     */
    HitDensity(Eviction eviction, LongSupplier population, Space space) {
        this.eviction = eviction;
        this.population = population;
        this.space = space;
    }

    private static short mark(int time, int ofClass) {
        return (short) (((time & TIME_MASK) << CLASS_BITS) | ofClass);
    }

    private int age(int mark) {
        int age = (now - ((mark & MARK_MASK) >>> CLASS_BITS)) & TIME_MASK;
        // Later than now: another thread's now.
        return age > HORIZON + TURN ? 0 : age;
    }

    private static int state(int mark, int age) {
        return (mark & CLASS_MASK) * AGES + STEP_OF_AGE[age];
    }

    private int chance(long hash, int mark) {
        long mixed =
                (hash ^ now * 0x9E3779B97F4A7C15L ^ (mark & MARK_MASK) * 0xD6E8FEB86659FD93L) * 0xBF58476D1CE4E5B9L;
        return (int) ((mixed >>> 32) ^ mixed);
    }

    /** The class of an entry that is used again: exact at first, and then one more by a chance that halves each time. */
    private static int used(int mark, int age, int chance) {
        int before = mark & CLASS_MASK;
        if (age >= LONG_AGO) {
            return Math.max(1, before - 1);
        }
        boolean more = before < EXACT_CLASSES
                || (before < CLASS_MASK && (chance & ((1 << (before - EXACT_CLASSES + 1)) - 1)) == 0);
        return more ? before + 1 : before;
    }

    /** The mark of an entry that is read or replaced; nearly always the one that it has. */
    short used(short mark, long hash) {
        int age = age(mark);
        if (age == 0) {
            return mark;
        }
        int chance = chance(hash, mark);
        if (age >= YOUNG) {
            hits[state(mark, age)]++;
        } else if ((chance & (YOUNG_SHARE - 1)) == 0) {
            hits[state(mark, age)] += YOUNG_SHARE;
        }
        return mark(now, used(mark, age, chance >>> YOUNG_SHARE_BITS));
    }

    /**
     * The mark of an entry that is inserted.
     *
     * @param wall the time, in milliseconds: only people want to know
     */
    short inserted(long hash, long wall) {
        long count = Math.max(1, population.getAsLong());
        clock += (double) TURN / count;
        int next = (int) (long) clock & TIME_MASK;
        for (int noted = now / NOTED; noted != next / NOTED; ) {
            noted = (noted + 1) % seconds.length;
            seconds[noted] = (int) (wall / SECOND_MILLIS);
        }
        now = next;
        int ofClass = 0;
        int ghost = takeGhost(hash);
        if (ghost != 0) {
            int age = age(ghost);
            hits[state(ghost, age)]++;
            ofClass = used(ghost, age, chance(hash, ghost));
        }
        if (++inserted >= Math.max(LEAST_LEARN, count / LEARN_PART) && entriesMet > 0 && eviction == Eviction.DENSITY) {
            learn(count);
        }
        return mark(now, ofClass);
    }

    /** An entry is met when victims are looked for; returns the mark that it has from now on. */
    short met(short mark) {
        int age = age(mark);
        met[state(mark, age)]++;
        entriesMet++;
        return age > HORIZON ? mark(now - HORIZON, mark & CLASS_MASK) : mark;
    }

    /** The mark of an entry that comes to a copy that is not the primary's: it moves no clock. */
    short arrived() {
        return mark(now, 0);
    }

    /**
     * The greater, the sooner an entry should go.
     *
     * @param slot that the entry has now
     */
    float uselessness(short mark, long slot) {
        if (eviction == Eviction.RANDOM) {
            return chance(slot, 0);
        }
        float[] known = worth;
        int age = age(mark);
        if (known == null) {
            return age;
        }
        int step = STEP_OF_AGE[age];
        int at = (mark & CLASS_MASK) * (AGES + 1) + step;
        float part = (float) (age - FIRST_AGE[step]) / (FIRST_AGE[step + 1] - FIRST_AGE[step]);
        return -(known[at] + (known[at + 1] - known[at]) * part);
    }

    /** How long an entry of this mark was not used, in seconds, about. */
    int idleSeconds(short mark) {
        int usedAt = now - age(mark) & TIME_MASK;
        return Math.max(0, seconds[now / NOTED] - seconds[usedAt / NOTED]);
    }

    /** An entry is evicted: a ghost is left of it. */
    void evicted(short mark, long hash) {
        if (eviction != Eviction.DENSITY) {
            return;
        }
        int[] all = ghostsFor(population.getAsLong());
        int first = firstWay(hash, all);
        int at = first;
        int oldest = -1;
        for (int i = first; i < first + WAYS; i++) {
            int age = all[i] == 0 ? Integer.MAX_VALUE : age(all[i]);
            if (age > oldest) {
                oldest = age;
                at = i;
            }
        }
        all[at] = (fingerprint(hash) << MARK_BITS) | (mark & MARK_MASK);
        lookAtGhosts(all);
    }

    private int[] ghostsFor(long count) {
        // Of what the index leaves it half, so that it can grow, and they then shrink.
        long room = Math.max(WAYS, space.leftOnHeap() / 2 / Integer.BYTES);
        long wanted = Math.min(room, Math.max(LEAST_GHOSTS, count / GHOST_SHARE));
        int[] all = ghosts;
        if (all == null || wanted > all.length * GHOSTS_GROW || wanted < all.length / GHOSTS_SHRINK) {
            // What the old ones knew is there again after a turnover.
            all = new int[(int) Math.min(MOST_GHOSTS, (wanted + WAYS - 1) / WAYS * WAYS)];
            ghosts = all;
        }
        return all;
    }

    /** One bucket in turn: how old those are that did not come back. */
    private void lookAtGhosts(int[] all) {
        int from = hand + WAYS > all.length ? 0 : hand;
        hand = from + WAYS;
        for (int i = from; i < from + WAYS; i++) {
            int ghost = all[i];
            if (ghost != 0) {
                int age = age(ghost);
                if (age > HORIZON) {
                    all[i] = 0;
                } else {
                    ghostsMet[state(ghost, age)]++;
                }
            }
        }
        ghostPlacesSeen += WAYS;
    }

    private static int firstWay(long hash, int[] all) {
        return (int) (((hash >>> 32) * (all.length / WAYS)) >>> 32) * WAYS;
    }

    private static int fingerprint(long hash) {
        return Math.max(1, (int) (hash >>> FINGERPRINT_SHIFT) & MARK_MASK);
    }

    private int takeGhost(long hash) {
        int[] all = ghosts;
        if (all == null) {
            return 0;
        }
        int first = firstWay(hash, all);
        for (int i = first; i < first + WAYS; i++) {
            int ghost = all[i];
            if (ghost >>> MARK_BITS == fingerprint(hash)) {
                all[i] = 0;
                return ghost;
            }
        }
        return 0;
    }

    /** Bytes on the Java heap that grow with the number of entries. */
    long bytes() {
        int[] all = ghosts;
        return all == null ? 0 : (long) all.length * Integer.BYTES;
    }

    // ---- learning ----

    private void learn(long count) {
        if (!learns.compareAndSet(false, true)) {
            return;
        }
        try {
            sumUp(count);
            double[] all = hazardsOfAll(count);
            float[] learned = new float[CLASSES * (AGES + 1)];
            for (int ofClass = 0; ofClass < CLASSES; ofClass++) {
                learnClass(ofClass, all, count, learned);
            }
            worth = learned;
        } finally {
            learns.set(false);
        }
    }

    /** Adds what was seen since the last time; time is counted in entries times insertions. */
    private void sumUp(long count) {
        int[] all = ghosts;
        double passed = inserted;
        double kept = Math.exp(-passed / Math.max(LEAST_MEMORY, MEMORY * count));
        double perEntry = count * passed / Math.max(1, entriesMet);
        double perGhost = all == null ? 0 : all.length * passed / Math.max(1, ghostPlacesSeen);
        for (int s = 0; s < STATES; s++) {
            hitSum[s] = hitSum[s] * kept + hits[s];
            timeSum[s] = timeSum[s] * kept + met[s] * perEntry + ghostsMet[s] * perGhost;
        }
        Arrays.fill(hits, 0);
        Arrays.fill(met, 0);
        Arrays.fill(ghostsMet, 0);
        inserted = 0;
        entriesMet = 0;
        ghostPlacesSeen = 0;
    }

    /** How many insertions an age takes. */
    private static double width(int step, long count) {
        return (FIRST_AGE[step + 1] - FIRST_AGE[step]) * (double) count / TURN;
    }

    /** Hits per insertion by age, of all classes; where nothing is known they fall as one by age, but not below a little. */
    private double[] hazardsOfAll(long count) {
        double[] hazards = new double[AGES];
        for (int step = 0; step < AGES; step++) {
            double hitsOfAll = 0;
            double timeOfAll = 0;
            for (int s = step; s < STATES; s += AGES) {
                hitsOfAll += hitSum[s];
                timeOfAll += timeSum[s];
            }
            double falling = step == 0
                    ? 0
                    : hazards[step - 1]
                            * (FIRST_AGE[step - 1] + FIRST_AGE[step])
                            / (FIRST_AGE[step] + FIRST_AGE[step + 1]);
            double assumed = PRIOR * width(step, count);
            hazards[step] = (hitsOfAll + assumed * Math.max(falling, UNKNOWN / count)) / (timeOfAll + assumed);
        }
        return hazards;
    }

    private void learnClass(int ofClass, double[] hazardsOfAll, long count, float[] into) {
        double[] ends = new double[AGES];
        double[] time = new double[AGES];
        for (int step = 0; step < AGES; step++) {
            int state = ofClass * AGES + step;
            double width = width(step, count);
            double assumed = PRIOR * width;
            double hazard = (hitSum[state] + assumed * hazardsOfAll[step]) / (timeSum[state] + assumed);
            ends[step] = -Math.expm1(-hazard * width);
            time[step] = hazard * width > LITTLE ? ends[step] / hazard : width;
        }
        int at = ofClass * (AGES + 1);
        for (int step = 0; step < AGES; step++) {
            into[at + step] = (float) (mostHitsPerTime(step, ends, time) * count);
        }
        into[at + AGES] = into[at + AGES - 1];
    }

    private static double mostHitsPerTime(int from, double[] ends, double[] time) {
        double alive = 1;
        double expectedHits = 0;
        double expectedTime = 0;
        double most = 0;
        for (int step = from; step < AGES; step++) {
            expectedHits += alive * ends[step];
            expectedTime += alive * time[step];
            alive -= alive * ends[step];
            most = Math.max(most, expectedHits / expectedTime);
        }
        return most;
    }
}
