package io.ringgrid.node.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.ringgrid.node.engine.LocalEngine;
import io.ringgrid.node.transport.Limits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.args.ExpiryOption;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.SetParams;

/** A real client in Java, in both protocols, before an engine that answers late. */
class JedisTest {
    private EventLoopGroup loops;
    private LocalEngine engine;
    private RespDoor door;

    @BeforeEach
    void open() {
        loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        engine = new LocalEngine(true, 1, Limits.DEFAULT.maxValueBytes());
        door = RespDoor.open(
                loops, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), engine, Limits.DEFAULT, null);
    }

    @AfterEach
    void close() {
        door.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        engine.close();
    }

    private Jedis connect(RedisProtocol protocol) {
        return new Jedis(
                new HostAndPort("127.0.0.1", door.port()),
                DefaultJedisClientConfig.builder()
                        .protocol(protocol)
                        .clientName("test")
                        .build());
    }

    @ParameterizedTest
    @EnumSource(RedisProtocol.class)
    void strings(RedisProtocol protocol) {
        try (Jedis jedis = connect(protocol)) {
            assertEquals("PONG", jedis.ping());
            assertEquals("test", jedis.clientGetname());
            assertEquals("OK", jedis.set("a", "1"));
            assertEquals(2, jedis.incr("a"));
            assertEquals("2", jedis.setGet("a", "x", SetParams.setParams().ex(100)));
            assertTrue(jedis.ttl("a") > 90);
            assertEquals(0, jedis.expire("a", 200, ExpiryOption.LT));
            assertEquals(1, jedis.persist("a"));
            assertEquals(-1, jedis.ttl("a"));
            assertEquals("OK", jedis.mset("b", "2", "c", "3"));
            assertEquals(Arrays.asList("x", "2", null, "3"), jedis.mget("a", "b", "none", "c"));
            assertEquals(2, jedis.exists("a", "c", "none"));
            assertEquals(1, jedis.del("c", "none"));
            assertEquals(2, jedis.dbSize());
            assertEquals("string", jedis.type("a"));
            assertTrue(jedis.info("server").contains("redis_version:7.0.15"));
            JedisDataException unknown = assertThrows(JedisDataException.class, () -> jedis.lpush("l", "1"));
            assertEquals("ERR unknown command 'LPUSH', with args beginning with: 'l' '1' ", unknown.getMessage());
            assertEquals("OK", jedis.flushAll());
            assertEquals(0, jedis.dbSize());
        }
    }

    @ParameterizedTest
    @EnumSource(RedisProtocol.class)
    void aPipelineOfThousands(RedisProtocol protocol) {
        try (Jedis jedis = connect(protocol)) {
            Pipeline pipeline = jedis.pipelined();
            List<Response<Long>> counts = new ArrayList<>();
            for (int i = 0; i < 5000; i++) {
                counts.add(pipeline.incr("counter"));
                pipeline.set("k" + i, "v");
            }
            pipeline.sync();
            for (int i = 0; i < 5000; i++) {
                assertEquals(i + 1, counts.get(i).get());
            }
            assertEquals(5001, jedis.dbSize());
        }
    }
}
