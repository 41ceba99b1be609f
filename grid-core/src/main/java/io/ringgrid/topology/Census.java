package io.ringgrid.topology;

import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology.Partition;
import java.util.HashMap;
import java.util.Map;

/** Who holds how many of a topology's partitions, and how many of these lack a copy. Immutable. */
public final class Census {
    private record Share(int primaries, int backups) {
        Share plus(Share other) {
            return new Share(primaries + other.primaries, backups + other.backups);
        }
    }

    private static final Share NONE = new Share(0, 0);
    private static final Share PRIMARY = new Share(1, 0);
    private static final Share BACKUP = new Share(0, 1);

    private final int missing;
    private final int lost;
    private final Map<Id, Share> shares = new HashMap<>();

    private Census(Topology topology) {
        int wanted = wanted(topology);
        int lacking = 0;
        int gone = 0;
        for (Partition partition : topology.partitions()) {
            gone += partition.primary() == null ? 1 : 0;
            lacking += lacks(partition, wanted) ? 1 : 0;
            for (Id id : partition.inSync()) {
                shares.merge(id, id.equals(partition.primary()) ? PRIMARY : BACKUP, Share::plus);
            }
        }
        this.missing = lacking;
        this.lost = gone;
    }

    private static int wanted(Topology topology) {
        int holders = (int) topology.members().stream()
                .filter(member -> !member.isWitness())
                .count();
        return 1 + Math.min(topology.settings().backups(), holders - 1);
    }

    private static boolean lacks(Partition partition, int wanted) {
        return partition.primary() == null || partition.inSync().size() < wanted;
    }

    /** Whether every partition has the copies that it should have, without counting anything else. */
    public static boolean isSafe(Topology topology) {
        int wanted = wanted(topology);
        return topology.partitions().stream().noneMatch(partition -> lacks(partition, wanted));
    }

    /** Counts once through all partitions. */
    public static Census of(Topology topology) {
        return new Census(topology);
    }

    /** How many partitions lack a copy that they should have, 1 + min(backups, members with data − 1), or a primary. */
    public int missing() {
        return missing;
    }

    /** Whether every partition has the copies that it should have. */
    public boolean isSafe() {
        return missing == 0;
    }

    /** How many partitions have no copy left. */
    public int lost() {
        return lost;
    }

    /** Of how many partitions this member is the primary. */
    public int primaries(Id member) {
        return shares.getOrDefault(member, NONE).primaries;
    }

    /** Of how many partitions this member has a copy that is in sync, and is not the primary. */
    public int backups(Id member) {
        return shares.getOrDefault(member, NONE).backups;
    }

    /** What people are told of a cluster that is not safe. */
    public static String lack(int missing, int partitions, int lost) {
        return missing + " of " + partitions + " partitions lack a copy, " + lost + " have none left";
    }
}
