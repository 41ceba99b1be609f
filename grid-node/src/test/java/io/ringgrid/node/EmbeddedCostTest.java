package io.ringgrid.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.ringgrid.Expiry;
import io.ringgrid.Grid;
import io.ringgrid.GridMap;
import io.ringgrid.node.binary.FreePort;
import io.ringgrid.node.config.NodeConfig;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** What an application pays for a member in its own JVM, beside time: garbage per operation, and memory per entry. */
final class EmbeddedCostTest {
    private static final int PARTITIONS = 1024;
    private static final long READY_MILLIS = 60_000;
    private static final int KEY_BYTES = 14;
    private static final int KEYS = 1_000;
    private static final int WARM_UP = 30_000;
    private static final int MEASURED = 20_000;
    private static final int ARRAY_HEADER = 16;
    private static final Expiry AN_HOUR = Expiry.after(Duration.ofHours(1));

    private static GridNode member(long memoryBytes) throws IOException, InterruptedException {
        int port = FreePort.next();
        GridNode node = GridNode.start(NodeConfig.builder()
                .cluster("cost-" + port)
                .port(0)
                .jgroupsPort(port)
                .seeds(List.of("127.0.0.1:" + port))
                .partitions(PARTITIONS)
                .memoryBytes(memoryBytes)
                .build());
        assertTrue(node.awaitReady(READY_MILLIS));
        return node;
    }

    private static byte[] key(int number) {
        return String.format("key:%010d", number).getBytes(UTF_8);
    }

    // ---- garbage ----

    /** Bytes that this thread allocates for each of many, when everything is compiled. */
    private static long allocated(IntConsumer operation) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        for (int i = 0; i < WARM_UP; i++) {
            operation.accept(i % KEYS);
        }
        long before = threads.getThreadAllocatedBytes(self);
        for (int i = 0; i < MEASURED; i++) {
            operation.accept(i % KEYS);
        }
        return (threads.getThreadAllocatedBytes(self) - before) / MEASURED;
    }

    @Test
    void anOperationLeavesLittleGarbage() throws Exception {
        byte[][] keys = new byte[KEYS][];
        byte[] value = new byte[100];
        int valueArray = ARRAY_HEADER + value.length + 4;
        try (GridNode node = member(64 << 20)) {
            for (String name : List.of(Grid.DEFAULT_MAP, "named")) {
                GridMap<byte[], byte[]> map = node.map(name, byte[].class, byte[].class);
                for (int i = 0; i < KEYS; i++) {
                    keys[i] = key(i);
                    map.put(keys[i], value);
                }
                long get = allocated(i -> assertEquals(value.length, Objects.requireNonNull(map.get(keys[i])).length));
                long put = allocated(i -> assertTrue(map.put(keys[i], value) > 0));
                System.out.println(name + ": " + get + " bytes for a get, " + put + " for a put");
                assertTrue(get <= valueArray + 32, name + ": a get allocates " + get);
                // The operation, the mutation with its own key and value, the result and the version.
                assertTrue(put <= 700, name + ": a put allocates " + put);
            }
        }
    }

    // ---- memory ----

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    /** What the member says, or the JVM if that is more; with an expiry, and a version as every entry has one. */
    private static double overhead(int entries, int valueBytes) throws Exception {
        System.gc(); // or what former members had would be given back meanwhile
        try (GridNode node = member(512 << 20)) {
            GridMap<byte[], byte[]> map = node.map("overhead", byte[].class, byte[].class);
            byte[] value = new byte[valueBytes];
            byte[] key = key(0);
            long before = directBytes();
            for (int i = 0; i < entries; i++) {
                for (int n = i, at = KEY_BYTES - 1; at >= KEY_BYTES - 7; at--, n /= 10) {
                    key[at] = (byte) ('0' + n % 10);
                }
                map.put(key, value, AN_HOUR);
            }
            assertEquals(entries, node.health().entries());
            long bytes = Math.max(node.health().usedBytes(), directBytes() - before);
            double overhead = bytes / (double) entries - KEY_BYTES - valueBytes;
            System.out.printf(
                    "%,d entries of %d + %d bytes: %.1f of overhead%n", entries, KEY_BYTES, valueBytes, overhead);
            return overhead;
        }
    }

    private static void assertAtMost(double most, double bytes) {
        assertTrue(bytes <= most, () -> bytes + " bytes of overhead, and at most " + most + " are allowed");
    }

    @Test
    void anEntryTakesFewBytesBesideKeyAndValue() throws Exception {
        assertAtMost(60, overhead(100_000, 100));
        assertAtMost(40, overhead(1_000_000, 32));
        assertAtMost(40, overhead(1_000_000, 100));
        // A quarter of a million, for the time and memory that it takes: more partitions for each entry, and so no
        // easier.
        assertAtMost(40 + 0.04 * (KEY_BYTES + 1000), overhead(250_000, 1000));
    }
}
