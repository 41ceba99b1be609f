package io.ringgrid.node;

import io.ringgrid.node.binary.Await;
import io.ringgrid.node.binary.FreePort;
import io.ringgrid.node.conformance.RealMembers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Embedded members write what lives in them while partitions move between them: nothing is lost, and nothing done twice. */
final class OwnWritesTest {
    @Test
    void whilePrimariesMove() throws Exception {
        List<Integer> ports = List.of(FreePort.next(), FreePort.next(), FreePort.next());
        String cluster = "own-writes-" + ports.get(0);
        GridNode a = RealMembers.member("a", cluster, ports.get(0), ports);
        GridNode b = RealMembers.member("b", cluster, ports.get(1), ports);
        OwnWrites writes = new OwnWrites();
        try {
            writes.begin(a, "a");
            writes.more("one alone");
            writes.begin(b, "b");
            writes.more("two members");
            try (GridNode c = RealMembers.member("c", cluster, ports.get(2), ports)) {
                writes.more("a third joins");
                writes.begin(c, "c");
                Await.until(() -> "all copies are there; it is " + c.health(), () -> c.health()
                        .safe());
                writes.more("three members");
                a.close();
                writes.more("the first leaves");
                writes.end();
                writes.check(c);
            }
        } finally {
            writes.end();
            a.close();
            b.close();
        }
    }
}
