package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.binary.Await;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Each test does something unusual to a member while ordinary clients are served by it. Not thread-safe. */
abstract class ServedMemberTest extends ThreeMembersTest {
    /** Connections that this process' HTTP client may keep for later. */
    private static final int KEPT_ALIVE = 8;

    private static final long MAX_GROWTH_BYTES = 16L << 20;
    /** A member with 256 MiB for entries has a heap of 544 MiB; the rest is what a JVM takes beside these. */
    private static final long MAX_RESIDENT_BYTES = 1L << 30;

    /** The first one. */
    MemberProcess member;
    /** They have been served for a while when a test begins. */
    OrdinaryClients others;
    /** Of its heap before the test. */
    long liveBytes;
    /** Before the test. */
    int openFiles;

    @BeforeEach
    final void beginToServeOthers() throws IOException {
        member = members.get(0);
        others = new OrdinaryClients(member, "early");
        others.awaitRounds(100);
        liveBytes = member.liveBytes();
        openFiles = member.openFiles();
    }

    @AfterEach
    final void endToServeOthers() {
        others.close();
    }

    /** The others are served still, by a member that is as it was. */
    final void assertUnhurt() throws IOException {
        others.awaitRounds(20);
        try (OrdinaryClients fresh = new OrdinaryClients(member, "late")) {
            fresh.awaitRounds(5);
        }
        Await.until(
                () -> "the connections of who sent it are gone; there were " + openFiles + " files open, and are "
                        + openFilesNow(),
                () -> openFilesNow() <= openFiles + KEPT_ALIVE);
        long grown = member.liveBytes() - liveBytes;
        assertTrue(grown <= MAX_GROWTH_BYTES, () -> "the heap has grown by " + grown + " bytes");
        long resident = member.residentBytes();
        assertTrue(resident <= MAX_RESIDENT_BYTES, () -> "the member takes " + resident + " bytes");
        for (MemberProcess each : members) {
            assertTrue(each.isRunning(), each.name);
            List<String> unexpected = each.log().stream()
                    .filter(line -> !line.matches("[-0-9]+T[0-9:.]+ (INFO|WARN)  .*"))
                    .toList();
            assertEquals(List.of(), unexpected, each.name);
        }
    }

    /** The others are served so many times more, nine of ten times within this time. */
    final void assertServed(int rounds, long millis) {
        others.forgetTimes();
        others.awaitRounds(rounds);
        others.assertUsualTime(millis);
    }

    private int openFilesNow() {
        try {
            return member.openFiles();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
