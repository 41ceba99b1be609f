package io.ringgrid.node.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ringgrid.node.binary.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A run of {@code main_job.py}. Its output is shown, but for the lines that tell progress. Thread-safe. */
final class PythonProcess {
    private static final String PROGRESS = "progress ";
    private static final int PROGRESS_SECONDS = 60;

    private final String command;
    private final Process process;
    private final Thread reader = new Thread(this::read, "python-output");
    private final List<String> lines = new ArrayList<>();
    private volatile long progress;

    PythonProcess(String command, String members, String... arguments) throws IOException {
        this.command = command;
        List<String> line =
                new ArrayList<>(List.of("/usr/bin/python3", "src/test/python/main_job.py", command, members));
        line.addAll(List.of(arguments));
        process = new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        reader.start();
    }

    private void read() {
        try (BufferedReader output = process.inputReader(UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(PROGRESS)) {
                    progress = Long.parseLong(line.substring(PROGRESS.length()));
                } else {
                    keep(line);
                }
            }
        } catch (IOException e) {
            keep("the output broke off: " + e);
        }
    }

    private synchronized void keep(String line) {
        lines.add(line);
        System.out.println("python " + command + ": " + line);
    }

    /** How many writes were acknowledged to it. */
    long progress() {
        return progress;
    }

    /** Waits until this many more writes are acknowledged. */
    void awaitProgress(int more) {
        long enough = progress + more;
        Await.until(
                more + " more writes are acknowledged",
                PROGRESS_SECONDS,
                () -> progress >= enough || !process.isAlive());
        assertEquals(true, process.isAlive(), "main_job.py " + command + " has ended too soon");
    }

    /** Ends its standard input, which asks it to come to an end. */
    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Waits for its end, which must be a good one. */
    void succeed() throws InterruptedException {
        int status = process.waitFor();
        reader.join();
        assertEquals(0, status, "main_job.py " + command);
    }

    /** The lines of its output that begin so. */
    synchronized List<String> lines(String beginning) {
        return lines.stream().filter(line -> line.startsWith(beginning)).toList();
    }
}
