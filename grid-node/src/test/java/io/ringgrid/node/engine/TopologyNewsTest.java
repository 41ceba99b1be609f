package io.ringgrid.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ringgrid.ring.Id;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Partition;
import io.ringgrid.topology.Topology.Settings;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TopologyNewsTest {
    private static final Member ONE = new Member(new Id(0, 1), "n1", "127.0.0.1", 7654, "", 1, MemberState.ACTIVE);
    private static final Member TWO = new Member(new Id(0, 2), "n2", "127.0.0.1", 7655, "", 1, MemberState.ACTIVE);
    private static final List<Id> BOTH = List.of(ONE.id(), TWO.id());

    private static Topology topology(List<Member> members, List<Id> inSync) {
        return new Topology(
                new Id(0, 9),
                1,
                1,
                Topology.State.ACTIVE,
                new Settings(1, 1, 1 << 20),
                List.of(),
                List.of(ONE.id()),
                List.of(),
                members,
                List.of(new Partition(1, 1, ONE.id(), inSync, null)));
    }

    private static List<String> news(@Nullable Topology before, Topology now) {
        return TopologyNews.between(before, now).stream()
                .map(report -> (report.grave() ? "! " : "") + report.text())
                .toList();
    }

    @Test
    void theFirstTopologyTellsWhoIsThere() {
        assertEquals(
                List.of(
                        "member-joined name=n1 address=127.0.0.1:7654 members=2",
                        "member-joined name=n2 address=127.0.0.1:7655 members=2"),
                news(null, topology(List.of(ONE, TWO), BOTH)));
    }

    @Test
    void aCrashIsSuspectedThenGone() {
        Topology whole = topology(List.of(ONE, TWO), BOTH);
        Topology suspected = topology(List.of(ONE, TWO.in(MemberState.SUSPECT)), List.of(ONE.id()));
        Topology alone = topology(List.of(ONE), List.of(ONE.id()));
        assertEquals(
                List.of(
                        "! member-suspected name=n2 address=127.0.0.1:7655 it is silent, or its sockets are refused",
                        "not-safe 1 of 1 partitions lack a copy, 0 have none left"),
                news(whole, suspected));
        assertEquals(
                List.of(
                        "! member-gone name=n2 address=127.0.0.1:7655 members=1",
                        "safe every partition has its copies"),
                news(suspected, alone));
        assertEquals(
                List.of("member-back name=n2 address=127.0.0.1:7655", "safe every partition has its copies"),
                news(suspected, whole));
    }

    @Test
    void whoLeavesIsNoWarning() {
        Topology leaving = topology(List.of(ONE, TWO.in(MemberState.LEAVING)), BOTH);
        assertEquals(
                List.of("member-leaving name=n2 address=127.0.0.1:7655"),
                news(topology(List.of(ONE, TWO), BOTH), leaving));
        assertEquals(
                List.of("member-left name=n2 address=127.0.0.1:7655 members=1"),
                news(leaving, topology(List.of(ONE), List.of(ONE.id()))));
    }

    @Test
    void whatStaysIsNoNews() {
        Topology whole = topology(List.of(ONE, TWO), BOTH);
        assertEquals(List.<Report>of(), TopologyNews.between(whole, whole));
    }
}
