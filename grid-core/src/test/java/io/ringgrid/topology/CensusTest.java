package io.ringgrid.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Partition;
import io.ringgrid.topology.Topology.Settings;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CensusTest {
    private static final Id A = new Id(0, 1);
    private static final Id B = new Id(0, 2);

    private static Census of(List<Id> members, Partition... partitions) {
        return Census.of(new Topology(
                new Id(0, 9),
                1,
                1,
                Topology.State.ACTIVE,
                new Settings(partitions.length, 1, 1 << 20),
                List.of(),
                List.of(A),
                List.of(),
                members.stream()
                        .map(id -> new Member(id, "n", "127.0.0.1", 1, "", 1, MemberState.ACTIVE))
                        .toList(),
                Stream.of(partitions).toList()));
    }

    @Test
    void rolesAndWhatIsMissing() {
        Census census = of(
                List.of(A, B),
                new Partition(1, 1, A, List.of(A, B), null),
                new Partition(2, 1, B, List.of(A, B), null),
                new Partition(3, 1, B, List.of(B), A),
                new Partition(4, 1, null, List.of(), null));
        assertEquals(List.of(1, 1), List.of(census.primaries(A), census.backups(A)));
        assertEquals(List.of(2, 1), List.of(census.primaries(B), census.backups(B)));
        assertEquals(List.of(2, 1), List.of(census.missing(), census.lost()));
    }

    @Test
    void whoIsAloneNeedsNoCopy() {
        Census census = of(List.of(A), new Partition(1, 1, A, List.of(A), null));
        assertEquals(List.of(0, 0), List.of(census.missing(), census.lost()));
        assertEquals(List.of(0, 0), List.of(census.primaries(B), census.backups(B)));
    }
}
