package io.ringgrid.ring;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who owns each partition. Immutable.
 *
 * @param owners for each partition its owners, the primary first; may be empty
 */
public record RingTable(List<List<Id>> owners) {
    public RingTable {
        owners = owners.stream().map(List::copyOf).toList();
    }

    /** A table in which nobody owns anything. */
    public static RingTable empty(int partitions) {
        return new RingTable(Collections.nCopies(partitions, List.of()));
    }

    /** How many partitions there are. */
    public int partitions() {
        return owners.size();
    }

    /** The owners of one partition, the primary first. */
    public List<Id> owners(int partition) {
        return owners.get(partition);
    }

    /** The primary of one partition, or null if nobody owns it. */
    public @Nullable Id primary(int partition) {
        List<Id> of = owners.get(partition);
        return of.isEmpty() ? null : of.get(0);
    }

    /** How many copies must be filled to come here from another table: owners that are not owners there. */
    public int movesFrom(RingTable previous) {
        int moves = 0;
        for (int partition = 0; partition < partitions(); partition++) {
            for (Id owner : owners(partition)) {
                if (!previous.owners(partition).contains(owner)) {
                    moves++;
                }
            }
        }
        return moves;
    }
}
