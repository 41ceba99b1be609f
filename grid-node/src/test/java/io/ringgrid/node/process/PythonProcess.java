package io.ringgrid.node.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.binary.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A run of a script. What it says and complains of is shown, but for the lines that tell progress or what it waits for,
 * and the last of it again if it fails. Thread-safe.
 */
final class PythonProcess {
    private static final String PROGRESS = "progress ";
    private static final int PROGRESS_SECONDS = 60;
    private static final String DONE = "done";
    private static final String WAITING = "waiting for ";

    private final String script;
    private final Process process;
    private final Thread reader = new Thread(this::read, "python-output");
    private final List<String> lines = new ArrayList<>();
    private volatile long progress;
    private volatile String waiting = "";
    private final AtomicInteger done = new AtomicInteger();

    PythonProcess(String script, String... arguments) throws IOException {
        this.script = script;
        List<String> line = new ArrayList<>(List.of("/usr/bin/python3", "src/test/python/" + script));
        line.addAll(List.of(arguments));
        process = new ProcessBuilder(line).redirectErrorStream(true).start();
        reader.start();
    }

    private void read() {
        try (BufferedReader output = process.inputReader(UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(PROGRESS)) {
                    progress = Long.parseLong(line.substring(PROGRESS.length()));
                } else if (line.startsWith(WAITING)) {
                    waiting = line;
                } else if (line.equals(DONE)) {
                    done.incrementAndGet();
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
        System.out.println(script + ": " + line);
    }

    /** How many writes were acknowledged to it. */
    long progress() {
        return progress;
    }

    /** Waits until this many more writes are acknowledged. */
    void awaitProgress(int more) {
        long enough = progress + more;
        Await.until(
                () -> more + " more writes are acknowledged; " + (enough - progress) + " are missing, and " + script
                        + " said last " + lastLines(),
                PROGRESS_SECONDS,
                () -> progress >= enough || !process.isAlive());
        assertRuns();
    }

    private void assertRuns() {
        assertTrue(process.isAlive(), () -> script + " has ended too soon: " + allOfLastLines());
    }

    /** Asks it for something by a line of its standard input, and waits at most this long until it says that it is done. */
    void ask(String line, int seconds) throws IOException {
        int enough = done.get() + 1;
        waiting = "";
        process.getOutputStream().write((line + "\n").getBytes(UTF_8));
        process.getOutputStream().flush();
        Await.until(
                () -> "it is done: " + line + "; " + (waiting.isEmpty() ? script + " says nothing" : waiting),
                seconds,
                () -> done.get() >= enough || !process.isAlive());
        assertRuns();
    }

    /** Ends its standard input, which asks it to come to an end. */
    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Waits for its end, and tells whether it was a good one. */
    boolean succeeds() throws InterruptedException {
        return process.waitFor() == 0;
    }

    /** Waits for its end, which must be a good one. */
    void succeed() throws InterruptedException {
        int status = process.waitFor();
        reader.join();
        assertEquals(0, status, () -> script + " has failed: " + lastLines());
    }

    /** Those of a process that has ended. */
    private String allOfLastLines() {
        try {
            reader.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return lastLines();
    }

    private synchronized String lastLines() {
        return MemberProcess.lastOf(lines);
    }

    /** Ends it at once, if it runs. */
    void kill() {
        process.destroyForcibly();
    }

    /** The lines of its output that begin so. */
    synchronized List<String> lines(String beginning) {
        return lines.stream().filter(line -> line.startsWith(beginning)).toList();
    }
}
