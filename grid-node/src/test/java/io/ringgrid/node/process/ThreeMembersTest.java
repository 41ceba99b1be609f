package io.ringgrid.node.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Each test has three members of its own, as processes, whose logs stay if it fails. Not thread-safe. */
@Tag("process")
abstract class ThreeMembersTest {
    /** For the members' logs, and whatever else a test writes. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    /** The members that run; a test that lets one leave takes it out. */
    List<MemberProcess> members = List.of();

    @BeforeEach
    final void startMembers() throws IOException {
        members = MemberProcess.cluster(3, directory);
        for (MemberProcess member : members) {
            member.start();
        }
        MemberProcess.awaitWhole(members);
    }

    @AfterEach
    final void stopMembers() {
        members.forEach(MemberProcess::close);
    }
}
