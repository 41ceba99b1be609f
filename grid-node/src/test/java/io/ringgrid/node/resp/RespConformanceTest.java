package io.ringgrid.node.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import io.ringgrid.node.conformance.ConformanceTest;
import io.ringgrid.node.conformance.Original;
import io.ringgrid.node.conformance.Peer;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.LocalEngine;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The same bytes to redis-server and to our door. */
class RespConformanceTest extends ConformanceTest {
    @Override
    protected OpenDoor open(EventLoopGroup eventLoops, InetSocketAddress bind, Engine behind, Limits limits) {
        RespDoor door = RespDoor.open(eventLoops, bind, behind, limits, null);
        return new OpenDoor(door.port(), door::close);
    }

    @Override
    protected @Nullable Original startOriginal() throws IOException {
        return Original.redis();
    }

    @Override
    protected String transcriptFile() {
        return "redis.txt";
    }

    @Override
    protected String emptying() {
        return "flushall\r\n";
    }

    @Override
    protected String emptied() {
        return "+OK\r\n";
    }

    static String request(String... arguments) {
        StringBuilder request = new StringBuilder("*" + arguments.length + "\r\n");
        for (String argument : arguments) {
            request.append('$')
                    .append(argument.length())
                    .append("\r\n")
                    .append(argument)
                    .append("\r\n");
        }
        return request.toString();
    }

    @Override
    protected String storing(String key, String value) {
        return request("SET", key, value);
    }

    @Override
    protected String stored() {
        return "+OK\r\n";
    }

    @Override
    protected String asking(String key) {
        return request("GET", key);
    }

    @Override
    protected String asked(String key, String value) {
        return "$" + value.length() + "\r\n" + value + "\r\n";
    }

    @Override
    protected List<String> declaringTooMuch() {
        return List.of(
                "*3\r\n$3\r\nset\r\n$1\r\na\r\n$8388608\r\nx",
                "*3\r\n$3\r\nset\r\n$1\r\na\r\n$536870912\r\nx",
                "*2147483647\r\n$3\r\nset\r\n");
    }

    @Test
    void answersThousandsOfPipelinedCommandsInOrder() throws IOException {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        StringBuilder expected = new StringBuilder();
        Random random = new Random(SEED);
        int[] counters = new int[50];
        sent.writeBytes(bytes(request("flushall")));
        expected.append("+OK\r\n");
        for (int i = 0; i < 20_000; i++) {
            int k = random.nextInt(counters.length);
            switch (random.nextInt(5)) {
                case 0 -> {
                    counters[k]++;
                    sent.writeBytes(bytes(request("INCR", "k" + k)));
                    expected.append(":").append(counters[k]).append("\r\n");
                }
                case 1 -> {
                    counters[k]--;
                    sent.writeBytes(bytes("decr k" + k + "\r\n"));
                    expected.append(":").append(counters[k]).append("\r\n");
                }
                case 2 -> {
                    counters[k] = i;
                    sent.writeBytes(bytes(request("MSET", "x", "1", "k" + k, "0", "k" + k, Integer.toString(i))));
                    expected.append("+OK\r\n");
                }
                case 3 -> {
                    sent.writeBytes(bytes(request("SET", "k" + k, "7") + request("MGET", "none", "k" + k, "none")));
                    counters[k] = 7;
                    expected.append("+OK\r\n*3\r\n$-1\r\n$1\r\n7\r\n$-1\r\n");
                }
                default -> {
                    sent.writeBytes(bytes("nonsense\r\n"));
                    expected.append("-ERR unknown command 'nonsense', with args beginning with: \r\n");
                }
            }
        }
        for (Peer peer : peers()) {
            assertEquals(expected.toString(), text(peer.exchange(sent.toByteArray())), "port " + peer.port());
        }
    }

    @Test
    void manyKeysInOneCommandAndCommandsBehindIt() throws IOException {
        int keys = 5000;
        String[] mset = new String[1 + 2 * keys];
        String[] mget = new String[1 + keys];
        String[] del = new String[1 + keys];
        mset[0] = "mset";
        mget[0] = "mget";
        del[0] = "del";
        StringBuilder expected = new StringBuilder("+OK\r\n*" + keys + "\r\n");
        for (int i = 0; i < keys; i++) {
            String value = "value of " + i;
            mset[1 + 2 * i] = "many" + i;
            mset[2 + 2 * i] = value;
            mget[1 + i] = "many" + i;
            del[1 + i] = "many" + i;
            expected.append(asked("", value));
        }
        expected.append(":5000\r\n+PONG\r\n$-1\r\n+OK\r\n");
        String sent = request(mset) + request(mget) + request(del) + "ping\r\n" + asking("many0") + storing("a", "b");
        for (Peer peer : peers()) {
            assertEquals(expected.toString(), text(peer.exchange(bytes(sent))), "port " + peer.port());
        }
        assertEquals(expected.toString(), text(late().exchange(bytes(sent), new Random(SEED), 3000)));
    }

    @Test
    void aFilterOfManyWords() throws IOException {
        String[] kill = new String[2 + 2 * 50_000];
        Arrays.fill(kill, "ID");
        kill[0] = "client";
        kill[1] = "kill";
        for (int i = 3; i < kill.length; i += 2) {
            kill[i] = "999999999";
        }
        for (Peer peer : peers()) {
            assertEquals(":0\r\n+PONG\r\n", text(peer.exchange(bytes(request(kill) + "ping\r\n"))));
        }
    }

    @Test
    void aTypedCommandOfManyKeys() throws IOException {
        String keys = " a b".repeat(2000);
        for (Peer peer : peers()) {
            empty(peer);
            assertEquals(
                    ":0\r\n+OK\r\n:2000\r\n",
                    text(peer.exchange(bytes("exists" + keys + "\r\nset a 1\r\nexists" + keys + "\r\n"))));
        }
    }

    @Test
    void resp3() throws IOException {
        for (Peer peer : peers()) {
            empty(peer);
            String heard = text(peer.exchange(bytes(request("HELLO", "3", "SETNAME", "me")
                    + request("GET", "a")
                    + request("MGET", "a")
                    + request("SET", "a", "b", "NX", "GET")
                    + request("CLIENT", "GETNAME")
                    + request("COMMAND", "DOCS", "nosuch")
                    + request("INFO", "nosuch")
                    + request("HELLO", "2")
                    + request("GET", "none"))));
            String id = heard.replaceFirst("(?s).*?\\$2\r\nid\r\n:(\\d+)\r\n.*", "$1");
            String greeting = String.join(
                    "\r\n",
                    "$6\r\nserver",
                    "$5\r\nredis",
                    "$7\r\nversion",
                    "$6\r\n7.0.15",
                    "$5\r\nproto\r\n:%d",
                    "$2\r\nid\r\n:%s",
                    "$4\r\nmode",
                    "$10\r\nstandalone",
                    "$4\r\nrole",
                    "$6\r\nmaster",
                    "$7\r\nmodules\r\n*0\r\n");
            assertEquals(
                    "%7\r\n" + greeting.formatted(3, id) + "_\r\n*1\r\n_\r\n_\r\n$2\r\nme\r\n%0\r\n=4\r\ntxt:\r\n"
                            + "*14\r\n" + greeting.formatted(2, id) + "$-1\r\n",
                    heard);
        }
    }

    @Test
    void refusalsSayWhy() throws IOException {
        assertEquals("-CLUSTERDOWN no quorum\r\n", refused(Status.UNAVAILABLE, "get a\r\n"));
        assertEquals("-CLUSTERDOWN no quorum\r\n", refused(Status.RETRY, "ttl a\r\n"));
        assertEquals("-OUTCOMEUNKNOWN no quorum\r\n", refused(Status.OUTCOME_UNKNOWN, "incr a\r\n"));
        assertEquals("-CLUSTERDOWN no quorum\r\n", refused(Status.UNAVAILABLE, "mget ok a ok\r\n"));
        assertEquals("-CLUSTERDOWN no quorum\r\n", refused(Status.UNAVAILABLE, "persist a\r\n"));
        assertEquals(
                "-OUTCOMEUNKNOWN only some of the keys were changed: no quorum\r\n+PONG\r\n",
                refused(Status.UNAVAILABLE, "mset ok 1 a 1\r\nping\r\n"));
        assertEquals("-CLUSTERDOWN no quorum\r\n", refused(Status.UNAVAILABLE, "mset a 1 b 1\r\n"));
        assertEquals(
                "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
                refused(Status.OUT_OF_MEMORY, "set a 1\r\n"));
        assertEquals(
                "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n",
                refused(Status.TOO_LARGE, "set a 1\r\n"));
    }

    private String refused(Status status, String sent) throws IOException {
        try (LocalEngine refusing = new LocalEngine()) {
            Peer peer = open(refusing, Limits.DEFAULT);
            peer.exchange(bytes("set ok 1\r\n"));
            refusing.refuse(operation -> operation.keyLength == 1 ? Result.refused(status, "no quorum") : null);
            return text(peer.exchange(bytes(sent)));
        }
    }

    @Test
    void valuesAndRequestsBeyondTheLimitsAreReadPast() throws IOException {
        Peer small = open(engine, new Limits(10, 1024, 1 << 20, 256 << 20, 16 << 10, 1000));
        String large = "x".repeat(1001);
        String tooLarge = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
        assertEquals(
                "+OK\r\n" + tooLarge + "+PONG\r\n" + tooLarge + "$1\r\ny\r\n",
                text(small.exchange(bytes(storing("a", "y")
                        + storing("a", large)
                        + "ping\r\n"
                        + request("mset", "a", large, "b", "z", "c", large)
                        + asking("a")))));
        String[] many = new String[3000];
        Arrays.fill(many, "0123456789");
        many[0] = "del";
        assertEquals(
                "-ERR a request has at most 17384 bytes\r\n+PONG\r\n",
                text(small.exchange(bytes(request(many) + "ping\r\n"))));
    }

    @Test
    void commandDescribesTheTable() throws IOException {
        String count = text(ours().exchange(bytes("command count\r\n")));
        assertEquals(":" + Commands.all().size() + "\r\n", count);
        String described = text(ours().exchange(bytes("command\r\n")));
        assertTrue(described.startsWith("*" + Commands.all().size() + "\r\n*10\r\n$3\r\nget\r\n:2\r\n"), described);
        assertEquals(described, text(ours().exchange(bytes("command info\r\n"))));
        assertEquals(
                String.join(
                        "\r\n",
                        "*2\r\n*10\r\n$4\r\nmset",
                        ":-3",
                        "*2\r\n+write\r\n+denyoom",
                        ":1\r\n:-1\r\n:2",
                        "*3\r\n+@write\r\n+@string\r\n+@slow",
                        "*0\r\n*0\r\n*0",
                        "$-1\r\n"),
                text(ours().exchange(bytes("command info MSET nosuch\r\n"))));
    }

    @Test
    void infoIsTrue() throws IOException {
        try (LocalEngine counted = new LocalEngine()) {
            Peer peer = open(counted, Limits.DEFAULT);
            String info = text(peer.exchange(bytes("set a hello\r\nget a\r\nget b\r\nexists a a b\r\ninfo\r\n")));
            for (String line : List.of(
                    "redis_version:7.0.15",
                    "ringgrid_version:0.1.0",
                    "redis_mode:standalone",
                    "tcp_port:" + peer.port(),
                    "process_id:" + ProcessHandle.current().pid(),
                    "connected_clients:1",
                    "used_memory:248",
                    "maxmemory:268435456",
                    "total_commands_processed:5",
                    "keyspace_hits:3",
                    "keyspace_misses:2",
                    "role:master",
                    "db0:keys=1,expires=0,avg_ttl=0")) {
                assertTrue(info.contains("\r\n" + line + "\r\n"), line + " is not in " + info);
            }
            String clients = text(peer.exchange(bytes("info clients\r\n")));
            assertEquals(
                    "$69\r\n# Clients\r\nconnected_clients:1\r\nblocked_clients:0\r\nmaxclients:10000\r\n\r\n",
                    clients);
        }
    }

    @Test
    void flushConcernsWhatWasSentBeforeAndNothingSentAfter() throws IOException {
        for (int round = 0; round < 200; round++) {
            assertEquals(
                    "+OK\r\n+OK\r\n$-1\r\n:0\r\n+OK\r\n:1\r\n",
                    text(late().exchange(bytes("set f x\r\nflushall\r\nget f\r\ndbsize\r\nset f y\r\ndbsize\r\n"))));
        }
    }
}
