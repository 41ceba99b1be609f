package io.ringgrid.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.bench.Traces.Described;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The yardstick is measured too. */
class AccessesTest {
    @TempDir
    Path directory;

    private static int missesOfAnotherLru(int[] keys, int capacity) {
        Map<Integer, Boolean> lru = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, Boolean> eldest) {
                return size() > capacity;
            }
        };
        int misses = 0;
        for (int key : keys) {
            misses += lru.get(key) == null ? 1 : 0;
            lru.put(key, true);
        }
        return misses;
    }

    @Test
    void lruIsExact() {
        Random random = new Random(1);
        for (int run = 0; run < 200; run++) {
            int distinct = 2 + random.nextInt(30);
            int[] keys = random.ints(500, 0, distinct).toArray();
            int capacity = 1 + random.nextInt(distinct);
            assertEquals(
                    missesOfAnotherLru(keys, capacity),
                    new Accesses(keys, distinct).missesOfLru(capacity),
                    "run " + run);
        }
    }

    @Test
    void tracesAreReadAndJudgedByTheirReadme() throws IOException {
        Files.writeString(directory.resolve("README.md"), """
                # Traces

                | trace | accesses | distinct keys | source | LRU 1 % | LRU 10 % |
                |---|---|---|---|---|---|
                | some | 1,004 | 3 | ours | 75.00 | 50.00 |
                """);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(directory.resolve("some.txt.gz")))) {
            out.write("16777216\n7\n16777216\n8\n".getBytes(StandardCharsets.US_ASCII));
        }
        Accesses some = Accesses.read(directory, "some");
        assertEquals(3, some.distinct());
        assertEquals(2, some.keys()[3]);
        Described said = Traces.in(directory).get("some");
        Described other = new Described(1004, 3, 75, 50);
        assertEquals(other, said);
        assertThrows(IllegalStateException.class, () -> Traces.check("some", other, some, 1, 3), "other accesses");
        Described right = new Described(4, 3, 75, 50);
        Traces.check("some", right, some, 1, 3);
        assertThrows(IllegalStateException.class, () -> Traces.check("some", right, some, 10, 3), "other misses");
    }

    @Test
    void withoutADirectoryThereAreNoTraces() throws IOException {
        assertTrue(Traces.in(directory.resolve("nowhere")).isEmpty());
    }
}
