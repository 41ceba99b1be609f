package io.ringgrid.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** How processes of this module are started, and how they end. Stateless. */
final class Jvm {
    private static final String LOGGING = "logback.configurationFile";

    private Jvm() {}

    /** What all JVMs are started with: the same heap, collector, limit of direct memory, class path and logging. */
    static List<String> command(String heap) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms" + heap,
                "-Xmx" + heap,
                "-XX:MaxDirectMemorySize=" + heap,
                "-XX:+UseG1GC",
                "-Djava.net.preferIPv4Stack=true",
                "-D" + LOGGING + "=" + System.getProperty(LOGGING, ""),
                "-cp",
                System.getProperty("java.class.path"));
    }

    /** The same as it is told to people. */
    static String told(String heap) {
        return "`-Xms" + heap + " -Xmx" + heap + " -XX:MaxDirectMemorySize=" + heap + " -XX:+UseG1GC`";
    }

    /** Ends this process when the one that started it closes its input, or ends. */
    static void endWithParent() {
        Thread watcher = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {}
            } catch (IOException e) {
                // then it is gone as well
            }
            Runtime.getRuntime().halt(0);
        });
        watcher.setName("bench-watcher");
        watcher.setDaemon(true);
        watcher.start();
    }
}
