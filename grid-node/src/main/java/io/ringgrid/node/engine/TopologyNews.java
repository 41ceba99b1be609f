package io.ringgrid.node.engine;

import io.ringgrid.topology.Census;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What people want to read of a new topology: who came, who went, and whether every partition has its copies. */
final class TopologyNews {
    private TopologyNews() {}

    /** What is new in a committed topology since the one before; of another cluster, or of the first, all is new. */
    static List<Report> between(@Nullable Topology last, Topology now) {
        Topology before = last != null && last.cluster().equals(now.cluster()) ? last : null;
        List<Report> news = new ArrayList<>();
        for (Member member : now.members()) {
            Member earlier = before == null ? null : before.member(member.id());
            if (earlier == null) {
                news.add(new Report(
                        false,
                        "member-joined" + who(member) + " members="
                                + now.members().size()));
            } else if (earlier.state() != member.state()) {
                news.add(changed(member));
            }
        }
        if (before == null) {
            return news;
        }
        for (Member member : before.members()) {
            if (now.member(member.id()) == null) {
                boolean left = member.state() == MemberState.LEAVING;
                news.add(new Report(
                        !left,
                        (left ? "member-left" : "member-gone") + who(member) + " members="
                                + now.members().size()));
            }
        }
        boolean safe = Census.isSafe(now);
        if (safe != Census.isSafe(before)) {
            news.add(new Report(false, safe ? "safe every partition has its copies" : "not-safe " + lack(now)));
        }
        return news;
    }

    private static Report changed(Member member) {
        return switch (member.state()) {
            case ACTIVE -> new Report(false, "member-back" + who(member));
            case SUSPECT ->
                new Report(true, "member-suspected" + who(member) + " it is silent, or its sockets are refused");
            case LEAVING -> new Report(false, "member-leaving" + who(member));
        };
    }

    private static String lack(Topology topology) {
        Census census = Census.of(topology);
        return Census.lack(census.missing(), topology.partitions().size(), census.lost());
    }

    private static String who(Member member) {
        return " name=" + member.name() + " address=" + member.address();
    }
}
