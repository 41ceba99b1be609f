package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.api.sync.RedisStringCommands;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.ringgrid.node.binary.Await;
import io.ringgrid.node.conformance.Original;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.JedisPooled;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * Clients of memcached and Redis as people use them, while a member is killed and while it joins again. Meanwhile they may
 * hear errors, never a wrong answer; afterwards each works again, those of Redis Cluster with the new owners.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class ClientsInFaultsProcessTest extends ThreeMembersTest {
    /** Until a client works again. A client that has lost its server may wait some seconds before it tries anew. */
    private static final int SERVED_SECONDS = 30;

    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(2);
    /** While it connects for the first time, with cold classes. */
    private static final Duration FIRST_ANSWER = Duration.ofSeconds(10);

    private static final int PROBES = 200;

    private final List<AutoCloseable> clients = new ArrayList<>();
    private final Map<Integer, SteadyClient> ofOneMember = new HashMap<>();
    private final List<SteadyClient> steady = new ArrayList<>();
    private JedisCluster jedisCluster;
    private RedisClusterClient lettuceCluster;
    private StatefulRedisClusterConnection<String, String> lettuceConnection;
    private PythonProcess python;

    @BeforeEach
    void connect() throws Exception {
        new PythonProcess(
                        "redis_clients.py",
                        members.stream()
                                .map(member -> Integer.toString(member.respPort))
                                .toArray(String[]::new))
                .succeed();
        String addresses = members.stream()
                .map(member -> MemberProcess.HOST + ":" + member.memcachedPort + ":" + member.respPort)
                .collect(Collectors.joining(","));
        Original old = Original.memcached();
        if (old == null) {
            python = new PythonProcess("clients_in_faults.py", addresses);
        } else {
            clients.add(old);
            python = new PythonProcess(
                    "clients_in_faults.py",
                    addresses,
                    MemberProcess.HOST + ":" + old.peer().port());
        }
        DefaultJedisClientConfig jedis = DefaultJedisClientConfig.builder()
                .connectionTimeoutMillis((int) CONNECT.toMillis())
                .socketTimeoutMillis((int) ANSWER.toMillis())
                .build();
        HostAndPort first = new HostAndPort(MemberProcess.HOST, members.get(0).respPort);
        jedisCluster = opened(new JedisCluster(Set.of(first), jedis));
        steady.add(new SteadyClient("jedis-cluster", new OfJedis(jedisCluster)));
        lettuceCluster = RedisClusterClient.create(uri(members.get(0)));
        clients.add(() -> lettuceCluster.shutdown(Duration.ZERO, ANSWER));
        lettuceCluster.setOptions(ClusterClientOptions.builder(options())
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .adaptiveRefreshTriggersTimeout(Duration.ofMillis(200))
                        .build())
                .build());
        lettuceConnection = opened(lettuceCluster.connect());
        lettuceConnection.setTimeout(ANSWER);
        steady.add(new SteadyClient("lettuce-cluster", new OfLettuce(lettuceConnection.sync())));
        for (int i = 0; i < members.size(); i++) {
            HostAndPort address = new HostAndPort(MemberProcess.HOST, members.get(i).respPort);
            ofOneMember.put(i, new SteadyClient("jedis-" + i, new OfJedis(opened(new JedisPooled(address, jedis)))));
        }
        RedisClient lettuce = RedisClient.create(uri(members.get(1)));
        clients.add(() -> lettuce.shutdown(Duration.ZERO, ANSWER));
        lettuce.setOptions(options());
        steady.addAll(ofOneMember.values());
        StatefulRedisConnection<String, String> plain = opened(lettuce.connect());
        plain.setTimeout(ANSWER);
        steady.add(new SteadyClient("lettuce", new OfLettuce(plain.sync())));
    }

    private static ClientOptions options() {
        return ClientOptions.builder()
                .socketOptions(SocketOptions.builder().connectTimeout(CONNECT).build())
                .build();
    }

    private static RedisURI uri(MemberProcess member) {
        return RedisURI.builder()
                .withHost(MemberProcess.HOST)
                .withPort(member.respPort)
                .withTimeout(FIRST_ANSWER)
                .build();
    }

    private <C extends AutoCloseable> C opened(C client) {
        clients.add(0, client);
        return client;
    }

    @AfterEach
    void close() throws Exception {
        if (python != null) {
            python.kill();
        }
        steady.stream().filter(SteadyClient::isAtWork).forEach(SteadyClient::close);
        for (AutoCloseable client : clients) {
            client.close();
        }
    }

    @Test
    void noClientIsAnsweredWronglyWhileAMemberIsKilledAndJoins() throws Exception {
        served("0,1,2");
        MemberProcess killed = members.get(1);
        killed.kill();
        served("0,2");
        MemberProcess.awaitWhole(List.of(members.get(0), members.get(2)));
        followed(2);
        killed.start();
        MemberProcess.awaitWhole(members);
        served("0,1,2");
        followed(3);
        python.endInput();
        python.succeed();
        steady.forEach(SteadyClient::close);
        for (SteadyClient client : steady) {
            for (MemberProcess member : members) {
                try (JedisPooled other = new JedisPooled(MemberProcess.HOST, member.respPort)) {
                    client.checkAll(new OfJedis(other));
                }
            }
        }
    }

    /** The clients that know one of these members go on without error. */
    private void served(String numbers) throws IOException {
        long start = System.nanoTime();
        steady.forEach(SteadyClient::beginAnew);
        python.ask("served " + numbers, SERVED_SECONDS);
        for (SteadyClient client : steady) {
            boolean knowsOnlyTheKilled = client == ofOneMember.get(1) || client == steady.get(steady.size() - 1);
            if (numbers.contains("1") || !knowsOnlyTheKilled) {
                client.awaitServed(SERVED_SECONDS);
            }
        }
        System.out.printf("all clients of %s are served after %.1f s%n", numbers, (System.nanoTime() - start) / 1e9);
    }

    /** The clients of Redis Cluster ask each slot's owner, of so many. */
    private void followed(int count) throws IOException {
        python.ask("followed " + members.get(0).respPort, SERVED_SECONDS);
        Await.until(
                () -> "Jedis asks the owners; it knows "
                        + jedisCluster.getClusterNodes().keySet() + ", and they are " + Set.copyOf(owners().values()),
                SERVED_SECONDS,
                () -> jedisAsksOwners(count));
        Await.until(
                () -> "Lettuce asks the owners; it knows " + lettuceCluster.getPartitions(),
                SERVED_SECONDS,
                this::lettuceAsksOwners);
    }

    /** Whether reads are one command each, none of which was sent on to another member. */
    private boolean jedisAsksOwners(int count) {
        Map<Integer, Integer> owners = owners();
        Map<String, ConnectionPool> nodes = jedisCluster.getClusterNodes();
        for (int i = 0; i < PROBES; i++) {
            int slot = JedisClusterCRC16.getSlot("probe:" + i);
            String owner = MemberProcess.HOST + ":" + owners.get(slot);
            try (var connection = jedisCluster.getConnectionFromSlot(slot)) {
                if (!connection.toString().contains(owner)) {
                    jedisCluster.get("probe:" + i);
                    return false;
                }
            }
        }
        return nodes.size() == count;
    }

    /** The same; whoever asks a wrong one is told so, and asks for all the owners. */
    private boolean lettuceAsksOwners() {
        Map<Integer, Integer> owners = owners();
        for (int i = 0; i < PROBES; i++) {
            int slot = SlotHash.getSlot("probe:" + i);
            var node = lettuceCluster.getPartitions().getPartitionBySlot(slot);
            if (node == null || !Integer.valueOf(node.getUri().getPort()).equals(owners.get(slot))) {
                lettuceConnection.sync().get("probe:" + i);
                return false;
            }
        }
        return true;
    }

    /** The port of each slot's owner, as a member tells it that is there all the time. */
    private Map<Integer, Integer> owners() {
        Map<Integer, Integer> owners = new HashMap<>();
        try (JedisPooled member = new JedisPooled(MemberProcess.HOST, members.get(0).respPort)) {
            Object told = member.sendCommand(Protocol.Command.CLUSTER, "SLOTS");
            for (Object range : (List<?>) told) {
                List<?> parts = (List<?>) range;
                long port = (Long) ((List<?>) parts.get(2)).get(1);
                for (long slot = (Long) parts.get(0); slot <= (Long) parts.get(1); slot++) {
                    owners.put((int) slot, (int) port);
                }
            }
        }
        return owners;
    }

    private record OfJedis(UnifiedJedis jedis) implements SteadyClient.Commands {
        @Override
        public void set(String key, String value) {
            assertEquals("OK", jedis.set(key, value));
        }

        @Override
        public @Nullable String get(String key) {
            return jedis.get(key);
        }

        @Override
        public long increment(String key) {
            return jedis.incr(key);
        }

        @Override
        public List<@Nullable String> setBoth(String one, String other, String value) {
            if (jedis instanceof JedisCluster) {
                jedis.mset(one, value, other, value);
                return jedis.mget(one, other);
            }
            try (AbstractTransaction transaction = jedis.multi()) {
                transaction.set(one, value);
                transaction.set(other, value);
                var values = transaction.mget(one, other);
                assertEquals(3, transaction.exec().size());
                return values.get();
            }
        }
    }

    private record OfLettuce(RedisStringCommands<String, String> redis) implements SteadyClient.Commands {
        @Override
        public void set(String key, String value) {
            assertEquals("OK", redis.set(key, value));
        }

        @Override
        public @Nullable String get(String key) {
            return redis.get(key);
        }

        @Override
        public long increment(String key) {
            return redis.incr(key);
        }

        @Override
        public List<@Nullable String> setBoth(String one, String other, String value) {
            List<KeyValue<String, String>> values;
            if (redis instanceof RedisCommands<String, String> ofOneMember) {
                values = transaction(ofOneMember, one, other, value);
            } else {
                redis.mset(Map.of(one, value, other, value));
                values = redis.mget(one, other);
            }
            return values.stream().map(KeyValue::getValue).toList();
        }

        private static List<KeyValue<String, String>> transaction(
                RedisCommands<String, String> redis, String one, String other, String value) {
            redis.multi();
            redis.set(one, value);
            redis.set(other, value);
            redis.mget(one, other);
            TransactionResult answers = redis.exec();
            return answers.get(2);
        }
    }
}
