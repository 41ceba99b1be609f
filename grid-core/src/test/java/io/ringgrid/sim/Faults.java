package io.ringgrid.sim;

import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

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
 * @param cuts how many cuts between two members, one-way or both ways
 * @param isolations how often one member is cut from all others, one-way or both ways
 * @param severings how often one member is cut from all others, and they seem gone to each other
 * @param wrongSuspicions how often a living member's sockets seem refused
 * @param leaves how many graceful leaves
 * @param joins how many additional members
 * @param wallJumps how often a member's wall clock jumps, forth or back
 * @param clients how many ask at a time
 * @param leastOperations until they have asked so often a seed goes on
 * @param memoryBytes of each member
 * @param expires whether some values are put with an expiry
 * @param witness whether there is one more member, which only votes
 * @param sessionMillis how long the requests of a caller that is not heard of are remembered
 * @param clogs how often one direction between two members delivers nothing for a while, and then all at once
 * @param breaks how often a connection breaks, with a part of what is under way on it delivered
 * @param clientDeaths how many clients die while they wait for an answer, and are replaced by others
 * @param strangers of how many members a second cluster is, which is founded apart from the first and meets it
 * @param lastingCuts how many {@link LastingCut}s: one at the most, and nothing else goes wrong then
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
        int isolations,
        int severings,
        int wrongSuspicions,
        int leaves,
        int joins,
        int wallJumps,
        int clients,
        int leastOperations,
        long memoryBytes,
        boolean expires,
        boolean witness,
        int sessionMillis,
        int clogs,
        int breaks,
        int clientDeaths,
        int strangers,
        int lastingCuts) {
    /** What a seed cannot be without. */
    private static final Set<String> LASTING = Set.of("members", "witness", "partitions", "backups", "fewValues");
    /** Memory for everything. */
    static final long ENOUGH = 64 << 20;
    /** Memory that the workload fills: entries are evicted. */
    static final long LITTLE = 6 << 10;

    private static final int LONG_SESSION = 60_000;
    private static final int KINDS = 8;
    private static final int LEAVES = 3;

    private static final int CLIENTS = 8;
    private static final int OPERATIONS = 1000;
    private static final int[] BACKUPS = {0, 1, 1, 1, 1, 1, 1, 2, 2, 3};

    /** No faults: a scenario brings its own. */
    static Faults none(int members) {
        return quiet(members, CLIENTS, OPERATIONS);
    }

    /** No faults, with so many clients, that ask so often. */
    static Faults quiet(int members, int clients, int leastOperations) {
        return quiet(members, clients, leastOperations, ENOUGH);
    }

    /** The same with so much memory for each member. */
    static Faults quiet(int members, int clients, int leastOperations, long memoryBytes) {
        return new Faults(
                members,
                4,
                1,
                false,
                2_000,
                0,
                0,
                0,
                0,
                0,
                false,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                clients,
                leastOperations,
                memoryBytes,
                false,
                false,
                LONG_SESSION,
                0,
                0,
                0,
                0,
                0);
    }

    /** What goes wrong in this seed: by chance, but in two of eight only one kind of things does. */
    static Faults draw(long seed, SplittableRandom random) {
        Faults drawn = draw(random);
        return switch (Math.floorMod(seed, KINDS)) {
            case 3 -> drawn.onlyCut();
            case 6 -> drawn.onlyLeaves();
            default -> drawn;
        };
    }

    private static Faults draw(SplittableRandom random) {
        boolean small = random.nextInt(8) == 0;
        boolean expires = random.nextInt(5) == 0;
        boolean stormy = random.nextInt(4) == 0;
        boolean torn = random.nextInt(3) == 0;
        int members = random.nextInt(5) == 0 ? 1 + random.nextInt(9) : 3 + random.nextInt(2);
        return new Faults(
                members,
                4,
                BACKUPS[random.nextInt(BACKUPS.length)],
                random.nextBoolean(),
                random.nextInt(4) == 0 ? 20_000 : 2_000,
                random.nextInt(3) == 0 ? random.nextInt(20) : 0,
                random.nextInt(3) == 0 ? random.nextInt(50) : 0,
                random.nextInt(4) == 0 ? random.nextInt(30) : 0,
                random.nextInt(3) == 0 ? 1 + random.nextInt(2) : 0,
                (torn ? 1 : random.nextInt(2)) * random.nextInt(4),
                random.nextInt(3) == 0,
                stormy ? 3 + random.nextInt(8) : random.nextInt(2) * random.nextInt(5),
                stormy ? 4 + random.nextInt(8) : random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0,
                torn ? random.nextInt(8) : 0,
                torn ? random.nextInt(6) : 0,
                stormy ? 2 + random.nextInt(6) : 0,
                random.nextInt(3) == 0 ? 1 : 0,
                torn || random.nextInt(3) == 0 ? random.nextInt(3) : 0,
                expires ? 1 + random.nextInt(6) : random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 0,
                CLIENTS,
                OPERATIONS,
                small ? LITTLE : ENOUGH,
                expires,
                random.nextInt(6) == 0,
                random.nextInt(4) == 0 ? 1 + random.nextInt(600) : LONG_SESSION,
                stormy ? 2 + random.nextInt(6) : random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0,
                stormy ? 4 + random.nextInt(12) : random.nextInt(3) == 0 ? 1 + random.nextInt(6) : 0,
                random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 0,
                random.nextInt(6) == 0 ? 1 + random.nextInt(2) : 0,
                0);
    }

    /** Nothing goes wrong but that one cut lasts. */
    private Faults onlyCut() {
        return quiet(Math.max(3, members), CLIENTS, OPERATIONS)
                .with(Map.of("backups", Math.max(1, backups), "fewValues", fewValues, "lastingCuts", 1));
    }

    /** A few members beside a witness, of which some leave one after another, while others are not heard. */
    private Faults onlyLeaves() {
        return quiet(3 + members % 2, CLIENTS, OPERATIONS)
                .with(Map.of("fewValues", fewValues, "witness", true, "leaves", LEAVES));
    }

    /** What may be left out, in this order. */
    static List<String> names() {
        return Stream.of(Faults.class.getRecordComponents())
                .map(RecordComponent::getName)
                .filter(name -> !LASTING.contains(name))
                .toList();
    }

    /** The same without these, and with as little work as possible where that is among them. */
    Faults without(Set<String> names) {
        Faults calm = quiet(members, 2, 0);
        Map<String, Object> values = new HashMap<>();
        names.forEach(name -> values.put(name, calm.value(name)));
        return with(values);
    }

    /** The same but for these. */
    Faults with(Map<String, ?> values) {
        RecordComponent[] components = Faults.class.getRecordComponents();
        Class<?>[] types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] arguments = Stream.of(components)
                .map(RecordComponent::getName)
                .map(name -> values.containsKey(name) ? values.get(name) : value(name))
                .toArray();
        try {
            return Faults.class.getDeclaredConstructor(types).newInstance(arguments);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private Object value(String name) {
        try {
            return Faults.class.getDeclaredMethod(name).invoke(this);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether an entry may vanish without having been removed. */
    boolean vanishes() {
        return evicts() || expires;
    }

    boolean evicts() {
        return memoryBytes < ENOUGH;
    }

    /** What a member has in this run: a primary may have room where its backup has none, and the other way round. */
    long memoryBytes(SplittableRandom random) {
        return memoryBytes == LITTLE ? LITTLE << random.nextInt(4) : memoryBytes;
    }
}
