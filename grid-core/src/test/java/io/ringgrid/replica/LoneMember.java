package io.ringgrid.replica;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.store.Account;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.store.MapLimit;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Times;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.MapDefinition;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Settings;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A cluster of one: no socket, no thread, and a clock that only ticks move. Not thread-safe. */
final class LoneMember {
    private static final long TICK_NANOS = 10_000_000;
    private static final long WALL = 1_000_000;

    final LocalMember member;
    private final int partitions;
    private final Queue<Runnable> todo = new ArrayDeque<>();
    private final EntryCursor entry = new EntryCursor();
    private final Outbox out = new Effects();
    private long nanos;
    private @Nullable Result heard;

    LoneMember(int partitions, long maxBytes) {
        this(partitions, maxBytes, Map.of());
    }

    LoneMember(int partitions, long maxBytes, Map<String, MapLimit> limits) {
        this.partitions = partitions;
        Member self = new Member(new Id(0, 1), "n1", "127.0.0.1", 1, "", 1, MemberState.ACTIVE, 1);
        Settings settings = new Settings(partitions, 0, 1 << 20);
        member = new LocalMember(self, settings, Times.DEFAULT, maxBytes, new SplittableRandom(1));
        member.limits(limits);
        while (!member.isLeased(nanos, WALL)) {
            tick();
        }
    }

    private final class Effects implements Outbox {
        @Override
        public void send(Id to, PeerMessage message) {
            todo.add(() -> member.receive(nanos, WALL, to, message, this));
        }

        @Override
        public void answer(long ticket, Result result) {
            heard = result;
        }

        @Override
        public void confirm(Replica replica, int epoch, boolean write, long ticket, Result result, Result otherwise) {
            heard = result;
        }

        @Override
        public void report(Report report) {}
    }

    /** Ten milliseconds pass. */
    void tick() {
        nanos += TICK_NANOS;
        member.tick(nanos, WALL, out);
        for (Runnable next = todo.poll(); next != null; next = todo.poll()) {
            next.run();
        }
    }

    private Operation operation(Kind kind, int map, int n) {
        byte[] key = ByteBuffer.allocate(8).putInt(n * 0x9E3779B9).putInt(n).array();
        Operation op = new Operation().reset(kind).key(key, 0, key.length);
        op.map = map;
        op.partition = Slots.partitionOf(key, 0, key.length, partitions);
        return op;
    }

    /** Whether it is there; it is used by that. */
    boolean get(int map, int n) {
        Operation get = operation(Kind.GET, map, n);
        return member.replica(get.partition).tryRead(get, WALL, entry) > 0;
    }

    Status put(int map, int n, byte[] value) {
        return ask(operation(Kind.PUT, map, n).value(value, 0, value.length));
    }

    Status remove(int map, int n) {
        return ask(operation(Kind.REMOVE, map, n));
    }

    private Status ask(Operation op) {
        while (true) {
            heard = null;
            member.request(nanos, WALL, op, 1, out);
            Result result = heard;
            if (result != null && result.status() != Status.RETRY) {
                return result.status();
            }
            tick();
        }
    }

    /** The id of a map of this name. */
    int open(String name) {
        member.wantMap(name);
        while (true) {
            Topology topology = member.committed();
            MapDefinition map = topology == null ? null : topology.map(name);
            if (map != null) {
                return map.id();
            }
            tick();
        }
    }

    Account account(int map) {
        return member.space().account(map);
    }

    /** How many entries of this map there are, by the partitions' own counts. */
    long count(int map) {
        long count = 0;
        for (int p = 0; p < partitions; p++) {
            count += member.replica(p).count(map);
        }
        return count;
    }

    /** How many entries there are, of all maps. */
    long count() {
        long count = 0;
        for (int p = 0; p < partitions; p++) {
            count += member.replica(p).count();
        }
        return count;
    }
}
