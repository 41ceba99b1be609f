package io.ringgrid.ring;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Which members hold which partitions, while the next table is being made: members are numbers here, in the order of
 * their ids. Not thread-safe; used once.
 *
 * <p>Each member has a target, within one of its exact share. What is there stays, but for what must go; empty places
 * are drawn from what members lack; members above their target hand partitions over to members below. Where no direct
 * hand-over is allowed, a shortest chain of them is looked for (an augmenting path: the places form a flow network, so
 * a chain exists as long as a target is missed). Draws are pseudo-random, from a fixed seed, so that the partitions of
 * one member have their other copies on many: when it dies, all of those fill its successors.
 *
 * <p>Zones: the copies of a partition are spread as evenly over the zones as the zones' sizes allow, so each zone has a
 * least and a most number of copies in every partition, which differ by one at most.
 */
final class Placement {
    private static final int DRAWS = 8;

    private final int members;
    private final int copies;
    private final int[] zoneOf;
    private final int[] zoneLeast;
    private final int[] zoneMost;
    /** For each partition its owners; the first {@code owned[partition]} of a row count. */
    private final int[][] owners;

    private final int[] owned;
    /** For each member its partitions; the first {@code load[member]} of a row count. Newly given ones come last. */
    private final int[][] held;

    private final int[] load;
    private final int[] target;
    private final SplittableRandom random = new SplittableRandom(0x52696e6747726964L);

    /**
     * Starts from the owners that are still members.
     *
     * @param kept for each partition the distinct members that own it, in order of importance
     * @param zoneOf for each member its zone, from 0
     * @param zones how many zones there are
     * @param copies how many owners each partition shall have; at most the number of members
     */
    Placement(int[][] kept, int[] zoneOf, int zones, long[] weights, int copies) {
        this.members = zoneOf.length;
        this.copies = copies;
        this.zoneOf = zoneOf;
        this.zoneLeast = new int[zones];
        this.zoneMost = new int[zones];
        this.owners = new int[kept.length][copies];
        this.owned = new int[kept.length];
        this.held = new int[members][16];
        this.load = new int[members];
        limitZones();
        keep(kept, weights);
        this.target = targets(weights);
    }

    /** For each partition its owners: kept ones first, in their order. */
    int[][] owners() {
        fillVacancies();
        for (int member = 0; member < members; member++) {
            handOver(member);
        }
        for (int member = 0; member < members; member++) {
            while (load[member] > target[member] && handOverByChain(member)) {}
        }
        return owners;
    }

    private void limitZones() {
        int[] size = new int[zoneLeast.length];
        for (int zone : zoneOf) {
            size[zone]++;
        }
        int most = 0;
        for (int places = 0; places < copies; ) {
            most++;
            places = 0;
            for (int inZone : size) {
                places += Math.min(inZone, most);
            }
        }
        for (int zone = 0; zone < size.length; zone++) {
            zoneLeast[zone] = Math.min(size[zone], most - 1);
            zoneMost[zone] = Math.min(size[zone], most);
        }
    }

    private void keep(int[][] kept, long[] weights) {
        int[] before = new int[members];
        for (int[] row : kept) {
            for (int member : row) {
                before[member]++;
            }
        }
        for (int partition = 0; partition < kept.length; partition++) {
            int[] row = kept[partition].clone();
            int left = row.length;
            for (int drop = toDrop(row, left, before, weights); drop >= 0; drop = toDrop(row, left, before, weights)) {
                before[row[drop]]--;
                System.arraycopy(row, drop + 1, row, drop, --left - drop);
            }
            for (int i = 0; i < left; i++) {
                give(partition, row[i]);
            }
        }
    }

    /**
     * Which of the owners must go: one of too many in a zone, otherwise one of too many in all, or -1. Of several the
     * fullest, and the first, who may be primary, only if no other will do.
     */
    private int toDrop(int[] row, int length, int[] loads, long[] weights) {
        boolean tooManyInZone = false;
        for (int i = 0; i < length; i++) {
            tooManyInZone |= inZone(row, length, zoneOf[row[i]]) > zoneMost[zoneOf[row[i]]];
        }
        if (!tooManyInZone && length + missing(row, length) <= copies) {
            return -1;
        }
        int drop = -1;
        for (int i = 0; i < length; i++) {
            int zone = zoneOf[row[i]];
            int limit = tooManyInZone ? zoneMost[zone] : zoneLeast[zone];
            if (inZone(row, length, zone) > limit
                    && (drop <= 0 || loads[row[i]] * weights[row[drop]] > loads[row[drop]] * weights[row[i]])) {
                drop = i;
            }
        }
        return drop;
    }

    private int inZone(int[] row, int length, int zone) {
        int count = 0;
        for (int i = 0; i < length; i++) {
            count += zoneOf[row[i]] == zone ? 1 : 0;
        }
        return count;
    }

    /** How many owners must be added so that each zone has its least. */
    private int missing(int[] row, int length) {
        if (zoneLeast.length == 1) {
            return Math.max(0, zoneLeast[0] - length);
        }
        int missing = 0;
        for (int zone = 0; zone < zoneLeast.length; zone++) {
            if (zoneLeast[zone] > 0) {
                missing += Math.max(0, zoneLeast[zone] - inZone(row, length, zone));
            }
        }
        return missing;
    }

    private int[] targets(long[] weights) {
        int zones = zoneLeast.length;
        long[] zoneWeights = new long[zones];
        int[] least = new int[zones];
        int[] most = new int[zones];
        int[] present = new int[zones];
        for (int member = 0; member < members; member++) {
            zoneWeights[zoneOf[member]] += weights[member];
            present[zoneOf[member]] += load[member];
        }
        for (int zone = 0; zone < zones; zone++) {
            least[zone] = zoneLeast[zone] * owners.length;
            most[zone] = zoneMost[zone] * owners.length;
        }
        int[] zoneQuotas = Quotas.share((long) owners.length * copies, zoneWeights, least, most, present);
        int[] targets = new int[members];
        int[][] membersOf = membersByZone();
        for (int zone = 0; zone < zones; zone++) {
            int[] in = membersOf[zone];
            int[] quotas = Quotas.share(
                    zoneQuotas[zone],
                    Arrays.stream(in).mapToLong(member -> weights[member]).toArray(),
                    new int[in.length],
                    Arrays.stream(in).map(member -> owners.length).toArray(),
                    Arrays.stream(in).map(member -> load[member]).toArray());
            for (int i = 0; i < in.length; i++) {
                targets[in[i]] = quotas[i];
            }
        }
        return targets;
    }

    private int[][] membersByZone() {
        int[] size = new int[zoneLeast.length];
        for (int zone : zoneOf) {
            size[zone]++;
        }
        int[][] byZone = new int[size.length][];
        for (int zone = 0; zone < size.length; zone++) {
            byZone[zone] = new int[size[zone]];
        }
        for (int member = members - 1; member >= 0; member--) {
            byZone[zoneOf[member]][--size[zoneOf[member]]] = member;
        }
        return byZone;
    }

    private boolean owns(int partition, int member) {
        int[] row = owners[partition];
        for (int i = 0; i < owned[partition]; i++) {
            if (row[i] == member) {
                return true;
            }
        }
        return false;
    }

    private void give(int partition, int member) {
        owners[partition][owned[partition]++] = member;
        hold(partition, member);
    }

    private void hold(int partition, int member) {
        if (load[member] == held[member].length) {
            held[member] = Arrays.copyOf(held[member], load[member] * 2);
        }
        held[member][load[member]++] = partition;
    }

    /** Puts another in an owner's place; the owner's own list is the caller's matter. */
    private void replace(int partition, int owner, int other) {
        int[] row = owners[partition];
        int at = 0;
        while (row[at] != owner) {
            at++;
        }
        System.arraycopy(row, at + 1, row, at, copies - 1 - at);
        row[copies - 1] = other;
        hold(partition, other);
    }

    // Empty places

    private void fillVacancies() {
        for (int partition = 0; partition < owners.length; partition++) {
            while (owned[partition] < copies) {
                int member = draw(partition, -1);
                give(partition, member >= 0 ? member : leastOverfull(partition));
            }
        }
    }

    /** Whether a member may take a place that is empty. */
    private boolean mayJoin(int partition, int member) {
        if (owns(partition, member)) {
            return false;
        }
        int zone = zoneOf[member];
        int inZone = inZone(owners[partition], owned[partition], zone);
        if (inZone < zoneLeast[zone]) {
            return true;
        }
        return inZone < zoneMost[zone] && owned[partition] + missing(owners[partition], owned[partition]) < copies;
    }

    private int leastOverfull(int partition) {
        int best = -1;
        for (int member = 0; member < members; member++) {
            if ((best < 0 || load[member] - target[member] < load[best] - target[best]) && mayJoin(partition, member)) {
                best = member;
            }
        }
        if (best < 0) {
            throw new IllegalStateException("nobody may own partition " + partition);
        }
        return best;
    }

    // What members lack, as one entry for each copy; entries may be stale, those of members that lack nothing are

    private int[] pool = new int[0];
    private int pooled = -1;

    private void fillPool() {
        pool = new int[16];
        pooled = 0;
        for (int member = 0; member < members; member++) {
            for (int lacks = target[member] - load[member]; lacks > 0; lacks--) {
                if (pooled == pool.length) {
                    pool = Arrays.copyOf(pool, pooled * 2);
                }
                pool[pooled++] = member;
            }
        }
    }

    /** A member that lacks a copy and may have this one, in the place of {@code instead} or an empty one; or -1. */
    private int draw(int partition, int instead) {
        if (pooled < 0) {
            fillPool();
        }
        for (int i = 0; i < DRAWS && pooled > 0; i++) {
            int at = random.nextInt(pooled);
            int member = pool[at];
            boolean stale = load[member] >= target[member];
            if (!stale && !may(partition, instead, member)) {
                continue;
            }
            pool[at] = pool[--pooled];
            if (!stale) {
                return member;
            }
        }
        return pooled == 0 ? -1 : anyThatLacks(partition, instead);
    }

    private int anyThatLacks(int partition, int instead) {
        int start = random.nextInt(members);
        for (int i = 0; i < members; i++) {
            int member = (start + i) % members;
            if (load[member] < target[member] && may(partition, instead, member)) {
                return member;
            }
        }
        return -1;
    }

    private boolean may(int partition, int instead, int member) {
        return instead < 0 ? mayJoin(partition, member) : mayReplace(partition, instead, member);
    }

    // Handing over

    private boolean mayReplace(int partition, int owner, int member) {
        return mayReplaceZone(partition, zoneOf[owner], zoneOf[member]) && !owns(partition, member);
    }

    private boolean mayReplaceZone(int partition, int from, int to) {
        if (from == to) {
            return true;
        }
        return inZone(owners[partition], copies, from) > zoneLeast[from]
                && inZone(owners[partition], copies, to) < zoneMost[to];
    }

    /** Hands over what a member has too much, where somebody who lacks it may take it. */
    private void handOver(int member) {
        int tooMany = load[member] - target[member];
        if (tooMany <= 0) {
            return;
        }
        int[] list = held[member];
        shuffle(list, load[member]);
        int left = 0;
        for (int i = 0; i < load[member]; i++) {
            int taker = tooMany > 0 ? draw(list[i], member) : -1;
            if (taker >= 0) {
                replace(list[i], member, taker);
                tooMany--;
            } else {
                list[left++] = list[i];
            }
        }
        load[member] = left;
    }

    private void shuffle(int[] list, int length) {
        for (int i = length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int partition = list[i];
            list[i] = list[other];
            list[other] = partition;
        }
    }

    /** Breadth-first from a member that has too much to the nearest that lacks something; false if there is no way. */
    private boolean handOverByChain(int source) {
        int[][] unseen = membersByZone();
        int[] unseenIn = new int[unseen.length];
        for (int zone = 0; zone < unseen.length; zone++) {
            unseenIn[zone] = unseen[zone].length;
        }
        int[] from = new int[members];
        int[] via = new int[members];
        int[] queue = new int[members];
        int tail = 0;
        queue[tail++] = source;
        for (int head = 0; head < tail; head++) {
            int giver = queue[head];
            for (int i = load[giver] - 1; i >= 0; i--) {
                int partition = held[giver][i];
                for (int zone = 0; zone < unseen.length; zone++) {
                    if (unseenIn[zone] == 0 || !mayReplaceZone(partition, zoneOf[giver], zone)) {
                        continue;
                    }
                    for (int at = unseenIn[zone] - 1; at >= 0; at--) {
                        int taker = unseen[zone][at];
                        if (taker == source || owns(partition, taker)) {
                            continue;
                        }
                        from[taker] = giver;
                        via[taker] = partition;
                        if (load[taker] < target[taker]) {
                            follow(source, taker, from, via);
                            return true;
                        }
                        unseen[zone][at] = unseen[zone][--unseenIn[zone]];
                        queue[tail++] = taker;
                    }
                }
            }
        }
        return false;
    }

    private void follow(int source, int last, int[] from, int[] via) {
        for (int taker = last; taker != source; taker = from[taker]) {
            int giver = from[taker];
            int partition = via[taker];
            int at = 0;
            while (held[giver][at] != partition) {
                at++;
            }
            System.arraycopy(held[giver], at + 1, held[giver], at, --load[giver] - at);
            replace(partition, giver, taker);
        }
    }
}
