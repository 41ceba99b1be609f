package io.ringgrid.ring;

/**
 * Which owner of each partition is its primary, while the next table is being made. Not thread-safe; used once.
 *
 * <p>A member that owns n copies shall be primary of n / copies partitions, rounded down or up: that is always possible
 * (each partition divides itself evenly among its owners, and flows with whole limits have whole solutions). What is
 * primary already stays; then shortest chains of swaps lead from members that are primary too often, and to members
 * that are too seldom. No swap moves data.
 */
final class Roles {
    /** For each partition its owners; afterwards the primary is the first. */
    private final int[][] owners;

    private final int copies;
    /** For each member the partitions it owns. */
    private final int[][] held;

    private final int[] primaries;
    private final int[] least;
    private final int[] most;
    private final int[] from;
    private final int[] via;
    private final int[] queue;
    private final int[] seen;
    private int search;

    Roles(int[][] owners, int members, int copies) {
        this.owners = owners;
        this.copies = copies;
        this.held = new int[members][];
        this.primaries = new int[members];
        this.least = new int[members];
        this.most = new int[members];
        this.from = new int[members];
        this.via = new int[members];
        this.queue = new int[members];
        this.seen = new int[members];
        int[] load = new int[members];
        for (int[] row : owners) {
            for (int owner : row) {
                load[owner]++;
            }
        }
        for (int member = 0; member < members; member++) {
            held[member] = new int[load[member]];
            least[member] = load[member] / copies;
            most[member] = (load[member] + copies - 1) / copies;
        }
        for (int partition = 0; partition < owners.length; partition++) {
            for (int owner : owners[partition]) {
                held[owner][--load[owner]] = partition;
            }
        }
    }

    /**
     * Puts a primary first in each row.
     *
     * @param hasPrimary for each partition whether its first owner is its primary already
     */
    void assign(boolean[] hasPrimary) {
        for (int partition = 0; partition < owners.length; partition++) {
            if (hasPrimary[partition]) {
                primaries[owners[partition][0]]++;
            }
        }
        for (int partition = 0; partition < owners.length; partition++) {
            if (!hasPrimary[partition]) {
                makePrimary(partition, mostWanting(owners[partition]));
                primaries[owners[partition][0]]++;
            }
        }
        for (int member = 0; member < primaries.length; member++) {
            while (primaries[member] > most[member] && giveAway(member)) {}
        }
        for (int member = 0; member < primaries.length; member++) {
            while (primaries[member] < least[member] && obtain(member)) {}
        }
    }

    private int mostWanting(int[] row) {
        int best = row[0];
        for (int owner : row) {
            if (wants(owner) > wants(best)) {
                best = owner;
            }
        }
        return best;
    }

    private long wants(int member) {
        return held[member].length - (long) primaries[member] * copies;
    }

    private void makePrimary(int partition, int member) {
        int[] row = owners[partition];
        int at = 0;
        while (row[at] != member) {
            at++;
        }
        System.arraycopy(row, 0, row, 1, at);
        row[0] = member;
    }

    /** Breadth-first along "primary here → other owner here" to a member that may be primary once more. */
    private boolean giveAway(int source) {
        int tail = start(source);
        for (int head = 0; head < tail; head++) {
            int giver = queue[head];
            for (int partition : held[giver]) {
                if (owners[partition][0] != giver) {
                    continue;
                }
                for (int taker : owners[partition]) {
                    if (seen[taker] == search) {
                        continue;
                    }
                    tail = visit(taker, giver, partition, tail);
                    if (primaries[taker] < most[taker]) {
                        for (int to = taker; to != source; to = from[to]) {
                            makePrimary(via[to], to);
                        }
                        primaries[source]--;
                        primaries[taker]++;
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Breadth-first along "owner here → primary here" to a member that may be primary once less. */
    private boolean obtain(int source) {
        int tail = start(source);
        for (int head = 0; head < tail; head++) {
            int taker = queue[head];
            for (int partition : held[taker]) {
                int giver = owners[partition][0];
                if (seen[giver] == search) {
                    continue;
                }
                tail = visit(giver, taker, partition, tail);
                if (primaries[giver] > least[giver]) {
                    for (int of = giver; of != source; of = from[of]) {
                        makePrimary(via[of], from[of]);
                    }
                    primaries[source]++;
                    primaries[giver]--;
                    return true;
                }
            }
        }
        return false;
    }

    private int start(int source) {
        search++;
        seen[source] = search;
        queue[0] = source;
        return 1;
    }

    private int visit(int member, int before, int partition, int tail) {
        seen[member] = search;
        from[member] = before;
        via[member] = partition;
        queue[tail] = member;
        return tail + 1;
    }
}
