package io.ringgrid.replica;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.store.Space;
import io.ringgrid.topology.LeaseClock;
import io.ringgrid.topology.Leases;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.Register.Standing;
import io.ringgrid.topology.RegisterMessage.Filled;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Times;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Two members that share one partition, without threads, clocks or network of their own: whoever calls delivers what is
 * under way, his own and others' messages, and lets time pass, until he has his answer. So any number of threads may be
 * callers. Leases do not end by themselves. Thread-safe.
 */
final class TwoMembers {
    /** Makes the replicas: sound ones, or such with a rule left out. */
    interface Maker {
        Replica make(Surroundings around, Space space);
    }

    static final Id LEADER = new Id(0, 9);
    private static final long WALL = 1;
    /** How much time passes while somebody waits in vain, so that what was lost is sent again. */
    private static final long MOMENT = Times.DEFAULT.heartbeat();

    private static final long LONGEST_SLIP_NANOS = 200_000;

    private static final List<Id> IDS = List.of(new Id(0, 1), new Id(0, 2));
    private static final Topology.Settings SETTINGS = new Topology.Settings(1, 1, 1 << 20);

    private record Parcel(Id from, StreamMessage message) {}

    private final List<Replica> replicas = new ArrayList<>();
    private final List<LeaseClock> leases = List.of(Leases.none(), Leases.none());
    /** What is on its way to a member; whoever delivers holds its monitor, so nothing is overtaken. */
    private final List<Queue<Parcel>> lanes = List.of(new ConcurrentLinkedQueue<>(), new ConcurrentLinkedQueue<>());

    private final Map<Long, Result> answers = new ConcurrentHashMap<>();
    private final AtomicLong lastTicket = new AtomicLong();
    private final AtomicLong nanos = new AtomicLong();
    /** Of the newest topology; the primary in it, and in which epoch the other copy was last said to be filled. */
    private int epoch;

    private int primary;
    private volatile int filledIn;

    TwoMembers(Maker maker) {
        for (int member = 0; member < IDS.size(); member++) {
            LeaseClock lease = leases.get(member);
            Leases.grant(lease);
            replicas.add(maker.make(new Around(IDS.get(member), lease), new Space(1 << 20)));
        }
        adopt(List.of(IDS.get(0)), null);
        fill();
    }

    /** A number that was never used before. */
    long fresh() {
        return lastTicket.incrementAndGet();
    }

    // ---- what callers ask ----

    @Nullable
    String get(String key) {
        EntryCursor entry = new EntryCursor();
        Operation op = operation(Kind.GET, key);
        while (true) {
            for (Replica replica : replicas) {
                int read = replica.tryRead(op, WALL, entry);
                String shown = read <= 0 ? null : text(entry.copyValue());
                slip();
                if (read != 0 && replica.confirm(read, nanos.get(), WALL)) {
                    return shown;
                }
                Result result = ask(replica, op);
                if (result.status() != Status.RETRY) {
                    return result.status() == Status.FOUND ? text(result.value()) : null;
                }
            }
        }
    }

    /** Where copies only move, a write of unknown outcome is committed too, and only not confirmed. */
    void put(String key, String value) {
        write(Kind.PUT, key, value);
    }

    /** The same. */
    void remove(String key) {
        write(Kind.REMOVE, key, "");
    }

    /** Adds a piece that nobody else adds, even where members die: the key is not removed, so it shows what it has got. */
    void append(String key, String piece) {
        while (write(Kind.APPEND, key, piece) == Status.OUTCOME_UNKNOWN) {
            String value = get(key);
            if (value != null && value.contains(piece)) {
                return;
            }
        }
    }

    private Status write(Kind kind, String key, String value) {
        byte[] bytes = value.getBytes(UTF_8);
        Operation op = operation(kind, key).value(bytes, 0, bytes.length);
        while (true) {
            for (Replica replica : replicas) {
                Result result = ask(replica, op);
                if (result.status() != Status.RETRY) {
                    return result.status();
                }
            }
        }
    }

    private static String text(byte @Nullable [] bytes) {
        return new String(bytes, UTF_8);
    }

    private static Operation operation(Kind kind, String key) {
        byte[] bytes = key.getBytes(UTF_8);
        return new Operation().reset(kind).key(bytes, 0, bytes.length);
    }

    private Result ask(Replica replica, Operation op) {
        long ticket = lastTicket.incrementAndGet();
        boolean[] taken = {true};
        boolean atOnce = ThreadLocalRandom.current().nextBoolean();
        call(replica, out -> {
            if (atOnce) {
                taken[0] = replica.tryRequest(nanos.get(), WALL, op, false, ticket, out);
            } else {
                replica.request(nanos.get(), WALL, op, ticket, out);
            }
        });
        slip();
        if (!taken[0]) {
            // Or a takeover that nobody waits for would never end.
            deliver();
            pass();
            return Result.of(Status.RETRY);
        }
        while (true) {
            Result answer = answers.remove(ticket);
            if (answer != null) {
                return answer;
            }
            deliver();
            pass();
        }
    }

    /** The thread is held up here now and then, for as long as others take for some calls. */
    static void slip() {
        if (ThreadLocalRandom.current().nextInt(4) == 0) {
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(LONGEST_SLIP_NANOS));
        }
    }

    private void pass() {
        long now = nanos.addAndGet(MOMENT);
        for (Replica replica : replicas) {
            call(replica, out -> replica.tick(now, WALL, out));
        }
    }

    // ---- what the topology says ----

    /** The other member becomes primary. */
    synchronized void move() {
        primary = 1 - primary;
        adopt(IDS, null);
    }

    /**
     * The primary is cut off, with all that has not reached its backup, which takes over when the lease has ended. The old
     * one goes on in its belief for a while, without a lease, until it hears what has become of it and is filled anew.
     */
    synchronized void lose() {
        int old = primary;
        primary = 1 - primary;
        Leases.end(leases.get(old));
        for (Queue<Parcel> lane : lanes) {
            synchronized (lane) {
                lane.clear();
            }
        }
        Topology without = next(List.of(IDS.get(primary)), null);
        adopt(primary, without);
        slip();
        // A newer topology closes the gate before the lease is granted again.
        replicas.get(old).hold(without);
        Leases.grant(leases.get(old));
        adopt(old, without);
        fill();
    }

    private void fill() {
        adopt(List.of(IDS.get(primary)), IDS.get(1 - primary));
        while (filledIn != epoch) {
            deliver();
            pass();
        }
        adopt(IDS, null);
    }

    private void adopt(List<Id> inSync, @Nullable Id filling) {
        Topology topology = next(inSync, filling);
        // Nobody commits a topology before its primary's gate is closed.
        replicas.forEach(replica -> replica.hold(topology));
        adopt(0, topology);
        adopt(1, topology);
        deliver();
    }

    private void adopt(int member, Topology topology) {
        Replica replica = replicas.get(member);
        call(replica, out -> {
            replica.hold(topology);
            replica.adopt(nanos.get(), WALL, topology, out);
        });
    }

    private Topology next(List<Id> inSync, @Nullable Id filling) {
        epoch++;
        return topology(new Partition(1, epoch, IDS.get(primary), inSync, filling));
    }

    private Topology topology(Partition partition) {
        return new Topology(
                LEADER,
                1,
                epoch,
                Topology.State.ACTIVE,
                SETTINGS,
                List.of(),
                List.of(IDS.get(0)),
                List.of(),
                List.of(),
                List.of(partition));
    }

    // ---- the world ----

    private interface Call {
        void in(Outbox out);
    }

    /** Does what a call wants done, when its locks are free. */
    private void call(Replica replica, Call call) {
        Effects effects = new Effects(IDS.get(replicas.indexOf(replica)));
        call.in(effects);
        effects.after.forEach(Runnable::run);
    }

    private void deliver() {
        for (int member = 0; member < lanes.size(); member++) {
            Queue<Parcel> lane = lanes.get(member);
            Replica replica = replicas.get(member);
            synchronized (lane) {
                for (Parcel next = lane.poll(); next != null; next = lane.poll()) {
                    Parcel parcel = next;
                    call(replica, out -> replica.receive(nanos.get(), WALL, parcel.from, parcel.message, out));
                }
            }
        }
    }

    private final class Effects implements Outbox {
        private final Id self;
        private final List<Runnable> after = new ArrayList<>();

        Effects(Id self) {
            this.self = self;
        }

        @Override
        public void send(Id to, PeerMessage message) {
            if (message instanceof StreamMessage news) {
                lanes.get(IDS.indexOf(to)).add(new Parcel(self, news));
            } else if (message instanceof Filled filled) {
                filledIn = filled.epoch();
            }
        }

        @Override
        public void answer(long ticket, Result result) {
            after.add(() -> answers.put(ticket, result));
        }

        @Override
        public void confirm(Replica replica, int epoch, boolean write, long ticket, Result result, Result otherwise) {
            after.add(() -> {
                boolean holds = write
                        ? replica.confirmWrite(epoch, nanos.get(), WALL)
                        : replica.confirm(epoch, nanos.get(), WALL);
                answers.put(ticket, holds ? result : otherwise);
            });
        }

        @Override
        public void report(Report report) {
            throw new AssertionError(report);
        }
    }

    static final class Around implements Surroundings {
        private final Id self;
        private final LeaseClock lease;

        Around(Id self, LeaseClock lease) {
            this.self = self;
            this.lease = lease;
        }

        @Override
        public Id self() {
            return self;
        }

        @Override
        public Id cluster() {
            return Id.NONE;
        }

        @Override
        public Times times() {
            return Times.DEFAULT;
        }

        @Override
        public LeaseClock lease() {
            return lease;
        }

        @Override
        public Standing standing() {
            return new Standing(LEADER, 1, 0);
        }

        @Override
        public long wokeAt() {
            return 0;
        }

        @Override
        public boolean isDoubtful(Id id) {
            return false;
        }

        @Override
        public int fillPermille(Id id) {
            return 0;
        }

        @Override
        public void noteFill(Id id, int permille) {}

        @Override
        public void wrote() {}

        @Override
        public Changes changes() {
            return Changes.UNHEARD;
        }

        @Override
        public int maxValueBytes() {
            return SETTINGS.maxValueBytes();
        }

        @Override
        public int sessionBytes() {
            return 1 << 14;
        }
    }
}
