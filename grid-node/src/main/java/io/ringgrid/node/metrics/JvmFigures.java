package io.ringgrid.node.metrics;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.function.ToLongFunction;

/** The JVM's figures, under Micrometer's names. Stateless. */
final class JvmFigures {
    private static final double MILLIS_PER_SECOND = 1000;

    private JvmFigures() {}

    static void write(Exposition out) {
        memory(out, "jvm_memory_used_bytes", "The memory that is in use.", MemoryUsage::getUsed);
        memory(out, "jvm_memory_committed_bytes", "The memory that the system has given.", MemoryUsage::getCommitted);
        memory(out, "jvm_memory_max_bytes", "How far the memory may grow; -1 if no limit is set.", MemoryUsage::getMax);
        List<BufferPoolMXBean> buffers = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class);
        out.gauge("jvm_buffer_memory_used_bytes", "The memory of buffers beside the heap.");
        buffers.forEach(pool -> out.sample(pool.getMemoryUsed(), "id", pool.getName()));
        out.summary("jvm_gc_pause_seconds", "Collections of garbage, and how long they took.");
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            double seconds = Math.max(0, collector.getCollectionTime()) / MILLIS_PER_SECOND;
            out.sample(Math.max(0, collector.getCollectionCount()), seconds, "gc", collector.getName());
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        out.gauge("jvm_threads_live_threads", "The threads that live.").sample(threads.getThreadCount());
        out.gauge("jvm_threads_daemon_threads", "The daemon threads that live.").sample(threads.getDaemonThreadCount());
        out.gauge("jvm_threads_peak_threads", "The most threads that have lived at a time.")
                .sample(threads.getPeakThreadCount());
        out.gauge("process_uptime_seconds", "How long the process runs.")
                .sample(ManagementFactory.getRuntimeMXBean().getUptime() / MILLIS_PER_SECOND);
    }

    private static void memory(Exposition out, String name, String help, ToLongFunction<MemoryUsage> figure) {
        out.gauge(name, help);
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage usage = pool.getUsage();
            if (usage != null) {
                String area = pool.getType() == MemoryType.HEAP ? "heap" : "nonheap";
                out.sample(figure.applyAsLong(usage), "area", area, "id", pool.getName());
            }
        }
    }
}
