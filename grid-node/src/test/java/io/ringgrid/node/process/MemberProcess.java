package io.ringgrid.node.process;

import io.ringgrid.node.binary.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One member, run by {@code scripts/grid-node} on ports of its own, which it keeps over restarts. Not thread-safe. */
final class MemberProcess implements AutoCloseable {
    static final String HOST = "127.0.0.1";
    private static final int WHOLE_SECONDS = 60;
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

    final String name;
    final int nativePort;
    final int memcachedPort;
    final int respPort;
    private final int httpPort;
    private final int jgroupsPort;
    private final String cluster;
    private final Path log;
    private String seeds = "";
    private @Nullable Process process;

    private MemberProcess(String name, String cluster, Path directory) throws IOException {
        this.name = name;
        this.cluster = cluster;
        this.log = directory.resolve(name + ".log");
        this.nativePort = freePort();
        this.memcachedPort = freePort();
        this.respPort = freePort();
        this.httpPort = freePort();
        this.jgroupsPort = freePort();
    }

    /** Starts this many members under a fresh cluster name, logging to this directory, and waits until all are one. */
    static List<MemberProcess> cluster(int count, Path directory) throws IOException {
        String cluster = "test-" + Long.toHexString(RandomGenerator.getDefault().nextLong());
        List<MemberProcess> members = new ArrayList<>();
        StringBuilder seeds = new StringBuilder();
        for (int i = 1; i <= count; i++) {
            MemberProcess member = new MemberProcess("n" + i, cluster, directory);
            seeds.append(i == 1 ? "" : ",").append(HOST + ":").append(member.jgroupsPort);
            members.add(member);
        }
        for (MemberProcess member : members) {
            member.seeds = seeds.toString();
            member.start();
        }
        awaitWhole(members);
        return members;
    }

    /** Waits until these members, and no others, are the cluster, and each partition has its copies. */
    static void awaitWhole(List<MemberProcess> members) {
        for (MemberProcess member : members) {
            Await.until(
                    member.name + " sees " + members.size() + " members and every copy",
                    WHOLE_SECONDS,
                    () -> member.members() == members.size()
                            && member.isOk("/health/ready")
                            && member.isOk("/cluster/safe"));
        }
    }

    /** Below those that the system hands out for connections, so that it is still free after a restart. */
    private static int freePort() throws IOException {
        while (true) {
            int port = RandomGenerator.getDefault().nextInt(10_000, 30_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // Another try takes another port.
            }
        }
    }

    /** Starts the process; it serves a while later. */
    void start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                ROOT.resolve("scripts/grid-node").toString(),
                "--name=" + name,
                "--cluster=" + cluster,
                "--port=" + nativePort,
                "--memcached-port=" + memcachedPort,
                "--resp-port=" + respPort,
                "--http-port=" + httpPort,
                "--jgroups-port=" + jgroupsPort,
                "--seeds=" + seeds,
                "--memory=256m");
        builder.environment().put("GRID_NO_BUILD", "1");
        process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Sends a signal, such as KILL. */
    void signal(String signal) throws IOException, InterruptedException {
        int status = new ProcessBuilder(
                        "kill", "-" + signal, Long.toString(running().pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("kill -" + signal + " " + name + " failed");
        }
    }

    /** Kills it at once, and waits for its end. */
    void kill() throws IOException, InterruptedException {
        signal("KILL");
        running().waitFor();
    }

    /** Asks it to leave, and waits for its end, or fails after a minute. */
    void leave() throws IOException, InterruptedException {
        signal("TERM");
        if (!running().waitFor(1, TimeUnit.MINUTES)) {
            throw new IOException(name + " does not end; see " + log);
        }
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException(name + " was not started");
        }
        return process;
    }

    /** A fresh connection to its Redis door. */
    RespConnection resp(int timeoutMillis) throws IOException {
        return new RespConnection(new Socket(InetAddress.getLoopbackAddress(), respPort), timeoutMillis);
    }

    boolean isOk(String path) {
        HttpResponse<String> page = page(path);
        return page != null && page.statusCode() == 200;
    }

    /** How many members it sees; 0 if it does not answer. */
    private int members() {
        HttpResponse<String> page = page("/cluster");
        return page == null ? 0 : page.body().split("\"address\":", -1).length - 1;
    }

    /** Of how many partitions this member sees the other as primary; 0 if it does not know it, or does not answer. */
    int primariesOf(MemberProcess other) {
        HttpResponse<String> page = page("/cluster");
        Matcher matcher = Pattern.compile(
                        "\"address\":\"" + HOST + ":" + other.nativePort + "\"[^}]*\"primaries\":([0-9]+)")
                .matcher(page == null ? "" : page.body());
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    private @Nullable HttpResponse<String> page(String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + HOST + ":" + httpPort + path))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return HTTP.send(request, BodyHandlers.ofString());
        } catch (IOException unanswered) {
            return null;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    static void closeAll(List<MemberProcess> members) {
        members.forEach(MemberProcess::close);
    }
}
