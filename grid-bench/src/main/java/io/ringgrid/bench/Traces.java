package io.ringgrid.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A directory of traces, whose README.md has a table of them: name, accesses, distinct keys, source, and exact LRU's misses in
 * percent at 1 % and at 10 % of the keys. Confined to one thread.
 */
final class Traces {
    private static final int COLUMNS = 6;
    private static final double ROUNDED = 0.005_001;

    /** What the README says of one. */
    record Described(int accesses, int distinct, double missesAt1, double missesAt10) {}

    private Traces() {}

    /** Those of a directory, by name; none if there is no such directory. */
    static Map<String, Described> in(Path directory) throws IOException {
        Map<String, Described> traces = new LinkedHashMap<>();
        Path readme = directory.resolve("README.md");
        if (!Files.exists(readme)) {
            return traces;
        }
        for (String line : Files.readString(readme, UTF_8).lines().toList()) {
            String[] cells = line.replaceAll("^\\||\\|$", "").split("\\|", -1);
            if (cells.length == COLUMNS && cells[1].strip().matches("[0-9,]+")) {
                traces.put(
                        cells[0].strip(),
                        new Described(
                                number(cells[1]),
                                number(cells[2]),
                                Double.parseDouble(cells[4].strip()),
                                Double.parseDouble(cells[5].strip())));
            }
        }
        return traces;
    }

    private static int number(String cell) {
        return Integer.parseInt(cell.strip().replace(",", ""));
    }

    /**
     * Looks whether our own LRU misses what the README says.
     *
     * @param percent of the distinct keys that there is room for, 1 or 10
     * @throws IllegalStateException if not: then no figure here is worth anything
     */
    static void check(String name, Described said, Accesses accesses, int percent, int misses) {
        double found = 100.0 * misses / accesses.keys().length;
        double wanted = percent == 1 ? said.missesAt1 : said.missesAt10;
        boolean same = accesses.keys().length == said.accesses
                && accesses.distinct() == said.distinct
                && Math.abs(found - wanted) < ROUNDED;
        if (!same) {
            throw new IllegalStateException(String.format(
                    "%s: %d accesses to %d keys, LRU misses %.3f %%; the README says %s",
                    name, accesses.keys().length, accesses.distinct(), found, said));
        }
    }
}
