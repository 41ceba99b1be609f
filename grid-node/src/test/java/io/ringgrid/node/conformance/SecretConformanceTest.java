package io.ringgrid.node.conformance;

import io.netty.channel.EventLoopGroup;
import io.ringgrid.node.conformance.ConformanceTest.OpenDoor;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.LocalEngine;
import io.ringgrid.wire.Secret;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A door whose secret is {@code pass}, beside its original with the same where that is installed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class SecretConformanceTest {
    private final OpenDoors doors = new OpenDoors();
    private final LocalEngine engine = new LocalEngine();
    private @Nullable Peer ours;
    private @Nullable Original original;

    protected abstract OpenDoor open(EventLoopGroup eventLoops, InetSocketAddress bind, Engine behind, Secret secret);

    /** Starts the original; the directory is its own. */
    protected abstract @Nullable Original startOriginal(Path directory) throws IOException;

    protected abstract String transcriptFile();

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        ours = open();
        original = startOriginal(directory);
    }

    @AfterAll
    void stop() throws Exception {
        if (original != null) {
            original.close();
        }
        doors.close();
        engine.close();
    }

    /** One more door. */
    protected final Peer open() {
        return doors.open((loops, bind) -> open(loops, bind, engine, Secret.of("pass")));
    }

    List<Transcript> transcripts() {
        return Transcript.read(transcriptFile());
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void saysWhatTheOriginalSays(Transcript transcript) throws IOException {
        if (original != null) {
            transcript.assertHeard(transcript.original(), original.peer().exchange(transcript.sent()), "the original");
        }
        Peer peer = Objects.requireNonNull(ours);
        transcript.assertHeard(transcript.ours(), peer.exchange(transcript.sent()), "our door");
        Random random = new Random(transcript.line());
        transcript.assertHeard(transcript.ours(), peer.exchange(transcript.sent(), random, 20), "random pieces");
        transcript.assertHeard(transcript.ours(), peer.exchange(transcript.sent(), null, 1), "byte by byte");
    }
}
