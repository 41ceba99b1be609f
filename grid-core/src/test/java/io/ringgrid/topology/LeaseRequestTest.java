package io.ringgrid.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ringgrid.ring.Id;
import io.ringgrid.topology.RegisterMessage.Held;
import io.ringgrid.topology.RegisterMessage.Lease;
import io.ringgrid.topology.RegisterMessage.LeaseRequest;
import io.ringgrid.topology.Topology.MapDefinition;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Partition;
import io.ringgrid.topology.Topology.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is said to who asks for a lease and is to have none. */
class LeaseRequestTest {
    private static final long MILLI = 1_000_000;
    private static final Id CLUSTER = new Id(7, 7);
    private static final Settings SETTINGS = new Settings(1, 1, 1024);
    private static final Member SELF = new Member(new Id(1, 1), "one", "127.0.0.1", 1, "", 1, MemberState.ACTIVE);
    private static final Member OTHER = new Member(new Id(2, 2), "two", "127.0.0.1", 2, "", 1, MemberState.ACTIVE);

    private static final class Sent implements RegisterEffects {
        private final List<RegisterMessage> messages = new ArrayList<>();

        @Override
        public void send(Id to, RegisterMessage message) {
            assertEquals(OTHER.id(), to);
            messages.add(message);
        }

        @Override
        public void hold(Topology held) {}

        @Override
        public void commit(Topology committed) {}

        @Override
        public void expelled(String reason) {}

        @Override
        public void left() {}

        @Override
        public boolean wrote() {
            return false;
        }

        @Override
        public boolean takesOver() {
            return false;
        }

        @Override
        public void report(Report report) {}
    }

    private static Topology founded(Register register, Sent sent) {
        for (long nanos = 0; register.committed() == null; nanos += 20 * MILLI) {
            register.tick(nanos, nanos / MILLI, sent);
        }
        return Objects.requireNonNull(register.committed());
    }

    private static void ask(Register register, Id cluster, Sent sent) {
        register.receive(0, 0, OTHER.id(), new LeaseRequest(cluster, 5, 5, 1, 1), sent);
    }

    /** It may hold the topology that lacks it, from before that was committed, and no heartbeat tells it more. */
    @Test
    void whoIsNoMemberHearsThatThisIsCommittedAndHasNoLease() {
        Register register = new Register(SELF, SETTINGS, Times.DEFAULT, new Random(1));
        Sent sent = new Sent();
        Topology founded = founded(register, sent);
        assertEquals(1, founded.version());
        ask(register, founded.cluster(), sent);
        assertEquals(List.of(new Held(founded, true)), sent.messages);
    }

    /** It may not hear the leader, who tells the others what is committed. */
    @Test
    void whoIsGrantedALeaseHearsWhatIsCommitted() {
        Register register = new Register(SELF, SETTINGS, Times.DEFAULT, new Random(1));
        Sent sent = new Sent();
        Topology founded = founded(register, sent);
        Topology next = Proposal.withStamp(founded, 1, 2);
        register.receive(0, 0, OTHER.id(), new Held(next, false), sent);
        register.receive(0, 0, OTHER.id(), new Lease(founded.cluster(), 5, 5, 1, 1), sent);
        assertEquals(founded, register.committed());
        register.receive(0, 0, OTHER.id(), new Lease(founded.cluster(), 6, 6, 1, 2), sent);
        assertEquals(next, register.committed());
    }

    @Test
    void whoAsksForALeaseUnderADissolvedClusterHearsOfItsEnd() {
        Register register = new Register(SELF, SETTINGS, Times.DEFAULT, new Random(1));
        Topology end = new Topology(
                CLUSTER,
                1,
                9,
                Topology.State.DISSOLVED,
                SETTINGS,
                List.of(new MapDefinition(0, "default")),
                List.of(OTHER.id()),
                List.of(),
                List.of(OTHER),
                List.of(new Partition(1, 1, OTHER.id(), List.of(OTHER.id()), null)));
        Sent sent = new Sent();
        ask(register, CLUSTER, sent);
        assertEquals(List.of(), sent.messages);
        register.former(end);
        ask(register, new Id(8, 8), sent);
        assertEquals(List.of(), sent.messages);
        ask(register, CLUSTER, sent);
        assertEquals(List.of(new Held(end, true)), sent.messages);
    }
}
