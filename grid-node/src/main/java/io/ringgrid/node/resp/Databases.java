package io.ringgrid.node.resp;

import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.MapDefinition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Redis' numbered databases: 0 is the map {@code default}, n is the map {@code dbn}, made when it is first used. Stateless. */
final class Databases {
    static final int COUNT = 16;
    static final byte[] OUT_OF_RANGE = Replies.ascii("-ERR DB index is out of range\r\n");

    private Databases() {}

    static String map(int database) {
        return "db" + database;
    }

    /** The id of a database's map, or -1 if it was never used. */
    static int id(int database, @Nullable Topology topology) {
        if (database == 0) {
            return 0;
        }
        MapDefinition map = topology == null ? null : topology.map(map(database));
        return map == null ? -1 : map.id();
    }

    /** The ids of all maps that are databases. */
    static List<Integer> ids(@Nullable Topology topology) {
        List<Integer> ids = new ArrayList<>();
        for (int database = 0; database < COUNT; database++) {
            int id = id(database, topology);
            if (id >= 0) {
                ids.add(id);
            }
        }
        return ids;
    }
}
