package io.ringgrid.sim;

import java.util.SplittableRandom;

/**
 * What goes wrong in one seed, and how badly: each seed draws its own subset and strengths. Immutable.
 *
 * @param members how many there are at the start
 * @param partitions of the cluster
 * @param backups of the cluster
 * @param fewValues whether only four values are used
 * @param maxDelayMicros of a message
 * @param lossPerMille of messages
 * @param duplicatePerMille of messages
 * @param reorderPerMille of messages, which then take up to 50 ms
 * @param slipPerMille of answers, before which the member pauses: after the value was read
 * @param crashes how many
 * @param silentDeaths whether a crash is noticed by silence only, and not by refused sockets
 * @param pauses how many
 * @param cuts how many one-way cuts
 * @param wrongSuspicions how often a living member's sockets seem refused
 * @param leaves how many graceful leaves
 * @param joins how many additional members
 * @param memoryBytes of each member
 */
record Faults(
        int members,
        int partitions,
        int backups,
        boolean fewValues,
        int maxDelayMicros,
        int lossPerMille,
        int duplicatePerMille,
        int reorderPerMille,
        int slipPerMille,
        int crashes,
        boolean silentDeaths,
        int pauses,
        int cuts,
        int wrongSuspicions,
        int leaves,
        int joins,
        long memoryBytes) {
    /** Memory for everything. */
    static final long ENOUGH = 64 << 20;
    /** Memory that the workload fills: entries are evicted. */
    private static final long LITTLE = 16 << 10;

    static Faults draw(SplittableRandom random) {
        boolean small = random.nextInt(16) == 0;
        boolean stormy = random.nextInt(4) == 0;
        int members = random.nextInt(5) == 0 ? 1 + random.nextInt(5) : 3 + random.nextInt(2);
        return new Faults(
                members,
                4,
                random.nextInt(10) == 0 ? 0 : 1,
                random.nextBoolean(),
                random.nextInt(4) == 0 ? 20_000 : 2_000,
                random.nextInt(3) == 0 ? random.nextInt(20) : 0,
                random.nextInt(3) == 0 ? random.nextInt(50) : 0,
                random.nextInt(4) == 0 ? random.nextInt(30) : 0,
                random.nextInt(3) == 0 ? 1 + random.nextInt(2) : 0,
                random.nextInt(2) * random.nextInt(4),
                random.nextInt(3) == 0,
                stormy ? 3 + random.nextInt(8) : random.nextInt(2) * random.nextInt(5),
                stormy ? 4 + random.nextInt(8) : random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0,
                stormy ? 2 + random.nextInt(6) : 0,
                random.nextInt(3) == 0 ? 1 : 0,
                random.nextInt(3) == 0 ? 1 + random.nextInt(2) : 0,
                small ? LITTLE : ENOUGH);
    }

    boolean evicts() {
        return memoryBytes == LITTLE;
    }
}
