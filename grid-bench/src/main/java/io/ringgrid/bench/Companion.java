package io.ringgrid.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringgrid.node.GridNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Another member, in a process of its own that ends with the one that started it. Thread-safe. */
final class Companion implements AutoCloseable {
    private static final String HEAP = "1g";

    private final Process process;

    private Companion(Process process) {
        this.process = process;
    }

    static Companion start(String name, String cluster, int jgroupsPort, List<Integer> seedPorts, long memoryBytes) {
        List<String> command = new ArrayList<>(Jvm.command(HEAP));
        command.addAll(List.of(
                Companion.class.getName(),
                name,
                cluster,
                Integer.toString(jgroupsPort),
                seedPorts.stream().map(String::valueOf).collect(Collectors.joining(",")),
                Long.toString(memoryBytes)));
        try {
            return new Companion(new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The member: its name, cluster, JGroups port, seeds' ports, and memory. */
    public static void main(String[] args) throws IOException {
        Jvm.endWithParent();
        GridNode node = RingGridCache.start(
                args[0],
                args[1],
                Integer.parseInt(args[2]),
                Arrays.stream(args[3].split(",", -1)).map(Integer::valueOf).toList(),
                Long.parseLong(args[4]));
        System.out.write((node.port() + "\n").getBytes(UTF_8));
        System.out.flush();
    }
}
