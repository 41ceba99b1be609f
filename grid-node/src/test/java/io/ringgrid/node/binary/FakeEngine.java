package io.ringgrid.node.binary;

import io.ringgrid.near.Feeds;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.Health;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.topology.Topology;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Executes operations on a {@link FakeCluster}'s store where its member is primary. Thread-safe. */
public final class FakeEngine implements Engine {
    /** What is done with an operation. */
    public enum Mode {
        /** Executed, answered. */
        NORMAL,
        /** Not executed, answered RETRY. */
        REFUSE,
        /** Not executed; the answer comes when {@link #release} is called. */
        HOLD,
        /** Executed, never answered. */
        SILENT
    }

    private record Held(Operation op, Answer answer) {}

    private final FakeCluster cluster;
    private final FakeMember member;
    private final List<Consumer<Topology>> listeners = new CopyOnWriteArrayList<>();
    private final Feeds feeds = new Feeds(FakeCluster.PARTITIONS, () -> true);
    private final Queue<Held> held = new ConcurrentLinkedQueue<>();
    /** How many operations have come. */
    public final AtomicInteger asked = new AtomicInteger();

    public volatile Mode mode = Mode.NORMAL;
    public volatile long wallOffset;

    FakeEngine(FakeCluster cluster, FakeMember member) {
        this.cluster = cluster;
        this.member = member;
    }

    void committed(Topology topology) {
        listeners.forEach(listener -> listener.accept(topology));
    }

    @Override
    public Id self() {
        return member.id();
    }

    @Override
    public void execute(Operation op, Answer answer) {
        asked.incrementAndGet();
        Topology topology = cluster.topology();
        if (topology == null) {
            answer.accept(Result.refused(Status.RETRY, "no topology"));
            return;
        }
        int partition = Slots.partitionOf(op.keyBytes, op.keyOffset, op.keyLength, FakeCluster.PARTITIONS);
        if (!member.id().equals(topology.partitions().get(partition).primary()) || mode == Mode.REFUSE) {
            answer.accept(Result.refused(Status.RETRY, member.name() + " is not the primary"));
        } else if (mode == Mode.HOLD) {
            held.add(new Held(op.copy(), answer));
        } else {
            Result result = cluster.execute(op);
            if (mode == Mode.NORMAL) {
                answer.accept(result);
            }
        }
    }

    /** How many operations are held. */
    public int held() {
        return held.size();
    }

    /** Executes and answers what is held now, on this thread; returns how many. */
    public int release() {
        return release(one -> cluster.execute(one.op));
    }

    /** Answers what is held now, on this thread, with this. */
    public void release(Result result) {
        release(one -> result);
    }

    private int release(Function<Held, Result> result) {
        int count = held.size();
        for (int left = count; left > 0; left--) {
            Held one = held.remove();
            one.answer.accept(result.apply(one));
        }
        return count;
    }

    @Override
    public void submit(Operation operation, Answer answer) {
        throw new UnsupportedOperationException("the native door only executes");
    }

    @Override
    public Health health() {
        throw new UnsupportedOperationException("the native door only executes");
    }

    @Override
    public @Nullable Topology topology() {
        return cluster.topology();
    }

    @Override
    public void onTopology(Consumer<Topology> listener) {
        listeners.add(listener);
    }

    @Override
    public void openMap(String name, Answer answer) {
        if (mode == Mode.REFUSE) {
            answer.accept(Result.refused(Status.UNAVAILABLE, "no quorum"));
        } else {
            answer.accept(Result.number(Status.DONE, cluster.openMap(name)));
        }
    }

    @Override
    public Keyspace keyspace(int map) {
        throw new UnsupportedOperationException("the native door says nothing of it");
    }

    @Override
    public int partitions() {
        return FakeCluster.PARTITIONS;
    }

    @Override
    public Feeds feeds() {
        return feeds;
    }

    @Override
    public long wallMillis() {
        return System.currentTimeMillis() + wallOffset;
    }
}
