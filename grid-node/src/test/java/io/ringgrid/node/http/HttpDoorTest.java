package io.ringgrid.node.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.ringgrid.node.conformance.Peer;
import io.ringgrid.node.engine.Health;
import io.ringgrid.node.engine.LocalEngine;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.wire.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.json.JSONObject;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpDoorTest {
    private EventLoopGroup loops;
    private LocalEngine engine;
    private HttpDoor door;
    private HttpClient client;

    @BeforeEach
    void open() {
        loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        engine = new LocalEngine();
        door = open(null);
        client = HttpClient.newHttpClient();
    }

    private HttpDoor open(@Nullable Secret secret) {
        InetSocketAddress bind = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return HttpDoor.open(loops, bind, engine, Limits.DEFAULT, secret, () -> "figures 1\n");
    }

    @AfterEach
    void close() {
        door.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        engine.close();
    }

    private HttpResponse<String> request(String method, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door.port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
    }

    private void assertPage(int status, String body, String path) throws IOException, InterruptedException {
        HttpResponse<String> response = request("GET", path);
        assertEquals(status + " " + body, response.statusCode() + " " + response.body());
        HttpResponse<String> head = request("HEAD", path);
        assertEquals(status + " ", head.statusCode() + " " + head.body());
        assertEquals(
                response.headers().firstValue("content-length"), head.headers().firstValue("content-length"));
    }

    @Test
    void aHealthyMember() throws IOException, InterruptedException {
        assertPage(200, "live\n", "/health/live");
        assertPage(200, "ready\n", "/health/ready?verbose=1");
        assertPage(200, "safe\n", "/cluster/safe");
    }

    @Test
    void metricsArePrometheusText() throws IOException, InterruptedException {
        HttpResponse<String> page = request("GET", "/metrics");
        assertEquals("200 figures 1\n", page.statusCode() + " " + page.body());
        assertEquals(
                "text/plain; version=0.0.4; charset=utf-8",
                page.headers().firstValue("content-type").orElseThrow());
        assertEquals(1, door.figures().commands());
        assertEquals(0, door.figures().errors());
        request("GET", "/nothing");
        assertEquals(1, door.figures().errors());
    }

    @Test
    void aMemberThatWaits() throws IOException, InterruptedException {
        engine.health(engine.health(false, "waiting for a majority of 3 voters", false, 341));
        assertPage(200, "live\n", "/health/live");
        assertPage(503, "not ready: waiting for a majority of 3 voters\n", "/health/ready");
        assertPage(503, "not safe: 341 of 1024 partitions lack a copy, 0 have none left\n", "/cluster/safe");
        engine.health(engine.health(false, "waiting for a majority of 3 voters", false, 0));
        assertPage(503, "not safe: waiting for a majority of 3 voters\n", "/cluster/safe");
    }

    @Test
    void aSecretIsAskedForButForHealth() throws IOException, InterruptedException {
        door.close();
        door = open(Secret.of("0123456789abcdef"));
        assertPage(200, "live\n", "/health/live");
        assertPage(200, "ready\n", "/health/ready");
        for (String path :
                List.of("/cluster/safe", "/cluster", "/", "/health", "//health/", "/cluster/../health/live")) {
            HttpResponse<String> refused = request("GET", path);
            assertEquals(401, refused.statusCode(), path);
            assertEquals(
                    "Bearer realm=\"RingGrid\"",
                    refused.headers().firstValue("www-authenticate").orElseThrow());
            assertTrue(refused.body().startsWith("this page asks for the secret"), refused::body);
            assertEquals(401, request("POST", path).statusCode(), path);
        }
        assertEquals("", request("HEAD", "/cluster").body());
        for (String wrong : List.of(
                "",
                "Bearer",
                "Bearer ",
                "Bearer 0123456789abcdeg",
                "Basic 0123456789abcdef",
                "Bearer 0123456789abcde",
                "Bearer 0123456789abcdef0",
                "0123456789abcdef")) {
            assertEquals(401, authorized("/cluster/safe", wrong).statusCode(), wrong);
        }
        assertEquals(
                "safe\n", authorized("/cluster/safe", "Bearer 0123456789abcdef").body());
        assertEquals(
                "safe\n",
                authorized("/cluster/safe", "bearer  0123456789abcdef").body());
        assertEquals(404, authorized("/", "Bearer 0123456789abcdef").statusCode());
    }

    private HttpResponse<String> authorized(String path, String authorization)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door.port() + path))
                .header("Authorization", authorization)
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
    }

    @Test
    void theClusterAsJson() throws IOException, InterruptedException {
        Health health = engine.health(false, "a \"quoted\\ reason\n\t\u0001 \u00e9\u2028", false, 3);
        engine.health(health);
        HttpResponse<String> response = request("GET", "/cluster");
        assertEquals(
                "application/json",
                response.headers().firstValue("content-type").orElseThrow());
        JSONObject json = new JSONObject(response.body());
        assertEquals(health.reason(), json.getString("reason"));
        assertEquals(3, json.getInt("missingCopies"));
        assertFalse(json.getBoolean("ready"));
        assertEquals(1024, json.getInt("partitions"));
        assertEquals(LocalEngine.MAX_BYTES, json.getLong("maxBytes"));
        assertEquals(1, json.getJSONArray("members").length());
        assertEquals(
                "127.0.0.1:1", json.getJSONArray("members").getJSONObject(0).getString("address"));
        assertTrue(json.getJSONArray("members").getJSONObject(0).getBoolean("leader"));
    }

    @Test
    void anotherPathListsThePaths() throws IOException, InterruptedException {
        HttpResponse<String> response = request("GET", "/");
        assertEquals(404, response.statusCode());
        for (String path : List.of("/health/live", "/health/ready", "/cluster/safe", "/cluster")) {
            assertTrue(response.body().contains("  " + path + "\n"), response.body());
        }
    }

    @Test
    void anotherMethodIsNotAllowed() throws IOException, InterruptedException {
        HttpResponse<String> response = request("POST", "/cluster");
        assertEquals(405, response.statusCode());
        assertEquals("GET, HEAD", response.headers().firstValue("allow").orElseThrow());
    }

    private String heard(String sent) throws IOException {
        return new String(new Peer(door.port()).exchangeUntilClosed(sent.getBytes(ISO_8859_1)), ISO_8859_1);
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrderAndCloseIsHeeded() throws IOException {
        String live = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";
        String heard = heard(live + "GET /none HTTP/1.1\r\nHost: a\r\n\r\n" + live
                + "GET /health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        String order =
                "(?s)HTTP/1.1 200 OK.*live\nHTTP/1.1 404 Not Found.*HTTP/1.1 200 OK.*live\nHTTP/1.1 200.*ready\n";
        assertTrue(heard.matches(order), heard);
    }

    @Test
    void malformedAndOversizedRequestsAreRefused() throws IOException {
        assertTrue(heard("nonsense\r\n\r\n").startsWith("HTTP/1.1 400 "));
        assertTrue(heard("GET /" + "x".repeat(5000) + " HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 414 "));
        assertTrue(
                heard("GET / HTTP/1.1\r\nA: " + "x".repeat(17_000) + "\r\n\r\n").startsWith("HTTP/1.1 431 "));
        assertTrue(heard("*1\r\n$4\r\nPING\r\n\r\n").startsWith("HTTP/1.1 400 "));
        String live = "GET /health/live HTTP/1.1\r\n\r\n";
        String brokenBody = heard("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n" + live);
        assertTrue(brokenBody.matches("(?s)HTTP/1.1 405 .*HTTP/1.1 400 .*cannot read this request\n"), brokenBody);
    }

    @Test
    void randomBytesHurtNobodyElse() throws IOException, InterruptedException {
        Random random = new Random(20260101);
        for (int round = 0; round < 200; round++) {
            byte[] noise = new byte[1 + random.nextInt(3000)];
            random.nextBytes(noise);
            new Peer(door.port()).exchange(noise);
        }
        assertPage(200, "live\n", "/health/live");
    }
}
