package io.ringgrid.replica;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Times;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Settings;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
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
        this.partitions = partitions;
        Member self = new Member(new Id(0, 1), "n1", "127.0.0.1", 1, "", 1, MemberState.ACTIVE, 1);
        Settings settings = new Settings(partitions, 0, 1 << 20);
        member = new LocalMember(self, settings, Times.DEFAULT, maxBytes, new SplittableRandom(1));
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
        Operation put = operation(Kind.PUT, map, n).value(value, 0, value.length);
        while (true) {
            heard = null;
            member.request(nanos, WALL, put, 1, out);
            Result result = heard;
            if (result != null && result.status() != Status.RETRY) {
                return result.status();
            }
            tick();
        }
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
