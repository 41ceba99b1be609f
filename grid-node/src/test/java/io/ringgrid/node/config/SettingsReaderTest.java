package io.ringgrid.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.store.Eviction;
import io.ringgrid.store.MapLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsReaderTest {
    @TempDir
    Path directory;

    private Path file(String... lines) throws IOException {
        return Files.write(directory.resolve("grid.yaml"), List.of(lines));
    }

    /** The problems, without the directory of the file. */
    private List<String> problems(Map<String, String> options, Map<String, String> environment, String... lines)
            throws IOException {
        Path file = file(lines);
        BadSettingsException e =
                assertThrows(BadSettingsException.class, () -> SettingsReader.read(options, environment, file));
        return String.valueOf(e.getMessage())
                .replace(directory + "/", "")
                .lines()
                .toList();
    }

    @Test
    void theFileThatIsDeliveredHoldsTheDefaults() throws IOException {
        Path delivered = Path.of("../config/grid.yaml");
        NodeConfig defaults = SettingsReader.read(Map.of(), Map.of(), null);
        assertEquals(defaults, SettingsReader.read(Map.of(), Map.of(), delivered));
        String text = Files.readString(delivered);
        for (Setting setting : Setting.values()) {
            if (setting.usual() != null) {
                assertTrue(text.contains("\n" + setting.key() + ": "), () -> setting + " is missing in " + delivered);
            }
        }
    }

    @Test
    void theDefaultsAreThoseOfADedicatedMember() {
        NodeConfig defaults = SettingsReader.read(Map.of(), Map.of(), null);
        assertEquals("n1", defaults.name());
        assertEquals("127.0.0.1", defaults.bind());
        assertEquals(11211, defaults.memcachedPort());
        assertEquals(6379, defaults.respPort());
        assertEquals(8080, defaults.httpPort());
        assertEquals(List.of("127.0.0.1:7800", "127.0.0.1:7801", "127.0.0.1:7802"), defaults.seeds());
        assertEquals(512L << 20, defaults.memoryBytes());
        assertEquals(8 << 20, defaults.maxValueBytes());
        assertEquals("", defaults.zone());
        assertEquals(1, defaults.weight());
        assertFalse(defaults.witness());
    }

    @Test
    void mapsHaveLimitsAndPoliciesOfTheirOwn() throws IOException {
        Map<String, MapLimit> expected = Map.of(
                "sessions", new MapLimit(Eviction.LRU, 100_000, 64 << 20), "default", MapLimit.USUAL.by(Eviction.NONE));
        String text = "sessions lru entries=100000 bytes=64m, default none";
        assertEquals(
                expected,
                SettingsReader.read(Map.of("maps", text), Map.of(), null).maps());
        assertEquals(
                expected,
                SettingsReader.read(Map.of(), Map.of(), file("maps: [" + text + "]"))
                        .maps());
        for (String wrong : List.of("sessions", "sessions lfu", "a entries=0", "a bytes=x", "a lru, a none")) {
            assertThrows(
                    BadSettingsException.class,
                    () -> SettingsReader.read(Map.of("maps", wrong), Map.of(), null),
                    wrong);
        }
    }

    @Test
    void aFlagIsTrueOrFalse() throws IOException {
        assertTrue(
                SettingsReader.read(Map.of("witness", "true"), Map.of(), null).witness());
        BadSettingsException e = assertThrows(
                BadSettingsException.class, () -> SettingsReader.read(Map.of("witness", "yes"), Map.of(), null));
        assertTrue(String.valueOf(e.getMessage()).contains("'yes' is neither true nor false"), e.getMessage());
    }

    @Test
    void optionsGoBeforeTheEnvironmentAndThatBeforeTheFile() throws IOException {
        Path file = file("name: file", "zone: file", "weight: 3", "memory: 64m", "http-port: 0");
        NodeConfig config = SettingsReader.read(
                Map.of("name", "option"),
                Map.of("GRID_NAME", "variable", "GRID_ZONE", "variable", "GRID_WEIGHT", "", "PATH", "/bin"),
                file);
        assertEquals("option", config.name());
        assertEquals("variable", config.zone());
        assertEquals(3, config.weight());
        assertEquals(64 << 20, config.memoryBytes());
        assertEquals(null, config.httpPort());
    }

    @Test
    void aListIsAYamlListOrCommas() throws IOException {
        List<String> both = List.of("a:1", "b:2");
        for (String seeds : List.of("[a:1, 'b:2']", "a:1, b:2", "\n  - a:1\n  - b:2")) {
            assertEquals(
                    both,
                    SettingsReader.read(Map.of(), Map.of(), file("seeds: " + seeds))
                            .seeds());
        }
        assertEquals(
                List.of(),
                SettingsReader.read(Map.of(), Map.of(), file("seeds: []")).seeds());
    }

    @Test
    void allProblemsAreToldAtOnce() throws IOException {
        assertEquals(
                List.of(
                        "grid.yaml:2:1: memroy: no such setting; did you mean memory?",
                        "grid.yaml:3:7: port: 'http' is not a whole number",
                        "grid.yaml:4:10: backups: must be 0 to 6, not 7",
                        "grid.yaml:5:1: backups: is set already, in line 4",
                        "grid.yaml:6:7: bind: must be one value, or a list of them",
                        "grid.yaml:7:1: planes: no such setting",
                        "grid.yaml:8:6: name: has no value; leave the line out to have the default",
                        "grid.yaml:9:1: memcachedPort: no such setting; did you mean memcached-port?",
                        "GRID_WEIGHT: must be 1 to 1000000, not 0",
                        "GRID_WIEGHT: no such setting; did you mean GRID_WEIGHT?",
                        "--memory: 'much' is not a size such as 512m",
                        "--prot: no such option; did you mean --port?"),
                problems(
                        new TreeMap<>(Map.of("memory", "much", "prot", "1")),
                        Map.of("GRID_WEIGHT", "0", "GRID_WIEGHT", "2", "GRID_LOG", "DEBUG", "GRID_TCP_ADDR", "x"),
                        "# the second line is wrong",
                        "memroy: 1g",
                        "port: http",
                        "backups: 7",
                        "backups: 1",
                        "bind: {a: b}",
                        "planes: 2",
                        "name:",
                        "memcachedPort: 1"));
    }

    @Test
    void whatIsNoYamlIsToldWithItsPlace() throws IOException {
        List<String> problems = problems(Map.of(), Map.of(), "name: n1", "port: [7654");
        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.get(0).matches("grid.yaml:3:1: this is not YAML: .*"), problems::toString);
        assertEquals(
                List.of("grid.yaml:1:1: settings are expected here, one per line, such as 'port: 7654'"),
                problems(Map.of(), Map.of(), "7654"));
        assertEquals(
                "nowhere.yaml:1:1: there is no such file",
                assertThrows(
                                BadSettingsException.class,
                                () -> SettingsReader.read(Map.of(), Map.of(), Path.of("nowhere.yaml")))
                        .getMessage());
    }

    private Path secret(String text, String permissions) throws IOException {
        Path file = directory.resolve("secret");
        Files.deleteIfExists(file);
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private List<String> problemsOf(Path secret) throws IOException {
        return problems(Map.of("secret-file", secret.toString()), Map.of());
    }

    @Test
    void aSecretIsOneLineOfItsUsersFile() throws IOException {
        for (String ending : List.of("", "\n", "\r\n")) {
            Path file = secret("0123456789abcdef" + ending, "rw-------");
            NodeConfig config = SettingsReader.read(Map.of(), Map.of("GRID_SECRET_FILE", file.toString()), null);
            assertTrue(Objects.requireNonNull(config.secret()).is("0123456789abcdef"));
            assertFalse(config.toString().contains("0123456789abcdef"));
        }
    }

    @Test
    void aSecretThatOthersMayReadIsRefused() throws IOException {
        for (String permissions : List.of("rw-r-----", "rw----r--", "rw--w----", "rw-----w-")) {
            assertEquals(
                    List.of("--secret-file: 'secret' is open to other users; close it with: chmod 600 secret"),
                    problemsOf(secret("0123456789abcdef\n", permissions)));
        }
        assertEquals(
                List.of("--secret-file: the secret must have at least 16 characters; make one with:"
                        + " head -c 32 /dev/urandom | base64"),
                problemsOf(secret("0123456789abcde\n", "rw-------")));
        assertEquals(
                List.of("--secret-file: a secret is one line of 16 to 1024 visible ASCII characters without spaces;"
                        + " make one with: head -c 32 /dev/urandom | base64"),
                problemsOf(secret("0123456789abcdef\n\n", "rw-------")));
        assertEquals(
                List.of("--secret-file: there is no file 'nothing'; make one with: head -c 32 /dev/urandom | base64 >"
                        + " nothing; chmod 600 nothing"),
                problemsOf(directory.resolve("nothing")));
    }

    @Test
    void nothingListensBeyondLoopbackWithoutASecret() throws IOException {
        assertEquals(
                List.of(
                        "grid.yaml:1:7: bind: others can reach '10.0.0.9', and there is no secret: give all members the same"
                                + " secret-file (head -c 32 /dev/urandom | base64 > secret; chmod 600 secret), or bind to"
                                + " 127.0.0.1"),
                problems(Map.of(), Map.of(), "bind: 10.0.0.9"));
        Path secret = secret("0123456789abcdef", "rw-------");
        NodeConfig config =
                SettingsReader.read(Map.of("secret-file", secret.toString()), Map.of(), file("bind: 10.0.0.9"));
        assertEquals("10.0.0.9", config.bind());
        for (String every : List.of("0.0.0.0", "::")) {
            assertEquals(
                    List.of("--bind: '" + every
                            + "' is every address of this machine, and the others have to be told one;"
                            + " use the one that they reach"),
                    problems(Map.of("bind", every, "secret-file", secret.toString()), Map.of()));
        }
    }

    @Test
    void theBuilderSaysAllProblemsToo() {
        InvalidConfigException e = assertThrows(
                InvalidConfigException.class,
                () -> NodeConfig.builder().name("").port(70_000).weight(0).build());
        assertEquals(
                "name: must be 1 to 255 characters\nport: must be 0 to 65535, not 70000\n"
                        + "weight: must be 1 to 1000000, not 0",
                e.getMessage());
    }

    @Test
    void moreMemoryThanTheJvmGrantsIsRefusedWithTheNameOfItsFlag() {
        InvalidConfigException e = assertThrows(
                InvalidConfigException.class,
                () -> NodeConfig.builder().memoryBytes(1L << 50).build());
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("-XX:MaxDirectMemorySize=1073741824m or more"), message);
    }

    @Test
    void distancesCountSlips() {
        assertEquals(0, Suggestion.distance("memory", "memory"));
        assertEquals(1, Suggestion.distance("memroy", "memory"));
        assertEquals(1, Suggestion.distance("memoy", "memory"));
        assertEquals(1, Suggestion.distance("memoryy", "memory"));
        assertEquals(6, Suggestion.distance("", "memory"));
    }
}
