package io.ringgrid.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A fresh JVM that measures one trial. It tells its figures on its output, a line each, among whatever libraries print;
 * what it says on its error output is shown if it fails.
 */
final class Fork {
    private static final String FIGURE = "figure ";
    private static final int LAST_LINES = 40;

    private Fork() {}

    /**
     * Measures.
     *
     * @throws IllegalStateException if the JVM fails, with what it said
     */
    static Map<String, Double> measure(String benchmark, Benchmark how, Trial trial)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(Jvm.command(how.heap()));
        command.addAll(1, how.jvmOptions());
        command.addAll(1, trial.contender().jvmOptions());
        command.add(Fork.class.getName());
        command.add(benchmark);
        command.add(trial.contender().name());
        command.addAll(trial.arguments());
        Path errors = Files.createTempFile("ringgrid-bench", ".log");
        try {
            return figures(command, errors, trial);
        } finally {
            Files.deleteIfExists(errors);
        }
    }

    private static Map<String, Double> figures(List<String> command, Path errors, Trial trial)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        Map<String, Double> figures = new LinkedHashMap<>();
        try (BufferedReader lines = process.inputReader(UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(FIGURE)) {
                    String[] parts = line.split(" ", -1);
                    figures.put(parts[1], Double.valueOf(parts[2]));
                }
            }
        } finally {
            process.getOutputStream().close();
        }
        int status = process.waitFor();
        if (status != 0 || figures.isEmpty()) {
            throw new IllegalStateException(
                    trial + " ended with status " + status + " and said:\n" + lastLines(Files.readString(errors)));
        }
        return figures;
    }

    private static String lastLines(String text) {
        List<String> lines = text.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }

    /** In the fresh JVM: the benchmark, the contender, and the trial's arguments. */
    public static void main(String[] args) {
        Jvm.endWithParent();
        Trial trial = new Trial(Contender.valueOf(args[1]), List.of(args).subList(2, args.length));
        try {
            Bench.benchmark(args[0]).measure(trial, (name, value) -> System.out.println(FIGURE + name + " " + value));
            System.out.flush();
            Runtime.getRuntime().halt(0); // what libraries would do at an orderly end is nobody's concern
        } catch (Throwable failure) {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }
}
