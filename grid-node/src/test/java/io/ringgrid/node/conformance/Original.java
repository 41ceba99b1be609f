package io.ringgrid.node.conformance;

import io.ringgrid.node.binary.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An original server, started on a free loopback port for a test. */
public final class Original implements AutoCloseable {
    private final Process process;
    private final Path directory;
    private final Peer peer;

    private Original(Process process, Path directory, Peer peer) {
        this.process = process;
        this.directory = directory;
        this.peer = peer;
    }

    /** memcached, or null (with a message) if it is not installed. */
    public static @Nullable Original memcached(String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.addAll(List.of("-l", "127.0.0.1", "-u", "root", "-p"));
        return start("memcached", arguments.toArray(String[]::new));
    }

    /** redis-server without persistence, or null (with a message) if it is not installed. */
    public static @Nullable Original redis(String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.addAll(List.of("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"));
        return start("redis-server", arguments.toArray(String[]::new));
    }

    private static @Nullable Original start(String name, String... arguments) throws IOException {
        Path program = find(name);
        if (program == null) {
            System.out.println(name + " is not on the PATH: our door is tested, the original is not");
            return null;
        }
        int port = FreePort.next();
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        command.add(Integer.toString(port));
        Path directory = Files.createTempDirectory(name);
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Original original = new Original(process, directory, new Peer(port));
        original.awaitListening();
        return original;
    }

    private static @Nullable Path find(String name) {
        for (String directory : System.getenv("PATH").split(":", -1)) {
            Path program = Path.of(directory, name);
            if (Files.isExecutable(program)) {
                return program;
            }
        }
        return null;
    }

    private void awaitListening() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                peer.connect().close();
                return;
            } catch (IOException notYet) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    close();
                    throw notYet;
                }
                Thread.onSpinWait();
            }
        }
    }

    public Peer peer() {
        return peer;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        try (Stream<Path> left = Files.walk(directory)) {
            for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
