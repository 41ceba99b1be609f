package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.GridUnavailableException;
import io.ringgrid.client.GridClient;
import io.ringgrid.node.binary.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Three members with a secret, and a fourth that is of their cluster by name but does not have it. */
@Tag("process")
@Timeout(3 * 60)
final class SecretProcessTest {
    private static final String SECRET = "3nTUZ5bWkm0RrDkS0wVQ8sJxq2o=";
    private static final String WRONG = "3nTUZ5bWkm0RrDkS0wVQ8sJxq2p=";
    private static final int ANSWER_MILLIS = 10_000;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private List<MemberProcess> all = List.of();
    private List<MemberProcess> members = List.of();

    @BeforeEach
    void start() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), SECRET + "\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        all = MemberProcess.cluster(4, directory);
        members = all.subList(0, 3);
        for (MemberProcess member : members) {
            member.secret(secret);
            member.start();
        }
        MemberProcess.awaitWhole(members);
    }

    @AfterEach
    void stop() {
        all.forEach(MemberProcess::close);
    }

    @Test
    void everyDoorAsksForTheSecretAndNobodyElseJoins() throws Exception {
        nativeDoor();
        memcached();
        resp();
        http();
        tool();
        MemberProcess stranger = all.get(3);
        stranger.start();
        String told = "this cluster has a secret: start the member with --secret-file and the file of the others";
        Await.until(
                () -> "it is told what to do; it logged last " + MemberProcess.lastOf(logOf(stranger)),
                60,
                () -> logOf(stranger).stream()
                        .anyMatch(line -> line.contains("event=peer_refuses") && line.contains(told)));
        MemberProcess.awaitWhole(members);
        Await.until(
                () -> "the members say so too; one logged last " + MemberProcess.lastOf(logOf(members.get(0))),
                60,
                () -> logOf(members.get(0)).stream()
                        .anyMatch(line -> line.contains("this member has no secret: start it with the secret-file")));
        assertEquals(3, members.get(0).cluster().getJSONArray("members").length());
    }

    private static List<String> logOf(MemberProcess member) {
        try {
            return member.log();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private GridClient.Builder client() {
        List<String> contacts = new ArrayList<>();
        members.forEach(member -> contacts.add(MemberProcess.HOST + ":" + member.nativePort));
        return GridClient.builder().contacts(contacts.toArray(String[]::new)).deadline(Duration.ofSeconds(2));
    }

    private void nativeDoor() {
        try (GridClient grid =
                client().deadline(Duration.ofSeconds(20)).secret(SECRET).connect()) {
            grid.map("default", String.class, String.class).put("greeting", "hello");
        }
        assertRefused(client(), "this cluster has a secret");
        assertRefused(client().secret(WRONG), "that was another secret");
    }

    private static void assertRefused(GridClient.Builder client, String reason) {
        GridUnavailableException e = assertThrows(GridUnavailableException.class, client::connect);
        assertTrue(String.valueOf(e.getMessage()).contains(reason), e::getMessage);
    }

    private void memcached() throws IOException {
        try (LineConnection client = members.get(0).memcached(ANSWER_MILLIS)) {
            client.send("get greeting\r\n");
            assertEquals("CLIENT_ERROR unauthenticated", client.line());
            client.send("set auth 0 0 " + (5 + WRONG.length()) + "\r\nuser " + WRONG + "\r\n");
            assertEquals("CLIENT_ERROR authentication failure", client.line());
            client.send("set auth 0 0 " + (5 + SECRET.length()) + "\r\nuser " + SECRET + "\r\nget greeting\r\n");
            assertEquals("STORED", client.line());
            assertEquals("VALUE greeting 0 5", client.line());
        }
    }

    private void resp() throws IOException {
        try (LineConnection client = members.get(2).resp(ANSWER_MILLIS)) {
            client.send(
                    "GET greeting\r\nAUTH " + WRONG + "\r\nGET greeting\r\nAUTH " + SECRET + "\r\nGET greeting\r\n");
            assertEquals("-NOAUTH Authentication required.", client.line());
            assertEquals("-WRONGPASS invalid username-password pair or user is disabled.", client.line());
            assertEquals("-NOAUTH Authentication required.", client.line());
            assertEquals("+OK", client.line());
            assertEquals("$5", client.line());
            assertEquals("hello", client.line());
        }
    }

    private void http() throws IOException, InterruptedException {
        MemberProcess member = members.get(1);
        assertEquals(200, page(member, "/health/ready", ""));
        assertEquals(401, page(member, "/cluster", ""));
        assertEquals(401, page(member, "/cluster", "Bearer " + WRONG));
        assertEquals(200, page(member, "/cluster", "Bearer " + SECRET));
    }

    private void tool() throws IOException, InterruptedException {
        assertEquals(
                "0 hello\n",
                tool(
                        "get",
                        "greeting",
                        "--secret-file",
                        directory.resolve("secret").toString()));
        String refused = tool("get", "greeting", "--timeout", "2");
        assertTrue(refused.startsWith("3 grid: no contact let us in"), refused);
        assertTrue(refused.contains("this cluster has a secret"), refused);
    }

    /** Exit status and output of {@code scripts/grid}. */
    private String tool(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of("../scripts/grid").toAbsolutePath().normalize().toString(),
                "--contact",
                MemberProcess.HOST + ":" + members.get(0).nativePort));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("GRID_NO_BUILD", "1");
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + " " + out;
    }

    private static int page(MemberProcess member, String path, String authorization)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://" + MemberProcess.HOST + ":" + member.httpPort + path))
                .header("Authorization", authorization)
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode();
    }
}
