package io.ringgrid.node.resp;

import io.netty.channel.EventLoopGroup;
import io.ringgrid.node.conformance.ConformanceTest.OpenDoor;
import io.ringgrid.node.conformance.Original;
import io.ringgrid.node.conformance.SecretConformanceTest;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.wire.Secret;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A door with a secret, beside a Redis with requirepass. */
class RespSecretTest extends SecretConformanceTest {
    @Override
    protected OpenDoor open(EventLoopGroup eventLoops, InetSocketAddress bind, Engine behind, Secret secret) {
        RespDoor door = RespDoor.open(eventLoops, bind, behind, Limits.DEFAULT, secret);
        return new OpenDoor(door.port(), door::close);
    }

    @Override
    protected @Nullable Original startOriginal(Path directory) throws IOException {
        return Original.redis("--requirepass", "pass");
    }

    @Override
    protected String transcriptFile() {
        return "redis-secret.txt";
    }
}
