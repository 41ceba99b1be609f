package io.ringgrid.wire;

import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.MapDefinition;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Partition;
import io.ringgrid.topology.Topology.Settings;
import io.ringgrid.topology.Topology.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Topology} as bytes. Stateless. 1024 partitions of three members are about 22 kB: identities stand once in a
 * table, and the partitions name them by their place in it.
 *
 * <pre>
 *   cluster 16 | term 8 | version 8 | state 1 | partitions 4 | backups 1 | maxValueBytes 4
 *   maps     n4 × (id 4, name)
 *   ids      n4 × 16                      everybody who is named below
 *   voters   n4 × place 4                 nextVoters alike
 *   members  n4 × (place 4, name, host, port 4, zone, weight 4, state 1, respPort 4)
 *   partitions    (line 8, epoch 4, primary place 4 or −1, filling place 4 or −1, in sync n1 × place 4)
 * </pre>
 */
public final class TopologyCodec {
    private static final int MAX_COPIES = 16;

    private TopologyCodec() {}

    /** Appends the topology. */
    public static void encode(Topology topology, ByteWriter out) {
        Map<Id, Integer> places = new LinkedHashMap<>();
        topology.members().forEach(member -> places.putIfAbsent(member.id(), places.size()));
        topology.voters().forEach(id -> places.putIfAbsent(id, places.size()));
        topology.nextVoters().forEach(id -> places.putIfAbsent(id, places.size()));
        for (Partition partition : topology.partitions()) {
            partition.inSync().forEach(id -> places.putIfAbsent(id, places.size()));
            addPlace(places, partition.primary());
            addPlace(places, partition.filling());
        }
        Settings settings = topology.settings();
        out.id(topology.cluster()).i64(topology.term()).i64(topology.version());
        out.u8(topology.state().ordinal());
        out.i32(settings.partitions()).u8(settings.backups()).i32(settings.maxValueBytes());
        out.i32(topology.maps().size());
        topology.maps().forEach(map -> out.i32(map.id()).string(map.name()));
        out.i32(places.size());
        places.keySet().forEach(out::id);
        encodeIds(topology.voters(), places, out);
        encodeIds(topology.nextVoters(), places, out);
        out.i32(topology.members().size());
        for (Member member : topology.members()) {
            out.i32(place(places, member.id())).string(member.name());
            out.string(member.host()).i32(member.port()).string(member.zone());
            out.i32(member.weight()).u8(member.state().ordinal()).i32(member.respPort());
        }
        for (Partition partition : topology.partitions()) {
            out.i64(partition.line()).i32(partition.epoch());
            out.i32(place(places, partition.primary())).i32(place(places, partition.filling()));
            out.u8(partition.inSync().size());
            partition.inSync().forEach(id -> out.i32(place(places, id)));
        }
    }

    private static void addPlace(Map<Id, Integer> places, @Nullable Id id) {
        if (id != null) {
            places.putIfAbsent(id, places.size());
        }
    }

    private static int place(Map<Id, Integer> places, @Nullable Id id) {
        return id == null ? -1 : places.getOrDefault(id, -1);
    }

    private static void encodeIds(List<Id> ids, Map<Id, Integer> places, ByteWriter out) {
        out.i32(ids.size());
        ids.forEach(id -> out.i32(place(places, id)));
    }

    /**
     * Reads a topology.
     *
     * @throws MalformedFrameException if these bytes are none
     */
    public static Topology decode(ByteReader in) {
        try {
            return read(in);
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException("not a topology: " + e.getMessage());
        }
    }

    private static Topology read(ByteReader in) {
        Id cluster = in.id();
        long term = in.i64();
        long version = in.i64();
        State state = pick(State.values(), in.u8());
        Settings settings = new Settings(in.i32(), in.u8(), in.i32());
        List<MapDefinition> maps = new ArrayList<>();
        for (int left = in.count(8); left > 0; left--) {
            maps.add(new MapDefinition(in.i32(), in.string()));
        }
        Id[] ids = new Id[in.count(16)];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = in.id();
        }
        List<Id> voters = readIds(in, ids);
        List<Id> nextVoters = readIds(in, ids);
        List<Member> members = new ArrayList<>();
        for (int left = in.count(29); left > 0; left--) {
            members.add(new Member(
                    at(ids, in.i32()),
                    in.string(),
                    in.string(),
                    in.i32(),
                    in.string(),
                    in.i32(),
                    pick(MemberState.values(), in.u8()),
                    in.i32()));
        }
        List<Partition> partitions = new ArrayList<>(settings.partitions());
        for (int i = 0; i < settings.partitions(); i++) {
            partitions.add(readPartition(in, ids));
        }
        return new Topology(cluster, term, version, state, settings, maps, voters, nextVoters, members, partitions);
    }

    private static Partition readPartition(ByteReader in, Id[] ids) {
        long line = in.i64();
        int epoch = in.i32();
        int primary = in.i32();
        int filling = in.i32();
        int copies = in.u8();
        if (copies > MAX_COPIES) {
            throw new MalformedFrameException("a partition with " + copies + " copies");
        }
        Id[] inSync = new Id[copies];
        for (int i = 0; i < copies; i++) {
            inSync[i] = at(ids, in.i32());
        }
        return new Partition(
                line,
                epoch,
                primary == -1 ? null : at(ids, primary),
                List.of(inSync),
                filling == -1 ? null : at(ids, filling));
    }

    private static List<Id> readIds(ByteReader in, Id[] ids) {
        List<Id> read = new ArrayList<>();
        for (int left = in.count(4); left > 0; left--) {
            read.add(at(ids, in.i32()));
        }
        return read;
    }

    private static Id at(Id[] ids, int place) {
        return pick(ids, place);
    }

    private static <T> T pick(T[] from, int place) {
        if (place < 0 || place >= from.length) {
            throw new MalformedFrameException("place " + place + " of " + from.length);
        }
        return from[place];
    }
}
