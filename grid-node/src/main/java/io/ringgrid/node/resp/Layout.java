package io.ringgrid.node.resp;

import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Member;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which member Redis Cluster's clients are to ask for which slot. Immutable; of one topology, and the same on every member
 * that knows it.
 *
 * <p>It is the partition's primary; or, if that has no door for them or there is none, the first member that has one, which
 * then serves by forwarding. So every slot has somebody who answers, if only to say that its partition is lost.
 */
final class Layout {
    /** Slots that follow each other, of one member. */
    record Range(int first, int last, Member member) {}

    private static final int ID_LENGTH = 40;

    private final Topology topology;
    private final @Nullable Member[] holders;
    private final int lost;

    private Layout(Topology topology) {
        this.topology = topology;
        Map<Id, Member> open = new LinkedHashMap<>();
        for (Member member : topology.members()) {
            if (member.respPort() > 0) {
                open.put(member.id(), member);
            }
        }
        Member first = open.isEmpty() ? null : open.values().iterator().next();
        this.holders = new @Nullable Member[topology.partitions().size()];
        int none = 0;
        for (int p = 0; p < holders.length; p++) {
            Id primary = topology.partitions().get(p).primary();
            none += primary == null ? 1 : 0;
            holders[p] = primary == null ? first : open.getOrDefault(primary, first);
        }
        this.lost = none;
    }

    /** The layout of this topology. */
    static Layout of(Topology topology) {
        return new Layout(topology);
    }

    @SuppressWarnings("ReferenceEquality") // each topology that is committed is another object
    boolean isOf(Topology other) {
        return topology == other;
    }

    /** Who serves this slot; null if nobody has a door for it. */
    @Nullable
    Member holder(int slot) {
        return holders[Slots.partition(slot, holders.length)];
    }

    /** The partitions that this member serves, in their order. */
    int[] partitionsOf(Id id) {
        int[] own = new int[holders.length];
        int count = 0;
        for (int p = 0; p < holders.length; p++) {
            Member holder = holders[p];
            if (holder != null && holder.id().equals(id)) {
                own[count++] = p;
            }
        }
        return Arrays.copyOf(own, count);
    }

    /** All slots, in their order. */
    List<Range> ranges() {
        List<Range> ranges = new ArrayList<>();
        int slotsEach = Slots.COUNT / holders.length;
        int first = 0;
        for (int p = 0; p < holders.length; p++) {
            Member holder = holders[p];
            boolean last = p == holders.length - 1 || !Objects.equals(holder, holders[p + 1]);
            if (holder != null && last) {
                ranges.add(new Range(first, (p + 1) * slotsEach - 1, holder));
            }
            if (last) {
                first = (p + 1) * slotsEach;
            }
        }
        return ranges;
    }

    /** All slots, by who serves them; members without slots too, if they have a door. */
    Map<Member, List<Range>> byMember() {
        Map<Member, List<Range>> byMember = new LinkedHashMap<>();
        for (Member member : topology.members()) {
            if (member.respPort() > 0) {
                byMember.put(member, new ArrayList<>());
            }
        }
        for (Range range : ranges()) {
            byMember.computeIfAbsent(range.member, unknown -> new ArrayList<>()).add(range);
        }
        return byMember;
    }

    Topology topology() {
        return topology;
    }

    /** How many slots nobody has a copy of. */
    int lostSlots() {
        return lost * (Slots.COUNT / holders.length);
    }

    /** A member's id as Redis Cluster writes one: 40 hex digits. */
    static String nodeId(Id id) {
        String hex = id.toString();
        return hex + "0".repeat(ID_LENGTH - hex.length());
    }
}
