package io.ringgrid.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.GridMap;
import io.ringgrid.node.GridNode;
import io.ringgrid.node.binary.FreePort;
import io.ringgrid.node.config.NodeConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.json.JSONArray;
import org.json.JSONObject;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tool's commands, on one real member. */
class GridToolTest {
    private static @Nullable GridNode node;

    private record Ran(int status, String out, String err) {
        JSONObject json() {
            return new JSONObject(out);
        }
    }

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        int jgroupsPort = FreePort.next();
        GridNode started = GridNode.start(NodeConfig.builder()
                .name("solo")
                .cluster("tool-" + jgroupsPort)
                .port(0)
                .jgroupsPort(jgroupsPort)
                .partitions(64)
                .zone("rack-1")
                .weight(2)
                .maxValueBytes(1 << 20)
                .memoryBytes(64 << 20)
                .build());
        node = started;
        assertTrue(started.awaitReady(20_000), "not ready");
    }

    @AfterAll
    static void stop() {
        Objects.requireNonNull(node).close();
    }

    private static Ran run(String... words) {
        List<String> command = new ArrayList<>(List.of(words));
        command.add(0, "--contact=127.0.0.1:" + Objects.requireNonNull(node).port());
        return runBare(command.toArray(String[]::new));
    }

    private static Ran runBare(String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = GridTool.run(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), words);
        return new Ran(status, out.toString(UTF_8), err.toString(UTF_8));
    }

    private static void assertRan(int status, String out, String err, String... words) {
        assertEquals(new Ran(status, out, err), run(words));
    }

    @Test
    void entriesComeAndGo() {
        assertRan(1, "", "grid: not found: greeting\n", "get", "greeting");
        Ran stored = run("put", "greeting", "h\u00e9llo");
        assertEquals(0, stored.status(), stored::err);
        assertTrue(stored.out().matches("stored, version [0-9]+\n"), stored::out);
        assertRan(0, "h\u00e9llo\n", "", "get", "greeting");
        assertRan(0, "never\n", "", "ttl", "greeting");
        assertRan(1, "", "grid: not stored: there is an entry already\n", "put", "greeting", "x", "--if-absent");
        assertRan(1, "removed 1 of 2\n", "", "del", "greeting", "nothing");
        assertRan(1, "", "grid: not found: greeting\n", "ttl", "greeting");
        assertRan(0, "5\n", "", "incr", "number", "5");
        assertRan(0, "6\n", "", "incr", "number");
        assertRan(0, "3\n", "", "incr", "number", "--", "-3");
        assertRan(1, "", "grid: not found: number\n", "get", "number", "--map", "another");
    }

    @Test
    void timesToLive() {
        assertEquals(0, run("put", "short", "x", "--ttl", "1h").status());
        Ran left = run("ttl", "short");
        long millis = Long.parseLong(left.out().strip());
        assertTrue(millis > 3_500_000 && millis <= 3_600_000, left::out);
        JSONObject json = run("ttl", "short", "--json").json();
        assertTrue(json.getBoolean("expires"));
        assertTrue(json.getLong("ttlMillis") > 3_500_000);
        assertEquals(500, EntryCommands.Put.millis("500ms"));
        assertEquals(7 * 86_400_000L, EntryCommands.Put.millis("7D"));
        assertRan(
                2,
                "",
                "grid: 'soon' is no duration; write it as 500ms, 30s, 5m, 2h or 7d\n",
                "put",
                "k",
                "v",
                "--ttl",
                "soon");
    }

    @Test
    void keysAreListed() {
        assertRan(0, "", "", "scan", "--map", "listed");
        assertRan(0, "[]\n", "", "scan", "--map", "listed", "--json");
        GridMap<byte[], String> map = Objects.requireNonNull(node).map("listed", byte[].class, String.class);
        byte[] binary = {'b', (byte) 0xff};
        map.put(binary, "x");
        for (String key : List.of("a:1", "a:2", "h\u00e9", "quoted\"")) {
            map.put(key.getBytes(UTF_8), "x");
        }
        assertEquals(5, run("scan", "--map", "listed").out().lines().count());
        assertEquals(List.of("a:1", "a:2"), sorted(run("scan", "--map", "listed", "--match", "a:*")));
        assertEquals(List.of("h\u00e9"), sorted(run("scan", "--map", "listed", "--match", "h*")));
        assertEquals(
                2, run("scan", "--map", "listed", "--limit", "2").out().lines().count());
        assertEquals(
                1,
                sorted(run("scan", "--map", "listed", "--limit", "1", "--match", "a:*"))
                        .size());
        assertRan(0, "[{\"base64\":\"Yv8=\"}]\n", "", "scan", "--map", "listed", "--match", "b?", "--json");
        assertRan(0, "[{\"key\":\"quoted\\\"\"}]\n", "", "scan", "--map", "listed", "--match", "q*", "--json");
        assertEquals(5, new JSONArray(run("scan", "--map", "listed", "--json").out()).length());
        assertRan(2, "", "grid: --limit must be at least 1, not 0\n", "scan", "--limit", "0");
    }

    private static List<String> sorted(Ran ran) {
        assertEquals(0, ran.status(), ran::err);
        return ran.out().lines().sorted().toList();
    }

    @Test
    void moreKeysThanAPageAreListedOnce() {
        GridMap<String, String> map = Objects.requireNonNull(node).map("many", String.class, String.class);
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            keys.add("k" + i);
        }
        map.putAll(keys.stream().collect(Collectors.toMap(key -> key, key -> "x")));
        List<String> listed = run("scan", "--map", "many").out().lines().toList();
        assertEquals(keys.size(), listed.size());
        assertEquals(keys, Set.copyOf(listed));
    }

    @Test
    void jsonIsForPrograms() {
        long version = run("--json", "put", "j", "{\"a\":\n1}").json().getLong("version");
        JSONObject got = run("get", "j", "--json").json();
        assertEquals("{\"a\":\n1}", got.getString("value"));
        assertEquals(version, got.getLong("version"));
        assertRan(1, "", "grid: not stored: it has another version\n", "put", "j", "x", "--if-version", "1");
        assertEquals(
                0, run("put", "j", "x", "--if-version", Long.toString(version)).status());
        Ran missing = run("get", "nothing", "--json");
        assertEquals(1, missing.status());
        assertFalse(missing.json().getBoolean("found"));
        assertEquals(8, run("incr", "jn", "8", "--json").json().getLong("value"));
        assertEquals(1, run("del", "jn", "--json").json().getInt("removed"));
    }

    @Test
    void theClusterIsShown() {
        Ran cluster = run("cluster");
        assertEquals(0, cluster.status());
        assertTrue(cluster.out().startsWith("1 members, 64 partitions, backups: 1, topology "), cluster::out);
        assertTrue(cluster.out().contains("\nsafe: every partition has its copies\n"), cluster::out);
        assertTrue(
                cluster.out().matches("(?s).*\nsolo +127.0.0.1:[0-9]+ +active +yes +64 +0 +rack-1 +2\n"), cluster::out);
        JSONObject json = run("cluster", "--json").json();
        assertTrue(json.getBoolean("safe"));
        assertEquals(64, json.getJSONArray("members").getJSONObject(0).getInt("primaries"));
        assertEquals("rack-1", json.getJSONArray("members").getJSONObject(0).getString("zone"));
        assertRan(0, "solo\t127.0.0.1:" + Objects.requireNonNull(node).port() + "\tactive\n", "", "members");
        assertEquals(1, new JSONArray(run("members", "--json").out()).length());
        assertRan(0, "safe: every partition has its copies; 1 members\n", "", "status");
        assertEquals(1, run("status", "--json").json().getInt("members"));
        Ran ping = run("ping");
        assertTrue(ping.out().matches("solo\t127.0.0.1:[0-9]+\t[0-9]+\\.[0-9]{3} ms\n"), ping::out);
        assertTrue(new JSONArray(run("ping", "--json").out()).getJSONObject(0).getBoolean("answers"));
    }

    @Test
    void theBenchmarkMeasuresAndTidiesUp() {
        Ran bench = run("bench", "--seconds", "1", "--threads", "2", "--keys", "50", "--json");
        assertEquals(0, bench.status(), bench::err);
        JSONObject get = bench.json().getJSONObject("get");
        assertTrue(get.getLong("count") > 0);
        assertTrue(get.getLong("p50Micros") <= get.getLong("p99Micros"));
        assertTrue(get.getLong("p99Micros") <= get.getLong("maxMicros"));
        assertEquals(0, bench.json().getInt("failures"));
        assertRan(1, "", "grid: not found: key:1\n", "get", "key:1", "--map", "bench");
        assertRan(2, "", "grid: --reads must be 0 to 100, not 101\n", "bench", "--reads", "101");
        Ran tooLarge = run("bench", "--seconds", "1", "--value-bytes", Integer.toString(2 << 20));
        assertEquals(3, tooLarge.status());
        assertTrue(tooLarge.err().startsWith("grid: setting the first keys"), tooLarge::err);
        Ran human = run("bench", "--seconds", "1", "--threads", "1", "--keys", "5", "--reads", "0");
        assertTrue(human.out().contains("\nput "), human::out);
    }

    @Test
    void whatCannotBeDoneIsSaid() {
        Ran nobody = runBare("--contact", "127.0.0.1:1", "--timeout", "1", "get", "k");
        assertEquals(3, nobody.status());
        assertTrue(nobody.err().startsWith("grid: no contact let us in within 1000 ms: 127.0.0.1:1 ("), nobody::err);
        assertEquals(2, runBare("--contact", "nowhere", "get", "k").status());
        assertEquals(2, runBare("gte", "k").status());
        assertEquals(2, runBare().status());
        assertEquals(2, runBare("get").status());
        assertEquals(
                3, runBare("--contact", "127.0.0.1:1", "--timeout", "1", "scan").status());
        assertEquals(2, runBare("scan", "--limit", "many").status());
        assertEquals(2, runBare("incr", "k", "much").status());
        Ran noFile = runBare("--secret-file", "/nothing", "get", "k");
        assertEquals(2, noFile.status());
        assertTrue(noFile.err().startsWith("grid: there is no file '/nothing'; make one with: "), noFile::err);
        assertEquals(0, run("put", "text", "no number").status());
        Ran noNumber = run("incr", "text");
        assertEquals(3, noNumber.status());
        assertTrue(noNumber.err().startsWith("grid: key 'text'"), noNumber::err);
    }

    @Test
    void helpHasExamples() {
        for (String command :
                List.of("get", "put", "del", "incr", "ttl", "scan", "cluster", "members", "status", "ping", "bench")) {
            Ran help = runBare(command, "--help");
            assertEquals(0, help.status());
            assertTrue(help.out().contains("Example"), help::out);
            assertTrue(help.out().contains("scripts/grid " + command), help::out);
            assertTrue(help.out().contains("--json"), help::out);
        }
        assertTrue(runBare("--help").out().contains("Exit status: 0 done, 1 not found"), "the statuses");
    }

    @Test
    void bashCompletesTheCommands(@TempDir Path directory) throws IOException, InterruptedException {
        Path script = Files.writeString(
                directory.resolve("completion"), runBare("completion").out());
        assertEquals("bench\n", completed(script, "be"));
        assertEquals("cluster completion\n", completed(script, "c"));
        assertEquals("scan status\n", completed(script, "s"));
        assertEquals(
                "get put del incr ttl scan cluster members status ping bench completion help\n", completed(script, ""));
    }

    private static String completed(Path script, String begun) throws IOException, InterruptedException {
        // compopt is at home in an interactive shell only.
        String ask = "compopt() { :; }; source " + script + "; COMP_WORDS=(grid '" + begun
                + "'); COMP_CWORD=1; _complete_grid;" + " echo $(printf '%s\\n' \"${COMPREPLY[@]}\" | grep -v '^-')";
        Process bash =
                new ProcessBuilder("bash", "-c", ask).redirectErrorStream(true).start();
        String out = new String(bash.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, bash.waitFor(), out);
        return out;
    }
}
