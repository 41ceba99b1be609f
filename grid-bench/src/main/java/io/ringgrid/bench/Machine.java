package io.ringgrid.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What it is measured on. Stateless. */
final class Machine {
    private Machine() {}

    /** The processor, cores, memory, kernel and JVM in one line. */
    static String told() throws IOException {
        return String.format(
                "%s, %d cores, %d GiB; Linux %s; %s %s",
                value("/proc/cpuinfo", "model name"),
                Runtime.getRuntime().availableProcessors(),
                Math.round(Long.parseLong(value("/proc/meminfo", "MemTotal").replaceAll("[^0-9]", "")) / 1048576.0),
                System.getProperty("os.version"),
                System.getProperty("java.vm.name"),
                System.getProperty("java.vm.version"));
    }

    /** How many processes wanted to run on average in the last minute. */
    static double load() throws IOException {
        return Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0]);
    }

    private static String value(String file, String name) throws IOException {
        for (String line : Files.readAllLines(Path.of(file))) {
            if (line.startsWith(name)) {
                return line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return "an unknown processor";
    }
}
