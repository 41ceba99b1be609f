package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.GridMap;
import io.ringgrid.client.GridClient;
import io.ringgrid.node.binary.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the HTTP door tells people and monitoring while a member dies and another one comes in its place. */
@Timeout(2 * 60)
final class HealthProcessTest extends ThreeMembersTest {
    private static final int PARTITIONS = 1024;
    private static final int SETTLED_SECONDS = 60;
    private static final int VALUES = 64;
    private static final int VALUE_BYTES = 256 << 10;

    @Test
    void theHealthPagesTellOfADeathAndAReturn() throws Exception {
        fill();
        MemberProcess victim = members.get(1);
        List<MemberProcess> survivors = List.of(members.get(0), members.get(2));
        JSONObject whole = agreed(members);
        assertShares(whole, 3);
        String formerId = memberIn(whole, victim).getString("id");

        victim.kill();
        for (MemberProcess survivor : survivors) {
            assertEquals("200 live\n", survivor.shown("/health/live"));
        }
        MemberProcess witness = survivors.get(0);
        awaitShown(
                witness,
                "/cluster/safe",
                "503 not safe: [1-9][0-9]* of 1024 partitions lack a copy, 0 have none left\n");
        awaitShown(witness, "/cluster/safe", "200 safe\n");
        MemberProcess.awaitWhole(survivors);
        JSONObject halved = agreed(survivors);
        assertShares(halved, 2);
        assertTrue(
                halved.getLong("topologyVersion") > whole.getLong("topologyVersion"),
                () -> whole + " was followed by " + halved);
        assertEquals(whole.getString("clusterId"), halved.getString("clusterId"));

        victim.start();
        awaitShown(victim, "/health/live", "200 live\n");
        String safe = victim.shown("/cluster/safe");
        String ready = victim.shown("/health/ready");
        // It looks for others for half a second; on a busy machine it may have joined before it was asked.
        if (!ready.equals("200 ready\n")) {
            assertEquals("503 not ready: this member has not joined a cluster yet\n", ready);
            assertEquals(
                    "503 not safe: " + PARTITIONS + " of " + PARTITIONS + " partitions lack a copy, 0 have none left\n",
                    safe);
        }
        awaitShown(victim, "/health/ready", "200 ready\n");
        MemberProcess.awaitWhole(members);
        JSONObject again = agreed(members);
        assertShares(again, 3);
        assertTrue(
                again.getLong("topologyVersion") > halved.getLong("topologyVersion"),
                () -> halved + " was followed by " + again);
        assertNotEquals(
                formerId, memberIn(again, victim).getString("id"), "a process that comes back is another member");
        // A copy that moved is dropped a moment after there are enough.
        Await.until(
                () -> 2 * VALUES + " entries and copies are counted, not " + entries(members),
                () -> entries(members) == 2 * VALUES);
    }

    /** Enough that copies are not made in an instant. */
    private void fill() {
        byte[] value = new byte[VALUE_BYTES];
        try (GridClient grid = GridClient.connect(MemberProcess.HOST + ":" + members.get(0).nativePort)) {
            GridMap<String, byte[]> map = grid.map("default");
            IntStream.range(0, VALUES).forEach(i -> map.put("value:" + i, value));
        }
    }

    private static long entries(List<MemberProcess> members) {
        return members.stream()
                .mapToLong(member -> member.cluster().getLong("entries"))
                .sum();
    }

    private static void awaitShown(MemberProcess member, String path, String expected) {
        Await.until(
                () -> member.name + " shows at " + path + " " + expected + " and not " + member.shown(path),
                () -> member.shown(path).matches(expected));
    }

    /**
     * The view of these members, once all of them have the same, no partition is on its way to another member, and each
     * member has its share.
     */
    private static JSONObject agreed(List<MemberProcess> members) {
        List<JSONObject> agreed = new ArrayList<>();
        Await.until(
                () -> "all members know the same settled topology; the first shows " + agreed.get(0),
                SETTLED_SECONDS,
                () -> {
                    List<JSONObject> views =
                            members.stream().map(MemberProcess::cluster).toList();
                    agreed.add(0, views.get(0));
                    return views.stream().allMatch(view -> isSettled(view, members.size()))
                            && views.stream()
                                            .mapToLong(view -> view.getLong("topologyVersion"))
                                            .distinct()
                                            .count()
                                    == 1;
                });
        return agreed.get(0);
    }

    private static boolean isSettled(JSONObject view, int members) {
        if (!view.getBoolean("safe")
                || sum(view, "backups") != PARTITIONS
                || view.getJSONArray("members").length() != members) {
            return false;
        }
        for (Object member : view.getJSONArray("members")) {
            if (!hasShare((JSONObject) member, members)) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasShare(JSONObject member, int members) {
        return member.getInt("primaries") + member.getInt("backups") >= PARTITIONS / members;
    }

    private static int sum(JSONObject cluster, String count) {
        int sum = 0;
        for (Object member : cluster.getJSONArray("members")) {
            sum += ((JSONObject) member).getInt(count);
        }
        return sum;
    }

    private static JSONObject memberIn(JSONObject cluster, MemberProcess member) {
        for (Object each : cluster.getJSONArray("members")) {
            JSONObject shown = (JSONObject) each;
            if (shown.getString("address").equals(MemberProcess.HOST + ":" + member.nativePort)) {
                return shown;
            }
        }
        throw new AssertionError(member.name + " is not in " + cluster);
    }

    /** All partitions have one primary and one backup, and every member has its share. */
    private static void assertShares(JSONObject cluster, int members) {
        String shown = cluster.toString();
        assertEquals(members, cluster.getJSONArray("members").length(), shown);
        assertTrue(cluster.getBoolean("ready") && cluster.getBoolean("safe"), shown);
        assertEquals("", cluster.getString("reason"), shown);
        assertEquals(0, cluster.getInt("missingCopies"), shown);
        assertEquals(0, cluster.getInt("lostPartitions"), shown);
        assertEquals(PARTITIONS, cluster.getInt("partitions"), shown);
        assertEquals(PARTITIONS, sum(cluster, "primaries"), shown);
        assertEquals(PARTITIONS, sum(cluster, "backups"), shown);
        int leaders = 0;
        int voters = 0;
        for (Object each : cluster.getJSONArray("members")) {
            JSONObject member = (JSONObject) each;
            assertEquals("active", member.getString("state"), shown);
            leaders += member.getBoolean("leader") ? 1 : 0;
            voters += member.getBoolean("voter") ? 1 : 0;
            assertTrue(hasShare(member, members), shown);
        }
        assertEquals(1, leaders, shown);
        assertEquals(members == 3 ? 3 : 1, voters, shown);
    }
}
