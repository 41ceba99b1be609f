package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.GridMap;
import io.ringgrid.Near;
import io.ringgrid.NearFigures;
import io.ringgrid.client.GridClient;
import io.ringgrid.node.GridNode;
import io.ringgrid.node.binary.Await;
import io.ringgrid.node.binary.FreePort;
import io.ringgrid.node.conformance.RealMembers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Members that read near in their own JVM, while others join and leave: partitions move, without any lease being waited for. */
final class EmbeddedNearTest {
    private static final int KEYS = 60;
    private static final long BOUND_MILLIS = 1000;

    private final List<GridNode> nodes = new ArrayList<>();
    private final RisingNumbers numbers = new RisingNumbers(KEYS);
    private final AtomicLong oldest = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ending;

    @AfterEach
    void close() throws InterruptedException {
        ending = true;
        for (Thread thread : threads) {
            thread.join();
        }
        nodes.forEach(GridNode::close);
    }

    private GridNode start(String name, int jgroupsPort, List<Integer> seeds) throws InterruptedException {
        GridNode node = RealMembers.member(name, "near-" + seeds.get(0), jgroupsPort, seeds);
        nodes.add(node);
        return node;
    }

    private void run(IntConsumer turn) {
        Thread thread = new Thread(() -> {
            for (int i = 0; !ending && failure.get() == null; i++) {
                turn.accept(i % KEYS);
            }
        });
        thread.setUncaughtExceptionHandler((dead, cause) -> failure.compareAndSet(null, cause));
        threads.add(thread);
        thread.start();
    }

    private GridMap<String, Long> readAt(GridNode node) {
        GridMap<String, Long> near = node.map("numbers", String.class, Long.class, Near.bounded());
        RisingNumbers.Reader reader = numbers.reader(near);
        run(key -> {
            long age = reader.read(key);
            if (age >= 0) {
                oldest.accumulateAndGet(age, Math::max);
                reads.incrementAndGet();
            } else {
                LockSupport.parkNanos(1_000_000);
            }
        });
        return near;
    }

    private void more(String what) {
        long readsBefore = reads.get();
        long writesBefore = writes.get();
        Await.until(
                () -> what + ": it goes on; " + (reads.get() - readsBefore) + " reads and "
                        + (writes.get() - writesBefore) + " writes more",
                () -> failure.get() != null
                        || (reads.get() > readsBefore + 100_000 && writes.get() > writesBefore + 300));
        assertNull(failure.get());
        long millis = TimeUnit.NANOSECONDS.toMillis(oldest.getAndSet(0));
        System.out.println("embedded near, " + what + ": the oldest was replaced " + millis + " ms before");
        assertTrue(millis <= BOUND_MILLIS, what + ": " + millis + " ms old");
    }

    @Test
    void neverOlderThanTheBoundAndNeverBackwards() throws Exception {
        List<Integer> ports = List.of(FreePort.next(), FreePort.next(), FreePort.next());
        GridNode a = start("a", ports.get(0), ports);
        GridNode b = start("b", ports.get(1), ports);
        try (GridClient writer = GridClient.connect("127.0.0.1:" + a.port(), "127.0.0.1:" + b.port())) {
            GridMap<String, Long> plain = writer.map("numbers", String.class, Long.class);
            run(key -> {
                if (numbers.write(plain, key)) {
                    writes.incrementAndGet();
                }
            });
            GridMap<String, Long> near = readAt(b);
            more("two members");
            GridNode c = start("c", ports.get(2), ports);
            GridMap<String, Long> nearC = readAt(c);
            more("a third joins");
            Await.until(() -> "all copies are there; it is " + c.health(), () -> c.health()
                    .safe());
            more("three members");
            a.close();
            more("the first leaves");
            Await.until(
                    () -> "all copies are there; they are " + c.health() + " and " + b.health(),
                    () -> c.health().safe() && b.health().safe());
            more("two are left");
            ending = true;
            for (GridMap<String, Long> each : List.of(near, nearC)) {
                NearFigures figures = each.nearFigures();
                assertTrue(figures.hits() > figures.misses() && figures.invalidations() > 100, figures.toString());
            }
        }
    }
}
