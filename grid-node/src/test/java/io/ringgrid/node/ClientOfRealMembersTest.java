package io.ringgrid.node;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.Grid;
import io.ringgrid.GridMap;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.client.GridClient;
import io.ringgrid.node.binary.Await;
import io.ringgrid.node.binary.FreePort;
import io.ringgrid.node.conformance.RealMembers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The thin client against three real members, which come and go under it. */
class ClientOfRealMembersTest {
    private final List<GridNode> nodes = new ArrayList<>();

    @AfterEach
    void close() {
        nodes.forEach(GridNode::close);
    }

    private GridNode start(String name, String cluster, int jgroupsPort, List<Integer> seeds) throws Exception {
        GridNode node = RealMembers.member(name, cluster, jgroupsPort, seeds);
        nodes.add(node);
        return node;
    }

    /**
     * One thread counts on each of some keys, while a member joins and two leave. Each sum is what was surely added, and
     * at most what was left unknown more: a write that is under way while its partition's primary moves.
     */
    @Test
    void countsStayExactWhileMembersJoinAndLeave() throws Exception {
        List<Integer> ports = FreePort.several(3);
        String cluster = "client-test-" + ports.get(0);
        GridNode a = start("a", cluster, ports.get(0), ports);
        GridNode b = start("b", cluster, ports.get(1), ports);
        try (GridClient grid = GridClient.builder()
                .contacts("127.0.0.1:" + a.port())
                .cluster(cluster)
                .deadline(Duration.ofSeconds(10))
                .connect()) {
            GridMap<String, Long> counters = grid.map("counters", String.class, Long.class);
            AtomicBoolean enough = new AtomicBoolean();
            AtomicLong done = new AtomicLong();
            List<CompletableFuture<long[]>> counting = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String key = "counter" + i;
                counting.add(CompletableFuture.supplyAsync(() -> count(counters, key, enough, done)));
            }
            GridNode c = start("c", cluster, ports.get(2), ports);
            awaitMembers(grid, 3);
            more(done);
            Await.until(() -> "all copies are there; it is " + c.health(), () -> c.health()
                    .safe());
            more(done);
            a.close();
            awaitMembers(grid, 2);
            more(done);
            b.close();
            awaitMembers(grid, 1);
            more(done);
            enough.set(true);
            for (int i = 0; i < 4; i++) {
                long[] sure = counting.get(i).join();
                Long sum = counters.get("counter" + i);
                assertTrue(
                        sum != null && sum >= sure[0] && sum <= sure[0] + sure[1],
                        sum + " instead of " + sure[0] + " and up to " + sure[1] + " unknown");
            }
        }
    }

    private static void more(AtomicLong done) {
        long before = done.get();
        Await.until(() -> "it goes on; " + (done.get() - before) + " more are done", () -> done.get() > before + 200);
    }

    private static void awaitMembers(Grid grid, int count) {
        Await.until(
                () -> count + " members are known, not " + grid.members(),
                () -> grid.members().size() == count);
    }

    /** How many additions were answered, and of how many nobody knows. */
    private static long[] count(GridMap<String, Long> counters, String key, AtomicBoolean enough, AtomicLong done) {
        long[] sure = new long[2];
        while (!enough.get()) {
            try {
                counters.increment(key, 1);
                sure[0]++;
                done.incrementAndGet();
            } catch (OutcomeUnknownException e) {
                sure[1]++;
            }
        }
        return sure;
    }
}
