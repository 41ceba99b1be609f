package io.ringgrid.node.config;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/** How much memory this JVM grants outside of its heap. Stateless. */
final class DirectMemory {
    private DirectMemory() {}

    /** In bytes: what {@code -XX:MaxDirectMemorySize} says, otherwise as much as the heap may have. */
    static long limitBytes() {
        @Nullable HotSpotDiagnosticMXBean flags = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        long set = flags == null
                ? 0
                : Long.parseLong(flags.getVMOption("MaxDirectMemorySize").getValue());
        return set > 0 ? set : Runtime.getRuntime().maxMemory();
    }
}
