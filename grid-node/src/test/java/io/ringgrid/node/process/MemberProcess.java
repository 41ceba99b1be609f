package io.ringgrid.node.process;

import io.ringgrid.node.GridNode;
import io.ringgrid.node.binary.Await;
import io.ringgrid.node.binary.FreePort;
import io.ringgrid.node.config.NodeConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.json.JSONObject;
import org.jspecify.annotations.Nullable;

/** One member, run by {@code scripts/grid-node} on ports of its own, which it keeps over restarts. Not thread-safe. */
final class MemberProcess implements AutoCloseable {
    static final String HOST = "127.0.0.1";
    private static final int WHOLE_SECONDS = 60;
    private static final int LAST_LINES = 12;
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

    final String name;
    final int nativePort;
    final int memcachedPort;
    final int respPort;
    final int respClusterPort;
    final int httpPort;
    private final int jgroupsPort;
    private final String cluster;
    private final Path log;
    private String seeds = "";
    private final List<String> options = new ArrayList<>();
    private @Nullable String secret;
    private @Nullable Process process;

    private MemberProcess(String name, String cluster, Path directory) throws IOException {
        this.name = name;
        this.cluster = cluster;
        this.log = directory.resolve(name + ".log");
        this.nativePort = FreePort.next();
        this.memcachedPort = FreePort.next();
        this.respPort = FreePort.next();
        this.respClusterPort = FreePort.next();
        this.httpPort = FreePort.next();
        this.jgroupsPort = FreePort.next();
    }

    /** This many members of a cluster with a fresh name, which log to this directory and are not started yet. */
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
        }
        return members;
    }

    /** Waits until these members, and no others, are the cluster, and each partition has its copies. */
    static void awaitWhole(List<MemberProcess> members) {
        for (MemberProcess member : members) {
            Await.until(
                    () -> member.name + " sees " + members.size() + " members and every copy; it shows "
                            + member.shown("/health/ready") + " and logged last " + member.lastLogged(),
                    WHOLE_SECONDS,
                    () -> member.members() == members.size()
                            && member.isOk("/health/ready")
                            && member.isOk("/cluster/safe"));
        }
    }

    /** Starts with this file of a secret from now on, and knows it. */
    void secret(Path file) throws IOException {
        options.add("--secret-file=" + file);
        secret = Files.readString(file).strip();
    }

    /** Starts the process; it serves a while later. */
    void start() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ROOT.resolve("scripts/grid-node").toString(),
                "--name=" + name,
                "--cluster=" + cluster,
                "--port=" + nativePort,
                "--memcached-port=" + memcachedPort,
                "--resp-port=" + respPort,
                "--resp-cluster-port=" + respClusterPort,
                "--http-port=" + httpPort,
                "--jgroups-port=" + jgroupsPort,
                "--seeds=" + seeds,
                "--memory=256m"));
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("GRID_NO_BUILD", "1");
        process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Runs it in this JVM instead, with the native door alone; it serves a while later, and whoever asks closes it. */
    GridNode embedded() {
        return GridNode.start(NodeConfig.builder()
                .name(name)
                .cluster(cluster)
                .port(nativePort)
                .jgroupsPort(jgroupsPort)
                .seeds(List.of(seeds.split(",")))
                .memoryBytes(64 << 20)
                .build());
    }

    /** Its log, from its first start on. */
    List<String> log() throws IOException {
        return Files.readAllLines(log);
    }

    private String lastLogged() {
        try {
            return lastOf(log());
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The last dozen lines. */
    static String lastOf(List<String> lines) {
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }

    /** Whether its process runs. */
    boolean isRunning() {
        return running().isAlive();
    }

    /** How many files and sockets it has open. */
    int openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + running().pid() + "/fd"))) {
            return (int) files.count();
        }
    }

    /** How much physical memory it takes, in bytes. */
    long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + running().pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new IOException(name + " has no memory");
    }

    /** How much of its heap is reachable, in bytes. */
    long liveBytes() throws IOException {
        Process histogram = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/jcmd",
                        Long.toString(running().pid()),
                        "GC.class_histogram")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = histogram.inputReader()) {
            String total = output.lines()
                    .filter(line -> line.startsWith("Total "))
                    .findAny()
                    .orElseThrow(() -> new IOException("jcmd shows no heap of " + name));
            return Long.parseLong(total.replaceAll(".* ", ""));
        }
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
    LineConnection resp(int timeoutMillis) throws IOException {
        return new LineConnection(respPort, timeoutMillis);
    }

    /** A fresh connection to its memcached door. */
    LineConnection memcached(int timeoutMillis) throws IOException {
        return new LineConnection(memcachedPort, timeoutMillis);
    }

    /** Whether it answers with status 200 there. */
    boolean isOk(String path) {
        HttpResponse<String> page = page(path);
        return page != null && page.statusCode() == 200;
    }

    /** How many members it sees; 0 if it does not answer. */
    private int members() {
        HttpResponse<String> page = page("/cluster");
        return page == null ? 0 : page.body().split("\"address\":", -1).length - 1;
    }

    /** Its view of the cluster, as /cluster shows it. */
    JSONObject cluster() {
        HttpResponse<String> page = page("/cluster");
        if (page == null) {
            throw new AssertionError(name + " does not show /cluster");
        }
        return new JSONObject(page.body());
    }

    /** Of how many partitions this member sees the other as primary; 0 if it does not know it, or does not answer. */
    int primariesOf(MemberProcess other) {
        HttpResponse<String> page = page("/cluster");
        Matcher matcher = Pattern.compile(
                        "\"address\":\"" + HOST + ":" + other.nativePort + "\"[^}]*\"primaries\":([0-9]+)")
                .matcher(page == null ? "" : page.body());
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    /** Status and text of what it answers there. */
    String shown(String path) {
        HttpResponse<String> page = page(path);
        return page == null ? "no answer" : page.statusCode() + " " + page.body();
    }

    private @Nullable HttpResponse<String> page(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + HOST + ":" + httpPort + path))
                .timeout(Duration.ofSeconds(2));
        if (secret != null) {
            request.header("Authorization", "Bearer " + secret);
        }
        try {
            return HTTP.send(request.build(), BodyHandlers.ofString());
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
}
