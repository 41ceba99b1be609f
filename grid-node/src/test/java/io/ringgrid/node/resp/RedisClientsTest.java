package io.ringgrid.node.resp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.GridNode;
import io.ringgrid.node.binary.Await;
import io.ringgrid.node.conformance.RealMembers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.params.ClientKillParams;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/** Clients as people use them, plain ones and Redis Cluster's, before two real members. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisClientsTest {
    private RealMembers cluster;

    @BeforeAll
    void start() throws IOException {
        cluster = RealMembers.start(2);
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    private int port(int member) {
        return Objects.requireNonNull(cluster.members().get(member).respPort());
    }

    private Jedis connect(int member) {
        return new Jedis("127.0.0.1", port(member));
    }

    @Test
    void redisPy() throws IOException, InterruptedException {
        Process without = new ProcessBuilder("/usr/bin/python3", "-c", "import redis.cluster")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (without.waitFor() != 0) {
            System.out.println("redis-py is not installed: it is not tried");
            return;
        }
        List<String> command = new ArrayList<>(List.of("/usr/bin/python3", "src/test/python/redis_clients.py"));
        cluster.members().forEach(member -> command.add(Integer.toString(Objects.requireNonNull(member.respPort()))));
        Process python = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(python.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, python.waitFor(), said);
        assertTrue(said.endsWith("ok\n"), said);
    }

    @Test
    void aTransactionIsWholeOrNot() {
        try (Jedis jedis = connect(0);
                Jedis other = connect(1)) {
            jedis.del("{w}a", "{w}b");
            jedis.watch("{w}a");
            Transaction transaction = jedis.multi();
            transaction.set("{w}a", "1");
            transaction.incr("{w}b");
            assertEquals(List.of("OK", 1L), transaction.exec());
            jedis.watch("{w}a");
            other.set("{w}a", "other");
            transaction = jedis.multi();
            transaction.set("{w}a", "2");
            transaction.incr("{w}b");
            assertNull(transaction.exec());
            assertEquals(List.of("other", "1"), jedis.mget("{w}a", "{w}b"));
            assertEquals("OK", jedis.rename("{w}a", "{w}c"));
            assertEquals("other", other.get("{w}c"));
        }
    }

    @Test
    void aScanOfEitherMemberSeesEveryKeyOnce() {
        try (Jedis jedis = connect(0);
                Jedis other = connect(1)) {
            jedis.select(5);
            other.select(5);
            for (int i = 0; i < 1000; i++) {
                jedis.set("scanned" + i, "x");
            }
            assertEquals(1000, scan(other).size());
            assertEquals(1000, jedis.keys("scanned*").size());
            assertEquals(1000, other.dbSize());
            assertTrue(other.randomKey().startsWith("scanned"));
            assertEquals("OK", other.flushDB());
            assertEquals(0, jedis.dbSize());
        }
    }

    private static Set<String> scan(Jedis jedis) {
        Set<String> seen = new HashSet<>();
        String cursor = ScanParams.SCAN_POINTER_START;
        do {
            ScanResult<String> page = jedis.scan(cursor, new ScanParams().count(33));
            page.getResult().forEach(key -> assertTrue(seen.add(key), key + " came twice"));
            cursor = page.getCursor();
        } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
        return seen;
    }

    @Test
    void jedisClusterGoesToTheOwners() {
        try (JedisCluster jedis = new JedisCluster(new HostAndPort("127.0.0.1", port(0)))) {
            for (int i = 0; i < 300; i++) {
                assertEquals("OK", jedis.set("owned" + i, "v" + i));
            }
            for (int i = 0; i < 300; i++) {
                assertEquals("v" + i, jedis.get("owned" + i));
            }
            assertEquals(2, jedis.getClusterNodes().size());
            Set<String> own = new HashSet<>();
            for (GridNode member : cluster.members()) {
                String address = "127.0.0.1:" + member.respClusterPort();
                assertNotNull(jedis.getClusterNodes().get(address), address);
                try (Jedis direct = new Jedis("127.0.0.1", Objects.requireNonNull(member.respClusterPort()))) {
                    own.addAll(direct.keys("owned*"));
                    assertTrue(direct.keys("owned*").size() < 300);
                    assertEquals(40, direct.clusterMyId().length());
                }
            }
            assertEquals(300, own.size());
        }
    }

    @Test
    void bothMembersTellTheSameOfSlots() {
        try (Jedis jedis = connect(0);
                Jedis other = connect(1)) {
            assertEquals(text(slots(jedis)), text(slots(other)));
            assertTrue(jedis.clusterInfo().contains("cluster_state:ok"));
            assertTrue(jedis.info("cluster").contains("cluster_enabled:1"));
        }
    }

    private static Object slots(Jedis jedis) {
        return jedis.sendCommand(Protocol.Command.CLUSTER, "SLOTS");
    }

    private static String text(Object reply) {
        if (reply instanceof List<?> list) {
            return list.stream().map(RedisClientsTest::text).toList().toString();
        }
        return reply instanceof byte[] bytes ? new String(bytes, UTF_8) : String.valueOf(reply);
    }

    @Test
    void aConnectionKillsAnother() {
        try (Jedis jedis = connect(0);
                Jedis other = connect(0)) {
            long id = other.clientId();
            assertTrue(jedis.clientList().contains("id=" + id + " "));
            assertEquals(1, jedis.clientKill(new ClientKillParams().id(Long.toString(id))));
            // It is closed by its own event loop, a moment later perhaps than the answer.
            Await.until("the other connection is closed", () -> isClosed(other));
        }
    }

    private static boolean isClosed(Jedis jedis) {
        try {
            jedis.ping();
            return false;
        } catch (JedisConnectionException e) {
            return true;
        }
    }
}
