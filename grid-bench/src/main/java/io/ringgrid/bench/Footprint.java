package io.ringgrid.bench;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this process takes, looked at from outside its stores. Immutable.
 *
 * <p>The JVM must have touched its whole heap at its start ({@code -XX:+AlwaysPreTouch}, least heap = greatest heap): then
 * what the resident set grows by is not the heap's.
 *
 * @param heapBytes in use on the heap after full collections
 * @param directBytes of direct buffers
 * @param residentBytes of the process in the machine's memory
 */
record Footprint(long heapBytes, long directBytes, long residentBytes) {
    private static final int MAX_COLLECTIONS = 10;
    private static final long STEADY_BYTES = 64 << 10;
    private static final long SETTLE_MILLIS = 200;

    /** What the process takes now; collects until the heap does not shrink any more. */
    static Footprint now() throws IOException, InterruptedException {
        long before = Long.MAX_VALUE;
        long heap = collected();
        for (int i = 0; i < MAX_COLLECTIONS && before - heap > STEADY_BYTES; i++) {
            before = heap;
            heap = collected();
        }
        return new Footprint(heap, direct(), resident());
    }

    private static long collected() throws InterruptedException {
        System.gc();
        Thread.sleep(SETTLE_MILLIS); // cleaners and reference handlers run behind the collection
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long direct() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new IOException("no VmRSS in /proc/self/status");
    }
}
