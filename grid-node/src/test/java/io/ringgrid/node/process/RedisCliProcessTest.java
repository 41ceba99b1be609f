package io.ringgrid.node.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What people do with redis-cli, beside single commands, at a member of three. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class RedisCliProcessTest extends ThreeMembersTest {
    private static final int KEYS = 1000;
    /** How long what never ends is watched. */
    private static final String WATCHED_SECONDS = "3";

    @Test
    void pipesScansFindsBigKeysAndWatches() throws Exception {
        StringBuilder commands = new StringBuilder();
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < KEYS; i++) {
            commands.append("SET key:")
                    .append(i)
                    .append(' ')
                    .append("v".repeat(1 + i))
                    .append("\r\n");
            keys.add("key:" + i);
        }
        assertTrue(cli(commands.toString(), "--pipe").contains("errors: 0, replies: " + KEYS));

        assertEquals(keys, Set.copyOf(cli("", "--scan").lines().toList()));
        assertEquals(
                111, cli("", "--scan", "--pattern", "key:1*").lines().distinct().count());

        String big = cli("", "--bigkeys");
        assertTrue(big.contains("Biggest string found '\"key:999\"' has 1000 bytes"), big);
        assertTrue(big.contains(KEYS + " strings with"), big);

        // Without a terminal --latency measures for a second and says: least, most, mean, and how many.
        String[] latency = cli("", "--latency").trim().split(" ");
        assertEquals(4, latency.length, String.join(" ", latency));
        assertTrue(Integer.parseInt(latency[3]) > 10, String.join(" ", latency));

        long ours = Long.parseLong(cli("", "info", "keyspace").replaceAll("(?s).*db0:keys=(\\d+),expires=0,.*", "$1"));
        assertTrue(ours > 0 && ours < KEYS, ours + " keys at one member of three");
        String watched = output(
                List.of("timeout", WATCHED_SECONDS, "stdbuf", "-oL", "redis-cli", "-p", port(), "--stat"), "", 124);
        List<String> rows = watched.lines().filter(row -> row.matches("\\d.*")).toList();
        assertTrue(rows.size() > 1, watched);
        for (String row : rows) {
            // Partitions move when a member was slow: then others have the keys that it had.
            String[] columns = row.trim().split(" +", -1);
            assertTrue(Integer.parseInt(columns[0]) < KEYS, watched);
            assertEquals("0", columns[3], watched);
        }
        assertEquals(KEYS + "\n", cli("", "dbsize"));
    }

    private String port() {
        return Integer.toString(members.get(0).respPort);
    }

    private String cli(String input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("redis-cli", "-p", port()));
        command.addAll(List.of(arguments));
        return output(command, input, 0);
    }

    private static String output(List<String> command, String input, int status)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(status, process.waitFor(), () -> command + ": " + output);
        return output;
    }
}
