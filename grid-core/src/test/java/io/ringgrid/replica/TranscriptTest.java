package io.ringgrid.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What replicas say to each other, as texts that are read as a diff when something changes; {@link Transcript} says how they
 * are written. They are written anew with {@code -Dringgrid.golden=write}.
 */
class TranscriptTest {
    private static final Path DIRECTORY = Path.of("src/test/resources/io/ringgrid/replica/transcripts");

    static List<String> transcripts() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void theySayWhatIsWritten(String transcript) throws IOException {
        Path file = DIRECTORY.resolve(transcript);
        List<String> written = Files.readAllLines(file);
        List<String> said = Transcript.of(written);
        if ("write".equals(System.getProperty("ringgrid.golden"))) {
            Files.write(file, said);
        } else {
            assertEquals(
                    String.join("\n", written),
                    String.join("\n", said),
                    transcript
                            + " is otherwise now. If it should be, write it anew, and look at the diff: mvn -pl grid-core"
                            + " test -Dtest=TranscriptTest -Dringgrid.golden=write");
        }
    }
}
