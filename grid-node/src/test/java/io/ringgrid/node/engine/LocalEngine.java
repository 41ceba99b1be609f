package io.ringgrid.node.engine;

import io.ringgrid.near.Feeds;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.replica.LocalMember;
import io.ringgrid.replica.Outbox;
import io.ringgrid.replica.Replica;
import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Times;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.MapDefinition;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Settings;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The engine's contract over the real core in a cluster of one, for tests of the doors: no socket, no other thread.
 * Thread-safe.
 *
 * <p>Operations take effect in the order of submission. Answers come at once, or, if {@code late}, by chance at once or
 * later from another thread and in any order, as those of a real member do.
 */
public final class LocalEngine implements Engine, AutoCloseable {
    /** Of memory for entries. */
    public static final long MAX_BYTES = 256 << 20;

    private static final int PARTITIONS = 64;
    private static final long TICK = 10_000_000;

    private final boolean late;
    private final Random random;
    private final ScheduledExecutorService answering = Executors.newSingleThreadScheduledExecutor(runnable -> {
        Thread thread = new Thread(runnable, "late-answers");
        thread.setDaemon(true);
        return thread;
    });
    private final long started = System.currentTimeMillis();
    private final LocalMember member;
    private final Feeds feeds = new Feeds(PARTITIONS, () -> true);
    private final Queue<Runnable> todo = new ArrayDeque<>();
    private final Outbox outbox = new Effects();
    /** The core's time goes on only when it is called, so that no test ever loses its lease. */
    private long nanos;

    private @Nullable Result heard;
    private volatile Function<Operation, @Nullable Result> refusals = operation -> null;
    private volatile @Nullable Health health;
    private volatile boolean joined = true;

    /** Answers at once. */
    public LocalEngine() {
        this(false, 0, 8 << 20);
    }

    public LocalEngine(boolean late, long seed, int maxValueBytes) {
        this.late = late;
        this.random = new Random(seed);
        Member self = new Member(new Id(seed, 1), "n1", "127.0.0.1", 1, "", 1, MemberState.ACTIVE, 1);
        this.member = new LocalMember(
                self, new Settings(PARTITIONS, 0, maxValueBytes), Times.DEFAULT, MAX_BYTES, new SplittableRandom(seed));
        synchronized (this) {
            while (member.committed() == null || !member.isLeased(nanos, wallMillis())) {
                tick();
            }
        }
    }

    private final class Effects implements Outbox {
        @Override
        public void send(Id to, PeerMessage message) {
            todo.add(() -> member.receive(nanos, wallMillis(), to, message, this));
        }

        @Override
        public void answer(long ticket, Result result) {
            heard = result;
        }

        @Override
        public void confirm(Replica replica, int epoch, boolean write, long ticket, Result result, Result otherwise) {
            todo.add(() -> {
                boolean holds = write
                        ? replica.confirmWrite(epoch, nanos, wallMillis())
                        : replica.confirm(epoch, nanos, wallMillis());
                heard = holds ? result : otherwise;
            });
        }

        @Override
        public void report(Report report) {}
    }

    private void tick() {
        nanos += TICK;
        member.tick(nanos, wallMillis(), outbox);
        work();
    }

    private void work() {
        for (Runnable next = todo.poll(); next != null; next = todo.poll()) {
            next.run();
        }
    }

    /** Operations for which this gives a result are refused with it, and have no effect. */
    public void refuse(Function<Operation, @Nullable Result> newRefusals) {
        refusals = newRefusals;
    }

    /** From now on a member that has not joined: it knows no topology and refuses everything. */
    public void unjoin() {
        joined = false;
        refuse(operation -> Result.refused(Status.UNAVAILABLE, "this member has not joined a cluster yet"));
    }

    public void health(Health newHealth) {
        health = newHealth;
    }

    @Override
    public void submit(Operation operation, Answer answer) {
        Result refused = refusals.apply(operation);
        hand(refused != null ? refused : run(operation), answer);
        if (operation.kind == Kind.CLEAR && operation.expiry != Operation.NEVER) {
            long after = Math.max(0, operation.expiry - wallMillis()) + 1;
            var unused = answering.schedule(this::keepPromises, after, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void execute(Operation operation, Answer answer) {
        submit(operation, answer);
    }

    private void hand(Result result, Answer answer) {
        int delayMicros;
        synchronized (random) {
            delayMicros = late && random.nextInt(4) > 0 ? random.nextInt(300) : -1;
        }
        if (delayMicros < 0) {
            answer.accept(result);
        } else {
            var unused = answering.schedule(() -> answer.accept(result), delayMicros, TimeUnit.MICROSECONDS);
        }
    }

    private synchronized Result run(Operation operation) {
        if (!operation.kind.isPartitionWide()) {
            if (operation.keyLength < 1 || operation.keyLength > 64 << 10) {
                throw new IllegalArgumentException("a key of " + operation.keyLength + " bytes");
            }
            operation.partition =
                    Slots.partitionOf(operation.keyBytes, operation.keyOffset, operation.keyLength, PARTITIONS);
        }
        while (true) {
            heard = null;
            member.request(nanos, wallMillis(), operation, 1, outbox);
            work();
            Result result = heard;
            if (result != null && result.status() != Status.RETRY) {
                return result;
            }
            tick();
        }
    }

    private synchronized void keepPromises() {
        tick();
    }

    @Override
    public synchronized Health health() {
        Health set = health;
        return set != null ? set : health(true, "", true, 0);
    }

    /** A health of one member. */
    public synchronized Health health(boolean ready, String reason, boolean safe, int missingCopies) {
        long entries = 0;
        for (int partition = 0; partition < PARTITIONS; partition++) {
            entries += member.replica(partition).count();
        }
        return new Health(
                "n1",
                "local",
                "00".repeat(16),
                "00".repeat(16),
                ready,
                reason,
                safe,
                missingCopies,
                0,
                1,
                1,
                1024,
                1,
                System.currentTimeMillis() - started,
                entries,
                member.space().usedBytes(),
                MAX_BYTES,
                0,
                0,
                List.of(new Health.Member("00".repeat(16), "n1", "127.0.0.1:1", "active", true, true, PARTITIONS, 0)));
    }

    @Override
    public Id self() {
        return member.self().id();
    }

    @Override
    public @Nullable Topology topology() {
        return joined ? member.committed() : null;
    }

    @Override
    public void onTopology(Consumer<Topology> listener) {
        throw new UnsupportedOperationException("this topology does not change but for its maps");
    }

    @Override
    public synchronized void openMap(String name, Answer answer) {
        member.wantMap(name);
        while (true) {
            Topology topology = member.committed();
            MapDefinition map = topology == null ? null : topology.map(name);
            if (map != null) {
                hand(Result.number(Status.DONE, map.id()), answer);
                return;
            }
            tick();
        }
    }

    @Override
    public Keyspace keyspace(int map) {
        long entries = 0;
        long expiring = 0;
        for (int p = 0; p < PARTITIONS; p++) {
            entries += member.replica(p).count(map);
            expiring += member.replica(p).countExpiring(map);
        }
        return new Keyspace(entries, expiring);
    }

    @Override
    public int partitions() {
        return PARTITIONS;
    }

    @Override
    public Feeds feeds() {
        return feeds;
    }

    @Override
    public long wallMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public void close() {
        answering.shutdownNow();
    }
}
