package io.ringgrid.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The end of docs/COMPATIBILITY.md is made of the transcripts: whatever is answered otherwise than the original does, and
 * why. With {@code GRID_WRITE_DOCS=1} in the environment it is written; without, it must be what it would be.
 */
final class CompatibilityTest {
    private static final Path DOCUMENT = Path.of("../docs/COMPATIBILITY.md");
    private static final String BEGINNING =
            "<!-- From here on made by CompatibilityTest (GRID_WRITE_DOCS=1); do not edit. -->\n";
    private static final int SHOWN = 200;

    private static final Map<String, List<String>> FILES = new LinkedHashMap<>();

    static {
        FILES.put("memcached", List.of("memcached.txt", "memcached-bad-input.txt", "memcached-secret.txt"));
        FILES.put("Redis", List.of("redis.txt", "redis-bad-input.txt", "redis-secret.txt"));
    }

    @Test
    void theDocumentTellsOfEveryDifference() throws IOException {
        String document = Files.readString(DOCUMENT);
        int at = document.indexOf(BEGINNING);
        assertTrue(at >= 0, "docs/COMPATIBILITY.md has lost the line " + BEGINNING);
        String made = BEGINNING + made();
        if ("1".equals(System.getenv("GRID_WRITE_DOCS"))) {
            Files.writeString(DOCUMENT, document.substring(0, at) + made);
            return;
        }
        assertEquals(
                made,
                document.substring(at),
                "write it anew: GRID_WRITE_DOCS=1 scripts/test -Dtest=CompatibilityTest -DfailIfNoTests=false"
                        + " -Dsurefire.failIfNoSpecifiedTests=false");
    }

    private static String made() {
        StringBuilder text = new StringBuilder("## Each difference that the transcripts show\n");
        FILES.forEach((original, files) -> {
            text.append("\n| why | sent | ").append(original).append(" | RingGrid |\n|---|---|---|---|\n");
            for (String file : files) {
                Transcript.read(file).stream().filter(Transcript::differs).forEach(differing -> text.append("| ")
                        .append(cell(differing.why()))
                        .append(" | ")
                        .append(code(differing.sent()))
                        .append(" | ")
                        .append(code(differing.original()))
                        .append(" | ")
                        .append(code(differing.ours()))
                        .append(" |\n"));
            }
        });
        return text.toString();
    }

    /** As people type it: without the ends of lines, and cut if it is long. */
    private static String code(byte[] bytes) {
        String shown = Transcript.shown(bytes)
                .replace("\\r\\n\n", " ⏎ ")
                .replace("\n", "")
                .replaceAll("(.)\\1{19,}", "$1…")
                .strip();
        if (shown.endsWith("⏎")) {
            shown = shown.substring(0, shown.length() - 1).strip();
        }
        if (shown.length() > SHOWN) {
            shown = shown.substring(0, SHOWN).strip() + " …";
        }
        return shown.isEmpty() ? "nothing" : "`" + cell(shown) + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace('`', '\'');
    }
}
