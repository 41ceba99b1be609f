package io.ringgrid.node.memcached;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import io.ringgrid.node.conformance.ConformanceTest.OpenDoor;
import io.ringgrid.node.conformance.Original;
import io.ringgrid.node.conformance.Peer;
import io.ringgrid.node.conformance.SecretConformanceTest;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.wire.Secret;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A door with a secret, beside a memcached with a file of passwords. */
class MemcachedSecretTest extends SecretConformanceTest {
    @Override
    protected OpenDoor open(EventLoopGroup eventLoops, InetSocketAddress bind, Engine behind, Secret secret) {
        MemcachedDoor door = MemcachedDoor.open(eventLoops, bind, behind, Limits.DEFAULT, secret);
        return new OpenDoor(door.port(), door::close);
    }

    @Override
    protected @Nullable Original startOriginal(Path directory) throws IOException {
        Path passwords = Files.writeString(directory.resolve("passwords"), "user:pass\n");
        return Original.memcached("-Y", passwords.toString());
    }

    @Override
    protected String transcriptFile() {
        return "memcached-secret.txt";
    }

    @Test
    void loginsAreCounted() throws IOException {
        Peer peer = open();
        exchange(peer, "set auth 0 0 8\r\nuser pas\r\n");
        String stats = exchange(peer, "set auth 0 0 9\r\nuser pass\r\nstats\r\nstats settings\r\n");
        for (String line : List.of("auth_cmds 2", "auth_errors 1", "auth_enabled_ascii yes")) {
            assertTrue(stats.contains("STAT " + line + "\r\n"), line + " is not in " + stats);
        }
    }

    private static String exchange(Peer peer, String sent) throws IOException {
        byte[] heard = peer.exchange(sent.getBytes(StandardCharsets.ISO_8859_1));
        return new String(heard, StandardCharsets.ISO_8859_1);
    }
}
