package io.ringgrid.ring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Plans the next table of the ring: a pure function, the same on every member. Stateless.
 *
 * <p>The ring is cut into equal arcs, the partitions, and members steal them from each other (G. DeCandia et al.,
 * "Dynamo: Amazon's highly available key-value store", 2007, section 6.2, strategy 3): a joiner takes from the fullest
 * up to its quota, a leaver's arcs go to the emptiest, everything else stays. {@link Placement} decides who holds what,
 * {@link Roles} who is primary.
 *
 * <p>What holds: the copies of a partition are on distinct members, spread evenly over the zones; with equal weights and
 * even zones no member has more than the mean rounded up, of copies or of primaries; what moves is what must move for
 * that (in the simulations never 2 % more). The cost is about that of reading and writing the table.
 */
public final class Planner {
    private Planner() {}

    /**
     * The next table.
     *
     * @param previous the present one; may have any number of owners in a partition, also ones that are no members
     * @param members all that may own partitions, in any order; if empty, nobody owns anything
     * @param copies how many owners each partition shall have; it gets min(copies, members) of them
     */
    public static RingTable next(RingTable previous, List<RingMember> members, int copies) {
        if (copies < 1) {
            throw new IllegalArgumentException(copies + " copies of a partition");
        }
        if (members.isEmpty()) {
            return RingTable.empty(previous.partitions());
        }
        List<RingMember> sorted = new ArrayList<>(members);
        sorted.sort(Comparator.comparing(RingMember::id));
        Map<Id, Integer> numbers = numbers(sorted);
        int[][] kept = kept(previous, numbers);
        int owners = Math.min(copies, members.size());
        int[] zoneOf = zones(sorted);
        int zones = Arrays.stream(zoneOf).max().orElse(0) + 1;
        long[] weights = sorted.stream().mapToLong(RingMember::weight).toArray();

        int[][] placed = new Placement(kept, zoneOf, zones, weights, owners).owners();
        new Roles(placed, sorted.size(), owners).assign(hasPrimary(previous, placed, numbers));
        return table(placed, sorted);
    }

    private static Map<Id, Integer> numbers(List<RingMember> sorted) {
        Map<Id, Integer> numbers = new HashMap<>();
        for (RingMember member : sorted) {
            if (numbers.put(member.id(), numbers.size()) != null) {
                throw new IllegalArgumentException("member " + member.id() + " is listed twice");
            }
        }
        return numbers;
    }

    private static int[] zones(List<RingMember> sorted) {
        Map<String, Integer> numbers = new TreeMap<>();
        return sorted.stream()
                .mapToInt(member -> numbers.computeIfAbsent(member.zone(), zone -> numbers.size()))
                .toArray();
    }

    private static int[][] kept(RingTable previous, Map<Id, Integer> numbers) {
        int[][] kept = new int[previous.partitions()][];
        int[] row = new int[0];
        for (int partition = 0; partition < kept.length; partition++) {
            List<Id> owners = previous.owners(partition);
            row = row.length < owners.size() ? new int[owners.size()] : row;
            int length = 0;
            for (int i = 0; i < owners.size(); i++) {
                Integer member = numbers.get(owners.get(i));
                if (member != null && !contains(row, length, member)) {
                    row[length++] = member;
                }
            }
            kept[partition] = Arrays.copyOf(row, length);
        }
        return kept;
    }

    private static boolean contains(int[] row, int length, int member) {
        for (int i = 0; i < length; i++) {
            if (row[i] == member) {
                return true;
            }
        }
        return false;
    }

    private static boolean[] hasPrimary(RingTable previous, int[][] placed, Map<Id, Integer> numbers) {
        boolean[] has = new boolean[placed.length];
        for (int partition = 0; partition < placed.length; partition++) {
            Id primary = previous.primary(partition);
            @Nullable Integer number = primary == null ? null : numbers.get(primary);
            has[partition] = number != null && number == placed[partition][0];
        }
        return has;
    }

    private static RingTable table(int[][] placed, List<RingMember> sorted) {
        List<List<Id>> owners = new ArrayList<>(placed.length);
        for (int[] row : placed) {
            Id[] ids = new Id[row.length];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = sorted.get(row[i]).id();
            }
            owners.add(List.of(ids));
        }
        return new RingTable(owners);
    }
}
