package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.GridMap;
import io.ringgrid.Near;
import io.ringgrid.NearFigures;
import io.ringgrid.client.GridClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One client writes, others read near, while members are killed, stopped and restarted. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class NearCacheProcessTest extends ThreeMembersTest {
    private static final int KEYS = 60;
    private static final long BOUND_MILLIS = 1000;
    private static final long PHASE_MILLIS = 6_000;

    private final RisingNumbers numbers = new RisingNumbers(KEYS);
    private final AtomicLong oldest = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean ending;

    private GridClient connect() {
        return GridClient.connect(members.stream()
                .map(member -> MemberProcess.HOST + ":" + member.nativePort)
                .toArray(String[]::new));
    }

    private Thread run(IntConsumer turn) {
        Thread thread = new Thread(() -> {
            for (int i = 0; !ending && failure.get() == null; i++) {
                turn.accept(i % KEYS);
            }
        });
        thread.setUncaughtExceptionHandler((dead, cause) -> failure.compareAndSet(null, cause));
        thread.start();
        return thread;
    }

    private void read(RisingNumbers.Reader reader, int key) {
        long age = reader.read(key);
        if (age >= 0) {
            reads.incrementAndGet();
            oldest.accumulateAndGet(age, Math::max);
        } else {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** What was the oldest since the last phase, in milliseconds. */
    private long phase(String what) throws InterruptedException {
        long readsBefore = reads.get();
        long writesBefore = writes.get();
        Thread.sleep(PHASE_MILLIS);
        assertNull(failure.get());
        long millis = TimeUnit.NANOSECONDS.toMillis(oldest.getAndSet(0));
        System.out.println("near, " + what + ": " + (reads.get() - readsBefore) + " reads, "
                + (writes.get() - writesBefore) + " writes, the oldest was replaced " + millis + " ms before");
        assertTrue(millis <= BOUND_MILLIS, what + ": " + millis + " ms old");
        return millis;
    }

    @Test
    void neverOlderThanTheBoundAndNeverBackwards() throws Exception {
        try (GridClient writer = connect();
                GridClient reader = connect();
                GridClient other = connect()) {
            List<Thread> threads = new ArrayList<>();
            GridMap<String, Long> plain = writer.map("numbers", String.class, Long.class);
            threads.add(run(key -> {
                if (numbers.write(plain, key)) {
                    writes.incrementAndGet();
                }
            }));
            GridMap<String, Long> near = reader.map("numbers", String.class, Long.class, Near.bounded());
            GridMap<String, Long> small = other.map(
                    "numbers", String.class, Long.class, Near.bounded().maxEntries(KEYS / 2));
            RisingNumbers.Reader ofNear = numbers.reader(near);
            RisingNumbers.Reader ofSmall = numbers.reader(small);
            threads.add(run(key -> read(ofNear, key)));
            threads.add(run(key -> read(ofNear, key)));
            threads.add(run(key -> read(ofSmall, key)));

            long quiet = phase("quiet");
            members.get(2).kill();
            phase("one member killed");
            members.get(2).start();
            phase("and started again");
            MemberProcess.awaitWhole(members);
            members.get(1).signal("STOP");
            phase("one member stopped");
            members.get(1).signal("CONT");
            phase("and going on");
            MemberProcess.awaitWhole(members);
            phase("quiet again");

            ending = true;
            for (Thread thread : threads) {
                thread.join();
            }
            if (failure.get() != null) {
                throw new AssertionError("a reader or the writer failed", failure.get());
            }
            NearFigures figures = near.nearFigures();
            System.out.println("near: " + figures);
            assertTrue(quiet <= 500, "without any fault " + quiet + " ms old");
            assertTrue(figures.hits() > 10 * figures.misses() && figures.invalidations() > 300, figures.toString());
        }
    }
}
