package io.ringgrid.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.sim.Seeds;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PlannerTest {
    private static RingMember member(Random random, String zone, int weight) {
        return new RingMember(new Id(random.nextLong(), random.nextLong()), zone, weight);
    }

    private static RingMember member(Random random) {
        return member(random, "", 1);
    }

    private static List<RingMember> members(Random random, int count) {
        List<RingMember> members = new ArrayList<>();
        while (members.size() < count) {
            members.add(member(random));
        }
        return members;
    }

    private static Map<Id, Integer> loads(RingTable table, List<RingMember> members, boolean primaries) {
        Map<Id, Integer> loads = new HashMap<>();
        members.forEach(member -> loads.put(member.id(), 0));
        for (List<Id> owners : table.owners()) {
            owners.stream().limit(primaries ? 1 : owners.size()).forEach(owner -> loads.merge(owner, 1, Integer::sum));
        }
        return loads;
    }

    /** What must hold for every table: so many distinct members, in as many zones as there are. */
    private static void checkOwners(RingTable table, List<RingMember> members, int copies) {
        Map<Id, String> zones = new HashMap<>();
        members.forEach(member -> zones.put(member.id(), member.zone()));
        int owners = Math.min(copies, members.size());
        int spread = Math.min(owners, new HashSet<>(zones.values()).size());
        for (List<Id> row : table.owners()) {
            assertEquals(owners, row.size(), () -> "owners " + row);
            assertEquals(owners, new HashSet<>(row).size(), () -> "twice in " + row);
            assertTrue(zones.keySet().containsAll(row), () -> "a stranger in " + row);
            Set<String> inZones = new HashSet<>();
            row.forEach(owner -> inZones.add(zones.get(owner)));
            assertEquals(spread, inZones.size(), () -> "zones " + inZones + " of " + zones.values());
        }
    }

    /** With equal weights and even zones: nobody has more than the mean, rounded up, of copies and of primaries. */
    private static void checkBalance(RingTable table, List<RingMember> members, int copies) {
        int owners = Math.min(copies, members.size());
        for (boolean primaries : new boolean[] {false, true}) {
            double mean = (double) table.partitions() * (primaries ? 1 : owners) / members.size();
            int most = Collections.max(loads(table, members, primaries).values());
            double limit = mean >= 16 ? Math.max(1.05, Math.ceil(mean) / mean) : Math.ceil(mean) / mean;
            assertTrue(most / mean <= limit, () -> most + " with a mean of " + mean + ", primaries: " + primaries);
        }
    }

    /**
     * The fewest moves, without zones and with equal weights, after which all loads are the mean rounded down or up:
     * what is missing below, or what is empty and too much above.
     */
    private static int optimum(RingTable previous, List<RingMember> members, int copies) {
        int owners = Math.min(copies, members.size());
        Map<Id, Integer> kept = new HashMap<>();
        members.forEach(member -> kept.put(member.id(), 0));
        int empty = 0;
        for (List<Id> row : previous.owners()) {
            List<Id> alive = row.stream().filter(kept::containsKey).toList();
            assertTrue(alive.size() <= owners, "the optimum is not known when copies are dropped");
            alive.forEach(owner -> kept.merge(owner, 1, Integer::sum));
            empty += owners - alive.size();
        }
        int total = previous.partitions() * owners;
        int floor = total / members.size();
        int ceiling = (total + members.size() - 1) / members.size();
        int below = 0;
        int above = empty;
        for (int load : kept.values()) {
            below += Math.max(0, floor - load);
            above += Math.max(0, load - ceiling);
        }
        return Math.max(below, above);
    }

    private static RingTable planned(RingTable previous, List<RingMember> members, int copies) {
        RingTable next = Planner.next(previous, members, copies);
        checkOwners(next, members, copies);
        checkBalance(next, members, copies);
        int optimum = optimum(previous, members, copies);
        int moved = next.movesFrom(previous);
        assertTrue(
                moved <= Math.max(optimum * 1.02, optimum + 1),
                () -> "moved " + moved + " where " + optimum + " would do, " + members.size() + " members");
        return next;
    }

    @Test
    void growsAndShrinksOneByOneWithinTheFigures() {
        Seeds.forEach(1, 3, random -> {
            int copies = 1 + random.nextInt(4);
            List<RingMember> members = new ArrayList<>();
            RingTable table = RingTable.empty(1024);
            for (int size = 1; size <= 64; size++) {
                members.add(member(random));
                table = planned(table, members, copies);
            }
            while (members.size() > copies) {
                members.remove(random.nextInt(members.size()));
                table = planned(table, members, copies);
            }
        });
    }

    @Test
    void holdsTheFiguresUpToAThousandMembers() {
        Seeds.forEach(1, 2, random -> {
            List<RingMember> members = members(random, 100);
            RingTable table = planned(RingTable.empty(16384), members, 2);
            for (int step = 0; step < 60; step++) {
                int joining = members.size() >= 1000 ? 0 : random.nextInt(60);
                members.addAll(members(random, Math.min(joining, 1000 - members.size())));
                if (random.nextInt(3) == 0) {
                    members.remove(random.nextInt(members.size()));
                }
                table = planned(table, members, 2);
            }
            members.addAll(members(random, 1000 - members.size()));
            table = planned(table, members, 2);
            members.remove(500);
            planned(table, members, 2);
        });
    }

    @Test
    void jumpsFromAFewToManyAndBack() {
        Seeds.forEach(1, 30, random -> {
            int copies = 1 + random.nextInt(4);
            List<RingMember> members = members(random, copies + random.nextInt(4));
            RingTable table = planned(RingTable.empty(4096), members, copies);
            members.addAll(members(random, random.nextInt(100)));
            table = planned(table, members, copies);
            Collections.shuffle(members, random);
            members = members.subList(0, Math.max(copies, members.size() / 2));
            planned(table, members, copies);
        });
    }

    @Test
    void evenZonesKeepTheFigures() {
        Seeds.forEach(1, 20, random -> {
            int zones = 2 + random.nextInt(4);
            int copies = 1 + random.nextInt(5);
            List<RingMember> members = new ArrayList<>();
            RingTable table = RingTable.empty(2048);
            for (int size = 1; size <= 8; size++) {
                for (int zone = 0; zone < zones; zone++) {
                    members.add(member(random, "zone" + zone, 1));
                }
                if (members.size() < copies) {
                    continue;
                }
                table = planned(table, members, copies);
            }
        });
    }

    @Test
    void theWeightsAreTheShares() {
        Seeds.forEach(1, 100, random -> {
            int copies = 1 + random.nextInt(3);
            List<RingMember> members = new ArrayList<>();
            RingTable table = RingTable.empty(1024);
            for (int step = 0; step < 12; step++) {
                for (int i = step == 0 ? 3 * copies : random.nextInt(3); i > 0; i--) {
                    members.add(member(random, "", 5 + random.nextInt(6)));
                }
                if (members.size() > 3 * copies && random.nextBoolean()) {
                    members.remove(random.nextInt(members.size()));
                }
                table = Planner.next(table, members, copies);
                checkOwners(table, members, copies);
                Map<Id, Integer> loads = loads(table, members, false);
                Map<Id, Integer> primaries = loads(table, members, true);
                double all = members.stream().mapToInt(RingMember::weight).sum();
                for (RingMember member : members) {
                    double share = member.weight() / all * 1024 * copies;
                    int load = loads.getOrDefault(member.id(), 0);
                    assertTrue(Math.abs(load - share) < 1, () -> load + " for a share of " + share);
                    double primaryShare = (double) load / copies;
                    int primary = primaries.getOrDefault(member.id(), 0);
                    assertTrue(Math.abs(primary - primaryShare) < 1, () -> primary + " of " + load + " copies");
                }
            }
        });
    }

    @Test
    void anyChurnLeavesAProperTable() {
        Seeds.forEach(1, 300, random -> {
            int zones = 1 + random.nextInt(6);
            List<RingMember> members = new ArrayList<>();
            RingTable table = RingTable.empty(1 << random.nextInt(11));
            for (int step = 0; step < 10; step++) {
                int copies = 1 + random.nextInt(6);
                for (int i = random.nextInt(6); i > 0; i--) {
                    members.add(member(random, "z" + random.nextInt(zones), 1 + random.nextInt(1000)));
                }
                Collections.shuffle(members, random);
                members = new ArrayList<>(members.subList(0, members.size() - random.nextInt(members.size() / 2 + 1)));
                table = Planner.next(table, members, copies);
                checkOwners(table, members, copies);
                Collections.shuffle(members, random);
                int moved = Planner.next(table, members, copies).movesFrom(table);
                assertEquals(0, moved, "a plan that is carried out stays");
                assertTrue(table.equals(Planner.next(table, members, copies)), "roles stay as well");
            }
        });
    }

    @Test
    void takesARaggedTable() {
        Seeds.forEach(1, 100, random -> {
            List<RingMember> members = members(random, 1 + random.nextInt(12));
            List<RingMember> all = new ArrayList<>(members);
            all.addAll(members(random, 3));
            List<List<Id>> rows = new ArrayList<>();
            for (int partition = 0; partition < 512; partition++) {
                Collections.shuffle(all, random);
                List<Id> row = new ArrayList<>();
                all.subList(0, random.nextInt(all.size() + 1)).forEach(member -> row.add(member.id()));
                if (!row.isEmpty() && random.nextInt(10) == 0) {
                    row.add(row.get(0));
                }
                rows.add(row);
            }
            int copies = 1 + random.nextInt(4);
            RingTable table = Planner.next(new RingTable(rows), members, copies);
            checkOwners(table, members, copies);
            checkBalance(table, members, copies);
        });
    }

    @Test
    void dependsOnNothingButWhatItIsGiven() {
        Seeds.forEach(1, 30, random -> {
            List<RingMember> members = new ArrayList<>();
            for (int i = random.nextInt(30) + 2; i > 0; i--) {
                members.add(member(random, "z" + random.nextInt(3), 1 + random.nextInt(3)));
            }
            RingTable first = Planner.next(RingTable.empty(512), members, 3);
            List<RingMember> others = new ArrayList<>(members);
            Collections.shuffle(others, random);
            assertTrue(first.equals(Planner.next(RingTable.empty(512), others, 3)), "the order of members");
            others.remove(0);
            RingTable second = Planner.next(first, others, 2);
            Collections.shuffle(others, random);
            assertTrue(second.equals(Planner.next(new RingTable(first.owners()), others, 2)), "again");
        });
    }

    @Test
    void theOtherCopiesOfAMemberAreOnMany() {
        Random random = new Random(1);
        List<RingMember> members = members(random, 50);
        RingTable table = RingTable.empty(1024);
        for (int size = 1; size <= members.size(); size++) {
            table = Planner.next(table, members.subList(0, size), 2);
        }
        for (RingMember member : members) {
            Set<Id> others = new HashSet<>();
            table.owners().stream().filter(row -> row.contains(member.id())).forEach(others::addAll);
            assertTrue(others.size() > 15, () -> member.id() + " shares only with " + others.size());
        }
    }

    @Test
    void withoutMembersNobodyOwnsAnything() {
        Random random = new Random(1);
        List<RingMember> members = members(random, 2);
        RingTable table = Planner.next(RingTable.empty(64), members, 2);
        assertEquals(RingTable.empty(64), Planner.next(table, List.of(), 2));
    }

    @Test
    void aMemberListedTwiceIsRefused() {
        RingMember member = member(new Random(1));
        assertThrows(
                IllegalArgumentException.class, () -> Planner.next(RingTable.empty(64), List.of(member, member), 2));
    }

    @Test
    void plansAThousandMembersWithin50Milliseconds() {
        Random random = new Random(1);
        List<RingMember> members = members(random, 1000);
        List<RingMember> fewer = members.subList(0, 999);
        RingTable empty = RingTable.empty(16384);
        RingTable table = Planner.next(empty, members, 2);
        RingTable before = Planner.next(empty, fewer, 2);
        long first = median(() -> Planner.next(empty, members, 2));
        long join = median(() -> Planner.next(before, members, 2));
        long leave = median(() -> Planner.next(table, fewer, 2));
        String figures = String.format("first %d us, join %d us, leave %d us", first, join, leave);
        System.out.println("planner, 1000 members, 16384 partitions, 2 copies: " + figures);
        assertTrue(Math.max(first, Math.max(join, leave)) <= 50_000, figures);
    }

    private static long median(Runnable plan) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 30; i++) {
            plan.run();
        }
        long[] micros = new long[15];
        for (int i = 0; i < micros.length; i++) {
            // The time that this thread ran, whatever else runs on the machine.
            long start = threads.getCurrentThreadCpuTime();
            plan.run();
            micros[i] = (threads.getCurrentThreadCpuTime() - start) / 1000;
        }
        Arrays.sort(micros);
        return micros[micros.length / 2];
    }
}
