package io.ringgrid.node.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.ringgrid.node.conformance.Peer;
import io.ringgrid.node.engine.LocalEngine;
import io.ringgrid.node.transport.Door;
import io.ringgrid.node.transport.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who has not joined knows of no keys, which is not to say that there are none. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BeforeJoiningTest {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final LocalEngine engine = new LocalEngine();
    private final Door plain = listen(false);
    private final Door cluster = listen(true);

    private Door listen(boolean isCluster) {
        return RespDoor.listen(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new RespContext(
                        engine,
                        Limits.DEFAULT,
                        new Statistics(engine, Limits.DEFAULT),
                        new Clients(),
                        isCluster,
                        null));
    }

    @BeforeAll
    void unjoin() {
        engine.unjoin();
    }

    @AfterAll
    void stop() {
        plain.close();
        cluster.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        engine.close();
    }

    private static String ask(Door door, String command) throws IOException {
        return new String(new Peer(door.port()).exchange((command + "\r\n").getBytes(ISO_8859_1)), ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"flushall", "flushdb", "dbsize", "keys *", "scan 0", "randomkey"})
    void aCommandOnAllKeysIsRefused(String command) throws IOException {
        assertEquals("-CLUSTERDOWN this member has not joined a cluster yet\r\n", ask(cluster, command));
        assertEquals(ask(plain, "get k"), ask(plain, command));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cluster countkeysinslot 0", "cluster getkeysinslot 0 1"})
    void aCommandOnTheKeysOfASlotIsRefused(String command) throws IOException {
        assertEquals(ask(plain, "get k"), ask(plain, command));
        assertEquals(ask(plain, "get k"), ask(cluster, command));
    }
}
