package io.ringgrid.node.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.Health;
import io.ringgrid.node.json.Json;
import io.ringgrid.topology.Census;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is to be read at one path. Immutable.
 *
 * <pre>
 *   /health/live   200 as long as the process answers
 *   /health/ready  200 while this member serves; 503 with the reason otherwise
 *   /cluster/safe  200 while every partition has the copies that it should have; 503 with how many have not, or with
 *                  the reason why this member does not know
 *   /cluster       this member's view of the cluster, as JSON
 *   /metrics       what this member, its doors and its JVM have counted, for Prometheus
 * </pre>
 */
record Page(HttpResponseStatus status, String contentType, String body) {
    static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    /** A path and what it shows. */
    private record Path(String path, BiFunction<Engine, Supplier<String>, Page> page) {
        static Path ofHealth(String path, Function<Health, Page> page) {
            return new Path(path, (engine, metrics) -> page.apply(engine.health()));
        }
    }

    private static final List<Path> PATHS = List.of(
            Path.ofHealth("/health/live", health -> ok("live\n")),
            Path.ofHealth("/health/ready", Page::ready),
            Path.ofHealth("/cluster/safe", Page::safe),
            Path.ofHealth("/cluster", health -> new Page(HttpResponseStatus.OK, JSON, cluster(health))),
            new Path("/metrics", (engine, metrics) -> new Page(HttpResponseStatus.OK, PROMETHEUS, metrics.get())));

    /** The page of a request's target; what follows a question mark is of no concern. */
    static Page of(String target, Engine engine, Supplier<String> metrics) {
        int query = target.indexOf('?');
        String wanted = query < 0 ? target : target.substring(0, query);
        for (Path path : PATHS) {
            if (path.path.equals(wanted)) {
                return path.page.apply(engine, metrics);
            }
        }
        StringBuilder known = new StringBuilder("nothing here; there is\n");
        PATHS.forEach(path -> known.append("  ").append(path.path).append('\n'));
        return new Page(HttpResponseStatus.NOT_FOUND, TEXT, known.toString());
    }

    private static Page ok(String text) {
        return new Page(HttpResponseStatus.OK, TEXT, text);
    }

    private static Page unavailable(String text) {
        return new Page(HttpResponseStatus.SERVICE_UNAVAILABLE, TEXT, text);
    }

    private static Page ready(Health health) {
        return health.ready() ? ok("ready\n") : unavailable("not ready: " + health.reason() + "\n");
    }

    private static Page safe(Health health) {
        if (health.safe()) {
            return ok("safe\n");
        }
        if (health.missingCopies() == 0) {
            return unavailable("not safe: " + health.reason() + "\n");
        }
        return unavailable("not safe: "
                + Census.lack(health.missingCopies(), health.partitions(), health.lostPartitions()) + "\n");
    }

    private static String cluster(Health health) {
        Json json = new Json().open('{');
        json.name("name").value(health.name());
        json.name("cluster").value(health.cluster());
        json.name("clusterId").value(health.clusterId());
        json.name("memberId").value(health.memberId());
        json.name("ready").value(health.ready());
        json.name("reason").value(health.reason());
        json.name("safe").value(health.safe());
        json.name("missingCopies").value(health.missingCopies());
        json.name("lostPartitions").value(health.lostPartitions());
        json.name("topologyTerm").value(health.topologyTerm());
        json.name("topologyVersion").value(health.topologyVersion());
        json.name("partitions").value(health.partitions());
        json.name("backups").value(health.backups());
        json.name("uptimeMillis").value(health.uptimeMillis());
        json.name("entries").value(health.entries());
        json.name("usedBytes").value(health.usedBytes());
        json.name("maxBytes").value(health.maxBytes());
        json.name("evictions").value(health.evictions());
        json.name("expirations").value(health.expirations());
        json.name("members").open('[');
        for (Health.Member member : health.members()) {
            json.open('{');
            json.name("id").value(member.id());
            json.name("name").value(member.name());
            json.name("address").value(member.address());
            json.name("state").value(member.state());
            json.name("voter").value(member.voter());
            json.name("leader").value(member.leader());
            json.name("primaries").value(member.primaries());
            json.name("backups").value(member.backups());
            json.close('}');
        }
        return json.close(']').close('}') + "\n";
    }
}
