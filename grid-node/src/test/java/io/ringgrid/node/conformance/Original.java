package io.ringgrid.node.conformance;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An original server, started on a free loopback port for a test. */
public final class Original implements AutoCloseable {
    private final Process process;
    private final Peer peer;

    private Original(Process process, Peer peer) {
        this.process = process;
        this.peer = peer;
    }

    /** memcached, or null (with a message) if it is not installed. */
    public static @Nullable Original memcached() throws IOException {
        return start("memcached", "-l", "127.0.0.1", "-u", "root", "-p");
    }

    /** redis-server without persistence, or null (with a message) if it is not installed. */
    public static @Nullable Original redis() throws IOException {
        return start("redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port");
    }

    private static @Nullable Original start(String name, String... arguments) throws IOException {
        Path program = find(name);
        if (program == null) {
            System.out.println(name + " is not on the PATH: our door is tested, the original is not");
            return null;
        }
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        command.add(Integer.toString(port));
        Process process = new ProcessBuilder(command)
                .directory(Files.createTempDirectory(name).toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Original original = new Original(process, new Peer(port));
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
        process.destroyForcibly();
    }
}
