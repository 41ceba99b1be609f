package io.ringgrid.node.process;

import io.ringgrid.node.GridNode;
import io.ringgrid.node.OwnWrites;
import io.ringgrid.node.binary.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What an embedded member's threads write while another member is killed takes effect once: they wait, and then go on. */
@Tag("process")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class OwnWritesProcessTest {
    private static final int WHOLE_SECONDS = 60;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void aMemberDiesAndComesBack() throws Exception {
        List<MemberProcess> members = MemberProcess.cluster(3, directory);
        MemberProcess victim = members.get(1);
        MemberProcess other = members.get(2);
        try (victim;
                other) {
            victim.start();
            other.start();
            OwnWrites writes = new OwnWrites();
            try (GridNode node = members.get(0).embedded()) {
                awaitWhole(node, 3);
                writes.begin(node, "n1");
                writes.more("three members");
                victim.kill();
                writes.more("one dies");
                awaitWhole(node, 2);
                victim.start();
                awaitWhole(node, 3);
                writes.more("it is back");
                writes.end();
                writes.check(node);
            } finally {
                writes.end();
            }
        }
    }

    private static void awaitWhole(GridNode node, int count) {
        Await.until(
                () -> count + " members and every copy; it is " + node.health(),
                WHOLE_SECONDS,
                () -> node.health().safe()
                        && node.health().ready()
                        && node.members().size() == count);
    }
}
