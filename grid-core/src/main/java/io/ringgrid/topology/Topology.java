package io.ringgrid.topology;

import io.ringgrid.ring.Id;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one small value that the voters agree on: who is a member, and for each partition who is primary and who is in
 * sync (PROTOCOL.md 2). Immutable; ordered by (term, version). Only a <em>committed</em> topology changes a role.
 *
 * @param cluster the cluster's random id
 * @param term of the leader that proposed it; from 1
 * @param version rises with each proposal, over all terms; from 1
 * @param state whether operations are served
 * @param settings what all members must share
 * @param maps the named maps, by rising id; the first is {@code default} with id 0
 * @param voters who agree: 1, 3 or 5
 * @param nextVoters who agree as well while the voters are being changed; otherwise empty
 * @param members in the order of their joining
 * @param partitions exactly {@code settings.partitions()} of them
 */
public record Topology(
        Id cluster,
        long term,
        long version,
        State state,
        Settings settings,
        List<MapDefinition> maps,
        List<Id> voters,
        List<Id> nextVoters,
        List<Member> members,
        List<Partition> partitions) {

    /** So many maps a cluster has at the most: all of them stand in each topology that is sent. */
    public static final int MAX_MAPS = 1024;

    /** The life of a cluster. The order is part of the wire format. */
    public enum State {
        /** Operations are served. */
        ACTIVE,
        /** Met another cluster and asks its members whether anybody ever wrote; nothing is served meanwhile. */
        DISSOLVING,
        /** Nobody ever wrote: every member leaves and joins the other cluster. */
        DISSOLVED
    }

    /** The life of a member. The order is part of the wire format. */
    public enum MemberState {
        ACTIVE,
        /** Silent: no roles, still a member. */
        SUSPECT,
        /** Asked to leave: its roles move away. */
        LEAVING
    }

    /**
     * What all members of a cluster must share; a joiner that differs is refused, naming the setting.
     *
     * @param partitions a power of two, 1 to 16384
     * @param backups copies of each partition beside the primary: 0 to 6
     * @param maxValueBytes the largest value, in bytes
     */
    public record Settings(int partitions, int backups, int maxValueBytes) {
        /** More copies than that cost each write more than they save anybody. */
        public static final int MAX_BACKUPS = 6;

        public Settings {
            if (Integer.bitCount(partitions) != 1 || partitions < 1 || partitions > 16384) {
                throw new IllegalArgumentException(
                        "partitions must be a power of two from 1 to 16384, not " + partitions);
            }
            if (backups < 0 || backups > MAX_BACKUPS) {
                throw new IllegalArgumentException("backups must be 0 to " + MAX_BACKUPS + ", not " + backups);
            }
            if (maxValueBytes < 1 || maxValueBytes > 64 << 20) {
                throw new IllegalArgumentException(
                        "the largest value must be 1 byte to 64 MiB, not " + maxValueBytes + " bytes");
            }
        }
    }

    /**
     * A named map.
     *
     * @param id small, the same on every member
     * @param name as the application gave it
     */
    public record MapDefinition(int id, String name) {}

    /**
     * A member.
     *
     * @param id fresh for each process start
     * @param name for people
     * @param host where its native door listens
     * @param port where its native door listens
     * @param zone replicas are put in distinct zones first; empty = none
     * @param weight its share of the partitions, in relation to the others'; 0: it is a witness, which only votes
     * @param state whether it may have roles
     * @param respPort where its door for Redis Cluster's clients listens; 0 = it has none
     */
    public record Member(
            Id id, String name, String host, int port, String zone, int weight, MemberState state, int respPort) {
        /** A member without a door for Redis Cluster's clients. */
        public Member(Id id, String name, String host, int port, String zone, int weight, MemberState state) {
            this(id, name, host, port, zone, weight, state, 0);
        }

        /** The same member in another state. */
        public Member in(MemberState newState) {
            return newState == state ? this : new Member(id, name, host, port, zone, weight, newState, respPort);
        }

        /** The same process under another identity. */
        public Member as(Id newId) {
            return new Member(newId, name, host, port, zone, weight, MemberState.ACTIVE, respPort);
        }

        /** Whether it votes and may lead, and holds no data. */
        public boolean isWitness() {
            return weight == 0;
        }

        /** host:port of its native door. */
        public String address() {
            return host + ":" + port;
        }
    }

    /**
     * Who holds one partition.
     *
     * @param line the id of its history: a new one when it was recreated empty
     * @param epoch rises with each change of a role
     * @param primary who serves it, or null if all copies are gone
     * @param inSync who holds every acknowledged write, the primary included
     * @param filling who is being made a copy, or null
     */
    public record Partition(
            long line,
            int epoch,
            @Nullable Id primary,
            List<Id> inSync,
            @Nullable Id filling) {
        /** Whether this member has any part in it. */
        public boolean concerns(Id id) {
            return inSync.contains(id) || id.equals(filling);
        }
    }

    public Topology {
        maps = List.copyOf(maps);
        voters = List.copyOf(voters);
        nextVoters = List.copyOf(nextVoters);
        members = List.copyOf(members);
        partitions = List.copyOf(partitions);
        if (partitions.size() != settings.partitions()) {
            throw new IllegalArgumentException(
                    partitions.size() + " partitions in a topology of " + settings.partitions());
        }
    }

    /** Whether this one is newer than (term, version). */
    public boolean isNewerThan(long otherTerm, long otherVersion) {
        return term != otherTerm ? term > otherTerm : version > otherVersion;
    }

    /** Whether this one is newer than another; anything is newer than nothing. */
    public boolean isNewerThan(@Nullable Topology other) {
        return other == null || isNewerThan(other.term, other.version);
    }

    /** The member of this id, or null. */
    public @Nullable Member member(Id id) {
        for (Member member : members) {
            if (member.id.equals(id)) {
                return member;
            }
        }
        return null;
    }

    /** The map of this name, or null. */
    public @Nullable MapDefinition map(String name) {
        for (MapDefinition map : maps) {
            if (map.name.equals(name)) {
                return map;
            }
        }
        return null;
    }

    /** Whether this id votes, now or after the change of voters that is under way. */
    public boolean isVoter(Id id) {
        return voters.contains(id) || nextVoters.contains(id);
    }
}
