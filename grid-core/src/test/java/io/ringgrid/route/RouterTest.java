package io.ringgrid.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.op.Attempt;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.MapDefinition;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Partition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each rule of the router, by a clock that is turned by hand. Times are in milliseconds. */
class RouterTest {
    private static final Id A = new Id(0, 0xA);
    private static final Id B = new Id(0, 0xB);
    private static final Id CLUSTER = new Id(7, 7);
    private static final long SESSION = 77;

    private final Router.Limits limits = new Router.Limits(ms(1000), ms(20), 100, ms(200), 10_000, ms(100));
    private final Router router = new Router(limits, SESSION);
    private final Recorder out = new Recorder();
    private long now = ms(-50);
    private int version;

    private static long ms(long millis) {
        return millis * 1_000_000;
    }

    /** Notes what the router wants, as text: {@code A#1 GET k first}, {@code A#2 PUT k again} and {@code 1=FOUND}. */
    private static final class Recorder implements Router.Effects {
        private final List<String> events = new ArrayList<>();
        private final List<Id> asked = new ArrayList<>();
        private final List<Attempt> attempts = new ArrayList<>();
        private String reason = "";

        @Override
        public void send(Id member, long correlation, boolean first, Operation op) {
            String who = member.equals(A) ? "A" : member.equals(B) ? "B" : member.brief();
            events.add(who + "#" + correlation + " " + op.kind + " " + new String(op.copyKey(), UTF_8)
                    + (first ? " first" : "") + (op.attempt != null && op.attempt.again() ? " again" : ""));
            if (op.attempt != null) {
                attempts.add(op.attempt);
            }
        }

        @Override
        public void askTime(Id member) {
            asked.add(member);
        }

        @Override
        public void answer(long ticket, Result result) {
            events.add(ticket + "=" + result.status());
            reason = result.reason();
        }
    }

    private void expect(String... events) {
        assertEquals(Arrays.asList(events), out.events);
        out.events.clear();
    }

    /** A topology of two partitions; keys in these tests: "foo" is in the second, "bar" in the first. */
    private Topology topology(@Nullable Id first, @Nullable Id second) {
        return topology(CLUSTER, ++version, Topology.State.ACTIVE, first, second);
    }

    private static Topology topology(
            Id cluster, int version, Topology.State state, @Nullable Id first, @Nullable Id second) {
        return new Topology(
                cluster,
                1,
                version,
                state,
                new Topology.Settings(2, 1, 1024),
                List.of(new MapDefinition(0, "default")),
                List.of(A),
                List.of(),
                List.of(
                        new Member(A, "a", "10.0.0.1", 7800, "", 1, MemberState.ACTIVE),
                        new Member(B, "b", "10.0.0.2", 7800, "", 1, MemberState.ACTIVE)),
                List.of(partition(version, first), partition(version, second)));
    }

    private static Partition partition(int epoch, @Nullable Id primary) {
        return new Partition(1, epoch, primary, primary == null ? List.of() : List.of(primary), null);
    }

    private static Operation op(Operation.Kind kind, String key) {
        byte[] bytes = key.getBytes(UTF_8);
        return new Operation().reset(kind).key(bytes, 0, bytes.length);
    }

    private void get(String key, long ticket) {
        router.submit(now, op(Operation.Kind.GET, key), ticket, out);
    }

    private void put(String key, long ticket) {
        router.submit(now, op(Operation.Kind.PUT, key), ticket, out);
    }

    private void answer(Id from, long correlation, Status status) {
        router.answered(now, from, correlation, Result.of(status), out);
    }

    private void retry(Id from, long correlation) {
        router.answered(now, from, correlation, Result.refused(Status.RETRY, "no lease"), out);
    }

    private void after(long millis) {
        now += ms(millis);
        router.tick(now, out);
    }

    private void start() {
        router.topology(now, topology(A, B), out);
        router.connected(now, A, out);
        router.connected(now, B, out);
    }

    @Test
    void anOperationGoesToItsPrimaryAndItsAnswerBack() {
        start();
        get("bar", 1);
        put("foo", 2);
        expect("A#1 GET bar first", "B#2 PUT foo first");
        answer(B, 2, Status.DONE);
        answer(A, 1, Status.FOUND);
        expect("2=DONE", "1=FOUND");
        assertEquals(0, router.pending());
    }

    @Test
    void anOperationMayBeReusedAfterSubmit() {
        Operation op = op(Operation.Kind.GET, "bar");
        router.submit(now, op, 1, out);
        op.reset(Operation.Kind.CLEAR);
        start();
        expect("A#1 GET bar first");
    }

    @Test
    void aRepeatedOrForeignAnswerIsIgnored() {
        start();
        get("bar", 1);
        answer(B, 1, Status.FOUND);
        answer(A, 9, Status.FOUND);
        expect("A#1 GET bar first");
        answer(A, 1, Status.MISSING);
        answer(A, 1, Status.FOUND);
        expect("1=MISSING");
    }

    @Test
    void aPartitionWideOperationGoesWhereItSays() {
        start();
        Operation size = new Operation().reset(Operation.Kind.SIZE);
        size.partition = 1;
        router.submit(now, size, 1, out);
        size.partition = 2;
        router.submit(now, size, 2, out);
        expect("B#1 SIZE  first", "2=UNAVAILABLE");
        assertEquals("not executed: no partition 2 of 2", out.reason);
    }

    @Test
    void whatComesBeforeTheTopologyWaitsInOrder() {
        put("bar", 1);
        get("bar", 2);
        router.connected(now, A, out);
        expect();
        router.topology(now, topology(A, B), out);
        expect("A#1 PUT bar first", "A#2 GET bar");
        after(999);
        expect();
    }

    @Test
    void nothingIsSentToAMemberThatIsNotConnected() {
        router.topology(now, topology(A, B), out);
        get("bar", 1);
        router.connected(now, B, out);
        expect();
        router.connected(now, A, out);
        expect("A#1 GET bar first");
    }

    @Test
    void oneselfIsAlwaysConnected() {
        router.topology(now, topology(A, B), out);
        get("bar", 1);
        router.self(now, A, out);
        expect("A#1 GET bar first");
        router.disconnected(now, A, out);
        get("bar", 2);
        expect("A#2 GET bar");
        router.self(now, B, out);
        expect();
        get("foo", 3);
        expect("B#3 GET foo first");
        get("bar", 4);
        expect();
    }

    @Test
    void aRefusalIsAskedAgainAfterAWhile() {
        start();
        put("bar", 1);
        retry(A, 1);
        after(19);
        expect("A#1 PUT bar first");
        after(1);
        expect("A#2 PUT bar first");
        answer(A, 2, Status.DONE);
        expect("1=DONE");
    }

    @Test
    void aRefusalIsAskedAgainAtOnceWhenATopologyComes() {
        start();
        put("bar", 1);
        retry(A, 1);
        router.topology(now, topology(B, B), out);
        expect("A#1 PUT bar first", "B#2 PUT bar first");
    }

    @Test
    void aRefusalByAFormerPrimaryIsAskedAgainAtOnce() {
        start();
        put("bar", 1);
        router.topology(now, topology(B, B), out);
        expect("A#1 PUT bar first");
        retry(A, 1);
        expect("B#2 PUT bar first");
    }

    @Test
    void anOlderTopologyOrAnotherClustersIsIgnored() {
        start();
        Topology older = topology(B, B);
        router.topology(now, topology(A, A), out);
        router.topology(now, older, out);
        router.topology(now, topology(new Id(8, 8), 99, Topology.State.ACTIVE, B, B), out);
        get("foo", 1);
        expect("A#1 GET foo first");
    }

    @Test
    void theDeadlineEndsARefusedWriteWithWhatItWaitedFor() {
        start();
        put("bar", 1);
        retry(A, 1);
        router.topology(now, topology(null, B), out);
        after(999);
        expect("A#1 PUT bar first");
        after(1);
        expect("1=UNAVAILABLE");
        assertEquals("not executed within 1000 ms: partition 0 has lost all its copies", out.reason);
    }

    @Test
    void theDeadlineEndsAWriteThatWasRefusedOverAndOver() {
        start();
        put("bar", 1);
        for (int i = 1; i <= 50; i++) {
            retry(A, i);
            after(20);
        }
        assertEquals("1=UNAVAILABLE", out.events.get(out.events.size() - 1));
        assertEquals("not executed within 1000 ms: partition 0 was refused: no lease", out.reason);
    }

    @Test
    void theDeadlineOfWhatIsUnderWay() {
        start();
        put("bar", 1);
        get("bar", 2);
        after(1000);
        expect("A#1 PUT bar first", "A#2 GET bar", "1=OUTCOME_UNKNOWN", "2=UNAVAILABLE");
        assertEquals("no answer from a (10.0.0.1:7800) within 1000 ms", out.reason);
        answer(A, 1, Status.DONE);
        expect();
        get("bar", 3);
        expect("A#3 GET bar first");
    }

    @Test
    void deadlinesOfTheirOwnStandBesideTheUsualOne() {
        start();
        put("bar", 1);
        router.submit(now, op(Operation.Kind.GET, "bar"), 2, ms(30), out);
        router.submit(now, op(Operation.Kind.PUT, "foo"), 3, ms(20), out);
        router.submit(now, op(Operation.Kind.GET, "foo"), 4, ms(60_000), out);
        out.events.clear();
        after(19);
        expect();
        after(1);
        expect("3=OUTCOME_UNKNOWN");
        assertTrue(out.reason.contains("within 20 ms"), out.reason);
        after(10);
        expect("2=UNAVAILABLE");
        after(30_000);
        expect("1=OUTCOME_UNKNOWN");
        after(30_000);
        expect("4=UNAVAILABLE");
        assertEquals(0, router.pending());
    }

    @Test
    void theDeadlineOfWhatWasNeverSent() {
        put("bar", 1);
        after(1000);
        expect("1=UNAVAILABLE");
        assertEquals("not executed within 1000 ms: no member has told who holds what", out.reason);
        router.topology(now, topology(A, B), out);
        put("bar", 2);
        after(1000);
        expect("2=UNAVAILABLE");
        assertEquals(
                "not executed within 1000 ms: no connection to a (10.0.0.1:7800), the primary of partition 0",
                out.reason);
        router.connected(now, A, out);
        expect();
    }

    @Test
    void whatABrokenConnectionLeavesOpenIsAskedAgainInItsOrder() {
        start();
        get("bar", 1);
        put("bar", 2);
        get("bar", 3);
        put("foo", 4);
        out.events.clear();
        router.disconnected(now, A, out);
        put("bar", 5);
        expect();
        router.connected(now, A, out);
        expect("A#5 GET bar first", "A#6 PUT bar again", "A#7 GET bar", "A#8 PUT bar");
    }

    @Test
    void anOpenWriteThatNobodyCanBeAskedAboutIsUnknown() {
        start();
        put("bar", 1);
        router.disconnected(now, A, out);
        put("bar", 2);
        out.events.clear();
        after(1000);
        expect("1=OUTCOME_UNKNOWN", "2=UNAVAILABLE");
        start();
        put("bar", 3);
        router.disconnected(now, A, out);
        router.connected(now, A, out);
        out.events.clear();
        router.answered(now, A, 3, Result.refused(Status.SESSION_EXPIRED, "it is no longer known"), out);
        expect("3=OUTCOME_UNKNOWN");
        assertEquals("it is no longer known", out.reason);
    }

    @Test
    void aWriteWhosePrimaryDoesNotKnowIsAskedAgainElsewhere() {
        start();
        put("bar", 1);
        put("bar", 2);
        answer(A, 1, Status.OUTCOME_UNKNOWN);
        after(20);
        expect("A#1 PUT bar first", "A#2 PUT bar");
        retry(A, 2);
        router.topology(now, topology(B, B), out);
        expect("B#3 PUT bar first again", "B#4 PUT bar");
        answer(B, 4, Status.DONE);
        answer(B, 3, Status.DONE);
        expect("2=DONE", "1=DONE");
    }

    @Test
    void writesToOthersAreNumberedAndThoseToOneselfAreNot() {
        router.self(now, A, out);
        router.topology(now, topology(A, B), out);
        router.connected(now, B, out);
        put("bar", 1);
        get("foo", 2);
        assertEquals(List.of(), out.attempts);
        put("foo", 3);
        put("foo", 4);
        answer(B, 3, Status.DONE);
        put("foo", 5);
        assertEquals(
                List.of(
                        new Attempt(SESSION, 1, 1, false, Attempt.UNHEARD),
                        new Attempt(SESSION, 2, 1, false, Attempt.UNHEARD),
                        new Attempt(SESSION, 3, 2, false, Attempt.UNHEARD)),
                out.attempts);
        out.events.clear();
        // Of its own it does not know what became of it, and has no number to ask by.
        answer(A, 1, Status.OUTCOME_UNKNOWN);
        expect("1=OUTCOME_UNKNOWN");
    }

    @Test
    void whoAsksItselfAgainKnowsItsOwnClock() {
        router.self(now, A, out);
        router.topology(now, topology(B, B), out);
        router.connected(now, B, out);
        put("bar", 1);
        long first = now;
        after(1);
        router.topology(now, topology(A, A), out);
        router.disconnected(now, B, out);
        expect("B#1 PUT bar first", "A#2 PUT bar first again");
        assertEquals(first, out.attempts.get(1).since());
    }

    @Test
    void whoIsAskedAgainHearsWhatItsClockWasBeforeTheFirstAttempt() {
        start();
        assertEquals(List.of(A, B), out.asked);
        router.told(now, A, 500);
        router.told(now, B, 9000);
        put("bar", 1);
        after(1);
        router.told(now, B, 9001);
        router.disconnected(now, A, out);
        router.topology(now, topology(B, B), out);
        router.disconnected(now, B, out);
        router.connected(now, B, out);
        assertEquals(
                List.of(Attempt.UNHEARD, 9000L, 9000L),
                out.attempts.stream().map(Attempt::since).toList());
        out.asked.clear();
        after(999);
        assertEquals(List.of(), out.asked);
        after(1);
        assertEquals(List.of(B), out.asked);
    }

    @Test
    void aReadOfABrokenConnectionGoesToTheNewPrimary() {
        start();
        get("bar", 1);
        router.topology(now, topology(B, B), out);
        router.disconnected(now, A, out);
        expect("A#1 GET bar first", "B#2 GET bar first");
    }

    @Test
    void whatComesLaterQueuesBehindARefusal() {
        start();
        put("bar", 1);
        retry(A, 1);
        put("bar", 2);
        put("foo", 3);
        expect("A#1 PUT bar first", "B#2 PUT foo first");
        after(20);
        expect("A#3 PUT bar first", "A#4 PUT bar");
    }

    @Test
    void afterARefusalTheLaneDrainsAndKeepsItsOrder() {
        start();
        put("bar", 1);
        put("bar", 2);
        put("bar", 3);
        out.events.clear();
        retry(A, 1);
        after(20);
        expect();
        retry(A, 3);
        after(20);
        expect();
        retry(A, 2);
        after(20);
        expect("A#4 PUT bar first", "A#5 PUT bar", "A#6 PUT bar");
        answer(A, 4, Status.DONE);
        answer(A, 5, Status.DONE);
        answer(A, 6, Status.DONE);
        expect("1=DONE", "2=DONE", "3=DONE");
    }

    @Test
    void whatComesLaterWaitsForTheFormerPrimary() {
        start();
        put("bar", 1);
        router.topology(now, topology(B, B), out);
        put("bar", 2);
        after(50);
        expect("A#1 PUT bar first");
        retry(A, 1);
        expect("B#2 PUT bar first", "B#3 PUT bar");
    }

    @Test
    void aFormerPrimaryThatIsSilentIsOvertaken() {
        start();
        put("bar", 1);
        get("bar", 2);
        router.topology(now, topology(B, B), out);
        put("bar", 3);
        after(99);
        expect("A#1 PUT bar first", "A#2 GET bar");
        after(1);
        expect("B#3 PUT bar first again", "B#4 GET bar", "B#5 PUT bar");
        answer(A, 2, Status.FOUND);
        retry(A, 1);
        expect();
        answer(B, 3, Status.DONE);
        answer(B, 5, Status.DONE);
        answer(B, 4, Status.FOUND);
        expect("1=DONE", "3=DONE", "2=FOUND");
        assertEquals(0, router.pending());
    }

    @Test
    void anOwnWriteThatWasOvertakenIsNotAskedAgain() {
        router.self(now, A, out);
        start();
        put("bar", 1);
        router.topology(now, topology(B, B), out);
        put("bar", 2);
        after(100);
        expect("A#1 PUT bar first", "B#2 PUT bar first");
        retry(A, 1);
        expect("1=UNAVAILABLE");
        assertEquals(
                "not executed: partition 0 has moved, and a (10.0.0.1:7800) refused only after later operations had gone ahead",
                out.reason);
    }

    @Test
    void anOvertakenWriteHasItsAnswerOrStaysOpen() {
        router.self(now, A, out);
        start();
        put("bar", 1);
        put("bar", 2);
        put("bar", 3);
        router.topology(now, topology(B, B), out);
        put("bar", 4);
        after(100);
        out.events.clear();
        answer(A, 1, Status.DONE);
        expect("1=DONE");
        router.self(now, new Id(0, 0xC), out);
        expect("2=OUTCOME_UNKNOWN", "3=OUTCOME_UNKNOWN");
        put("bar", 5);
        expect("B#5 PUT bar");
    }

    @Test
    void tooMuchIsRefusedAtOnce() {
        for (int i = 1; i <= 100; i++) {
            put("bar", i);
        }
        put("bar", 101);
        expect("101=UNAVAILABLE");
        assertEquals("not executed: overloaded, 100 operations of 300 bytes are pending", out.reason);
    }

    @Test
    void tooManyBytesAreRefusedButASingleOperationNever() {
        Operation big = op(Operation.Kind.PUT, "bar").value(new byte[20_000], 0, 20_000);
        router.submit(now, big, 1, out);
        expect();
        put("bar", 2);
        expect("2=UNAVAILABLE");
        start();
        answer(A, 1, Status.DONE);
        put("bar", 3);
        expect("A#1 PUT bar first", "1=DONE", "A#2 PUT bar first");
    }

    @Test
    void aLongTimeUnservedRefusesWhatWaitsAndWhatComes() {
        start();
        put("bar", 1);
        put("foo", 2);
        retry(A, 1);
        out.events.clear();
        router.disconnected(now, B, out);
        get("foo", 3);
        expect();
        router.unserved(now, "no quorum: 1 of 3 voters");
        after(100);
        retry(A, 3);
        router.unserved(now, "no quorum: 1 of 3 voters");
        expect("A#3 PUT bar first");
        after(100);
        expect("1=UNAVAILABLE", "2=OUTCOME_UNKNOWN", "3=UNAVAILABLE");
        get("bar", 4);
        expect("4=UNAVAILABLE");
        assertEquals("not executed: no quorum: 1 of 3 voters", out.reason);
        router.served(now);
        get("bar", 5);
        expect("A#4 GET bar first");
    }

    @Test
    void beingServedInBetweenStartsTheWaitAnew() {
        start();
        router.unserved(now, "no lease");
        after(150);
        router.served(now);
        router.unserved(now, "no lease");
        after(150);
        get("bar", 1);
        expect("A#1 GET bar first");
        after(50);
        retry(A, 1);
        expect("1=UNAVAILABLE");
    }

    @Test
    void aClusterThatIsBeingJoinedToAnotherServesNothing() {
        start();
        router.topology(now, topology(CLUSTER, ++version, Topology.State.DISSOLVING, A, B), out);
        get("bar", 1);
        after(1000);
        expect("1=UNAVAILABLE");
        assertEquals("not executed within 1000 ms: the cluster is being joined to another one", out.reason);
    }

    @Test
    void anotherClusterReplacesTheFormerWhateverItsVersion() {
        start();
        put("bar", 1);
        get("bar", 2);
        router.disconnected(now, B, out);
        put("foo", 3);
        Operation inMap = op(Operation.Kind.PUT, "foo");
        inMap.map = 5;
        router.submit(now, inMap, 4, out);
        out.events.clear();
        router.replace(now, topology(new Id(8, 8), 1, Topology.State.ACTIVE, A, A), out);
        expect("4=UNAVAILABLE", "A#3 GET bar first", "A#4 PUT foo first");
        answer(A, 2, Status.FOUND);
        retry(A, 1);
        expect("1=UNAVAILABLE");
    }

    @Test
    void whatWasRefusedInTheFormerClusterIsAskedInTheNext() {
        start();
        put("bar", 1);
        retry(A, 1);
        out.events.clear();
        router.replace(now, topology(new Id(8, 8), 1, Topology.State.ACTIVE, B, B), out);
        expect("B#2 PUT bar first");
        answer(B, 2, Status.DONE);
        expect("1=DONE");
    }

    @Test
    void closingAnswersAllAndRefusesWhatComes() {
        start();
        put("bar", 1);
        get("bar", 2);
        router.topology(now, topology(B, B), out);
        put("bar", 3);
        out.events.clear();
        router.close("this client is closed", out);
        put("bar", 4);
        expect("1=OUTCOME_UNKNOWN", "2=UNAVAILABLE", "3=UNAVAILABLE", "4=UNAVAILABLE");
        assertEquals("not executed: this client is closed", out.reason);
        answer(A, 1, Status.DONE);
        after(1000);
        expect();
    }

    @Test
    void theFenceRefusesUpToTheNextFirst() {
        Fence fence = new Fence();
        assertTrue(fence.admits(3, false));
        fence.refused(3);
        assertEquals(
                List.of(false, true, true),
                List.of(fence.admits(3, false), fence.admits(4, false), fence.admits(3, true)));
        assertTrue(fence.admits(3, false));
    }

    @Test
    void limitsThatContradictEachOtherAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Router.Limits(ms(10), ms(20), 1, ms(1), 1, ms(30)));
        assertThrows(IllegalArgumentException.class, () -> new Router.Limits(ms(100), ms(20), 0, ms(1), 1, ms(30)));
        assertEquals(ms(5), Router.Limits.DEFAULT.withDeadline(ms(5)).retryNanos());
    }

    /**
     * Random members that refuse, answer, break and move, behind fences: every ticket is answered exactly once, and the
     * writes of a partition take effect in the order of submission.
     */
    @Test
    void everyTicketIsAnsweredOnceAndWritesKeepTheirOrder() {
        for (long seed = 1; seed <= 300; seed++) {
            new Storm(seed).run();
        }
    }

    private static final class Storm implements Router.Effects {
        private record Sent(
                Id member,
                int life,
                int version,
                long correlation,
                boolean first,
                int partition,
                long ticket,
                @Nullable Attempt attempt) {}

        private final long seed;
        private final Random random;
        private final Router router =
                new Router(new Router.Limits(ms(500), ms(20), 1000, ms(200), 10_000, ms(60)), SESSION);
        private final List<Sent> wire = new ArrayList<>();
        private final Fence[] fences = {new Fence(), new Fence()};
        private final int[] lives = new int[2];
        private final Id[] primaries = {A, B};
        /** The topology in which each primary became it: it has emptied its sockets of all that is older. */
        private final int[] since = new int[2];

        private final long[] executed = new long[2];
        private final Set<Long> answered = new HashSet<>();
        private final Set<Long> effective = new HashSet<>();
        /** What members remember, all alike. */
        private final Set<Long> numbers = new HashSet<>();

        private int version = 1;
        private long tickets;
        private long now;

        Storm(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
        }

        void run() {
            publish();
            for (Id id : primaries) {
                router.connected(now, id, this);
            }
            for (int step = 0; step < 2000; step++) {
                step(random.nextInt(100));
            }
            now += ms(500);
            router.tick(now, this);
            assertEquals(tickets, answered.size(), "seed " + seed);
            assertTrue(effective.size() > 25, "seed " + seed + " executed only " + effective.size());
        }

        private void step(int dice) {
            if (dice < 20) {
                String key = random.nextBoolean() ? "bar" : "foo";
                byte[] ticket = Long.toString(++tickets).getBytes(UTF_8);
                router.submit(now, op(Operation.Kind.PUT, key).value(ticket, 0, ticket.length), tickets, this);
            } else if (dice < 85) {
                deliver();
            } else if (dice < 97) {
                now += ms(random.nextInt(12));
                router.tick(now, this);
            } else if (dice == 97) {
                int partition = random.nextInt(2);
                primaries[partition] = primaries[partition].equals(A) ? B : A;
                since[partition] = ++version;
                publish();
            } else if (dice == 98) {
                reconnect(random.nextInt(2));
            }
        }

        private void publish() {
            router.topology(now, topology(CLUSTER, version, Topology.State.ACTIVE, primaries[0], primaries[1]), this);
        }

        private void reconnect(int which) {
            Id id = which == 0 ? A : B;
            router.disconnected(now, id, this);
            wire.removeIf(sent -> sent.member.equals(id) && random.nextBoolean());
            lives[which]++;
            fences[which] = new Fence();
            router.connected(now, id, this);
        }

        /** The oldest of one member's requests arrives: refused, executed, or its answer is lost. */
        private void deliver() {
            Id id = random.nextBoolean() ? A : B;
            int which = id.equals(A) ? 0 : 1;
            Sent sent =
                    wire.stream().filter(s -> s.member.equals(id)).findFirst().orElse(null);
            if (sent == null) {
                return;
            }
            wire.remove(sent);
            boolean live = sent.life == lives[which];
            boolean primary = id.equals(primaries[sent.partition]) && sent.version >= since[sent.partition];
            boolean serves = primary && random.nextInt(10) > 0;
            if (!live) {
                return;
            }
            if (!fences[which].admits(sent.partition, sent.first) || !serves) {
                fences[which].refused(sent.partition);
                router.answered(now, id, sent.correlation, Result.of(Status.RETRY), this);
                return;
            }
            Attempt attempt = Objects.requireNonNull(sent.attempt);
            if (numbers.add(attempt.number())) {
                assertTrue(sent.ticket > executed[sent.partition], "seed " + seed + ": out of order at " + sent);
                executed[sent.partition] = sent.ticket;
                assertTrue(effective.add(sent.ticket), "seed " + seed + ": executed twice " + sent);
            } else {
                assertTrue(attempt.again(), "seed " + seed + ": not said to be repeated: " + sent);
            }
            if (random.nextInt(100) == 0) {
                router.answered(now, id, sent.correlation, Result.of(Status.OUTCOME_UNKNOWN), this);
            } else if (random.nextInt(100) == 0) {
                reconnect(which);
            } else {
                router.answered(now, id, sent.correlation, Result.DONE, this);
            }
        }

        @Override
        public void askTime(Id member) {}

        @Override
        public void send(Id member, long correlation, boolean first, Operation op) {
            long ticket = Long.parseLong(new String(op.copyValue(), UTF_8));
            int life = lives[member.equals(A) ? 0 : 1];
            wire.add(new Sent(member, life, version, correlation, first, op.partition, ticket, op.attempt));
        }

        @Override
        public void answer(long ticket, Result result) {
            assertTrue(answered.add(ticket), "seed " + seed + ": answered twice: " + ticket);
            if (result.status() == Status.DONE) {
                assertTrue(effective.contains(ticket), "seed " + seed + ": not executed but done: " + ticket);
            } else if (result.status() == Status.UNAVAILABLE) {
                assertTrue(!effective.contains(ticket), "seed " + seed + ": executed but unavailable: " + ticket);
            }
        }
    }
}
