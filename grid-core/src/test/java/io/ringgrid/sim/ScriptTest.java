package io.ringgrid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The scenarios that are texts: {@link Script} says how they are written. */
class ScriptTest {
    private static final Path DIRECTORY = Path.of("src/test/resources/io/ringgrid/sim/scenarios");

    static List<String> scenarios() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void itGoesAsItSays(String scenario) throws IOException {
        List<String> lines = Files.readAllLines(DIRECTORY.resolve(scenario));
        assertTrue(lines.get(0).startsWith("# "), "the first line says what it shows, and why");
        assertEquals("", Script.play(lines), scenario);
    }

    @Test
    void whatIsNotSoIsSaidWithItsLine() {
        String wrong = Script.play(List.of("seeds 1", "start n1", "run 1s", "put k v -> DONE", "get k -> other"));
        assertTrue(wrong.startsWith("seed 1: line 5 (get k -> other) at "), wrong);
        assertTrue(wrong.contains(" ms: v"), wrong);
    }
}
