package io.ringgrid.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.binary.FreePort;
import io.ringgrid.node.cluster.Discovery.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three members in this JVM, on ports that were free. All waits are on conditions, and bounded. */
@Timeout(60)
final class DiscoveryTest {
    private static final String HOST = "127.0.0.1";
    private static final long PATIENCE_MILLIS = 20_000;

    /** What one member heard. Thread-safe. */
    private static final class Heard implements Discovery.Listener {
        private SortedSet<String> found = new TreeSet<>();
        private final List<String> suspected = new ArrayList<>();

        @Override
        public synchronized void found(SortedSet<String> addresses) {
            found = addresses;
            notifyAll();
        }

        @Override
        public synchronized void suspected(String address) {
            suspected.add(address);
            notifyAll();
        }

        synchronized void awaitFound(Set<String> expected) throws InterruptedException {
            await(() -> found.equals(expected), "found " + expected);
        }

        synchronized void awaitSuspected(String expected) throws InterruptedException {
            await(() -> suspected.contains(expected), "suspected " + expected);
        }

        private synchronized void await(BooleanSupplier condition, String what) throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
            while (!condition.getAsBoolean()) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                assertTrue(left > 0, () -> "not " + what + ", but found " + found + ", suspected " + suspected);
                wait(left);
            }
        }
    }

    private final String cluster = "test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    private final int[] ports =
            FreePort.several(3).stream().mapToInt(port -> port).toArray();
    private final Heard[] heard = {new Heard(), new Heard(), new Heard()};
    private final Discovery[] members = new Discovery[3];

    @AfterEach
    void closeAll() {
        for (Discovery member : members) {
            if (member != null) {
                member.close();
            }
        }
    }

    private List<String> seeds() {
        return List.of(HOST + ":" + ports[0], HOST + ":" + ports[1], HOST + ":" + ports[2]);
    }

    private static String door(int member) {
        return "door-" + member + ".example:" + (11211 + member);
    }

    private static Set<String> doors(int... members) {
        Set<String> doors = new TreeSet<>();
        for (int member : members) {
            doors.add(door(member));
        }
        return doors;
    }

    private void join(int member, List<String> seeds) throws IOException {
        heard[member] = new Heard();
        Settings settings = new Settings(cluster, HOST, ports[member], seeds, door(member), null);
        members[member] = Discovery.join(settings, heard[member]);
    }

    private void awaitAll(int... expected) throws InterruptedException {
        for (int member : expected) {
            heard[member].awaitFound(doors(expected));
        }
    }

    @Test
    void findEachOtherWhenStartedOneByOne() throws Exception {
        for (int member = 0; member < 3; member++) {
            join(member, seeds());
        }
        awaitAll(0, 1, 2);
        assertEquals(doors(0, 1, 2), members[1].addresses());
    }

    @Test
    void findEachOtherWhenStartedAtOnce() throws Exception {
        ExecutorService starters = Executors.newFixedThreadPool(3);
        try {
            List<Future<?>> starts = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int member = i;
                starts.add(starters.submit(() -> {
                    join(member, seeds());
                    return null;
                }));
            }
            for (Future<?> start : starts) {
                start.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            }
        } finally {
            starters.shutdownNow();
        }
        awaitAll(0, 1, 2);
    }

    @Test
    void mergeWhatBeganApart() throws Exception {
        join(0, List.of());
        join(1, List.of());
        heard[0].awaitFound(doors(0));
        heard[1].awaitFound(doors(1));
        join(2, seeds());
        awaitAll(0, 1, 2);
    }

    @Test
    void aMemberThatLeavesIsSuspectedAndFoundAgainWhenItReturns() throws Exception {
        for (int member = 0; member < 3; member++) {
            join(member, seeds());
        }
        awaitAll(0, 1, 2);
        members[0].close();
        heard[1].awaitSuspected(door(0));
        heard[2].awaitSuspected(door(0));
        awaitAll(1, 2);
        join(0, seeds());
        awaitAll(0, 1, 2);
    }

    @Test
    void othersOfAnotherNameAreNotFound() throws Exception {
        join(0, seeds());
        Heard stranger = new Heard();
        Settings other = new Settings(cluster + "-other", HOST, ports[1], seeds(), door(1), null);
        members[1] = Discovery.join(other, stranger);
        join(2, seeds());
        awaitAll(0, 2);
        stranger.awaitFound(doors(1));
    }

    @Test
    void aPortThatIsTakenIsSaid() throws Exception {
        join(0, seeds());
        Settings settings = new Settings(cluster, HOST, ports[0], seeds(), door(1), null);
        IOException failure = assertThrows(IOException.class, () -> Discovery.join(settings, heard[1]));
        assertTrue(failure.toString().contains(HOST + ":" + ports[0]), failure::toString);
    }

    @Test
    void theStackMayBeAFile() throws Exception {
        Path file = Path.of("..", "config", "jgroups.xml");
        Settings settings = new Settings(cluster, HOST, ports[0], seeds(), door(0), file);
        members[0] = Discovery.join(settings, heard[0]);
        heard[0].awaitFound(doors(0));
        Settings missing = new Settings(cluster, HOST, ports[1], seeds(), door(1), Path.of("no-such-file.xml"));
        assertThrows(IOException.class, () -> Discovery.join(missing, heard[1]));
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Settings(cluster, HOST, 7800, List.of("no-port"), door(0), null));
        assertThrows(IllegalArgumentException.class, () -> new Settings(cluster, HOST, 0, List.of(), door(0), null));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Settings(cluster, HOST, 7800, List.of(), "x".repeat(256), null));
    }
}
