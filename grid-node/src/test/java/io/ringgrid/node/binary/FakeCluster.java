package io.ringgrid.node.binary;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.ringgrid.op.Attempt;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.MapDefinition;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Partition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Members in this JVM that share one store instead of replicating, and whose topology is made by hand. Thread-safe.
 */
public final class FakeCluster implements AutoCloseable {
    public static final int PARTITIONS = 16;

    /** The name of all fake clusters. */
    public static final String NAME = "fake";

    private static final String SEPARATOR = "\u0000";

    final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final List<FakeMember> members = new CopyOnWriteArrayList<>();
    private final Map<String, Stored> store = new HashMap<>();
    /** What became of the requests of the one client that there is. */
    private final Map<Long, Result> answers = new HashMap<>();

    private final Id id;
    private volatile @Nullable Topology topology;
    private int version;
    private long versions;

    private record Stored(byte[] value, int flags, long expiry, long version) {}

    public FakeCluster(Id id) {
        this.id = id;
    }

    /** Starts a member, which no topology has yet, on any port. */
    public FakeMember start(String name) {
        return start(name, 0);
    }

    /** Starts a member, which no topology has yet. */
    public FakeMember start(String name, int port) {
        Id own = new Id((long) name.hashCode() << 32 ^ id.high(), id.low());
        FakeMember member = new FakeMember(this, own, name, port, DoorLimits.DEFAULT);
        members.add(member);
        return member;
    }

    /** Agrees on these members, and on the primary of each partition. */
    public Topology agree(List<FakeMember> agreed, IntFunction<@Nullable FakeMember> primary) {
        return agree(agreed, primary, List.of(new MapDefinition(0, "default")));
    }

    private synchronized Topology agree(
            List<FakeMember> agreed, IntFunction<@Nullable FakeMember> primary, List<MapDefinition> maps) {
        List<Partition> partitions = new ArrayList<>();
        version++;
        for (int i = 0; i < PARTITIONS; i++) {
            FakeMember who = primary.apply(i);
            partitions.add(new Partition(
                    1, version, who == null ? null : who.id(), who == null ? List.of() : List.of(who.id()), null));
        }
        return commit(new Topology(
                id,
                1,
                version,
                Topology.State.ACTIVE,
                new Topology.Settings(PARTITIONS, 1, 1 << 20),
                maps,
                List.of(agreed.get(0).id()),
                List.of(),
                agreed.stream()
                        .map(m -> new Member(m.id(), m.name(), "127.0.0.1", m.port(), "", 1, MemberState.ACTIVE))
                        .toList(),
                partitions));
    }

    private Topology commit(Topology committed) {
        topology = committed;
        members.forEach(member -> member.engine().committed(committed));
        return committed;
    }

    /** The newest. */
    public @Nullable Topology topology() {
        return topology;
    }

    /** The id of a map, which is added to the topology if need be. */
    synchronized int openMap(String name) {
        Topology known = topology;
        if (known == null) {
            throw new IllegalStateException("no topology yet");
        }
        MapDefinition defined = known.map(name);
        if (defined == null) {
            defined = new MapDefinition(known.maps().size(), name);
            List<MapDefinition> maps = new ArrayList<>(known.maps());
            maps.add(defined);
            commit(new Topology(
                    known.cluster(),
                    known.term(),
                    ++version,
                    known.state(),
                    known.settings(),
                    maps,
                    known.voters(),
                    known.nextVoters(),
                    known.members(),
                    known.partitions()));
        }
        return defined.id();
    }

    /** Agrees on a first topology in which this map is the first beside the default one. */
    public void openMapFirst(String name, FakeMember only) {
        agree(List.of(only), i -> only, List.of(new MapDefinition(0, "default"), new MapDefinition(1, name)));
    }

    /** The stored expiry of an entry. */
    public synchronized long expiryOf(int map, String key) {
        Stored stored = store.get(map + SEPARATOR + key);
        if (stored == null) {
            throw new IllegalStateException("no such entry");
        }
        return stored.expiry;
    }

    /** A key that belongs to this partition. */
    public static String keyIn(int partition) {
        for (int i = 0; ; i++) {
            byte[] key = ("key" + i).getBytes(StandardCharsets.UTF_8);
            if (Slots.partitionOf(key, 0, key.length, PARTITIONS) == partition) {
                return "key" + i;
            }
        }
    }

    /** Executes an operation, a numbered one once; whoever calls has judged that it may. */
    synchronized Result execute(Operation op) {
        Attempt attempt = op.attempt;
        Result known = attempt == null ? null : answers.get(attempt.number());
        if (known != null) {
            return known;
        }
        Result result = evaluate(op);
        if (attempt != null) {
            answers.put(attempt.number(), result);
        }
        return result;
    }

    private Result evaluate(Operation op) {
        String key = op.map + SEPARATOR + new String(op.copyKey(), StandardCharsets.ISO_8859_1);
        Stored old = store.get(key);
        if (op.kind == Operation.Kind.GET) {
            return old == null ? Result.MISSING : Result.found(old.value, old.flags, old.expiry, old.version);
        }
        Status refused = refused(op, old);
        if (refused != null) {
            return Result.of(refused);
        }
        return switch (op.kind) {
            case PUT -> {
                store.put(key, new Stored(op.copyValue(), op.flags, op.expiry, ++versions));
                yield new Result(Status.DONE, null, 0, op.expiry, versions, 0, "");
            }
            case REMOVE -> {
                store.remove(key);
                yield old == null ? Result.MISSING : Result.DONE;
            }
            case INCREMENT -> {
                long sum =
                        op.delta + (old == null ? 0 : Long.parseLong(new String(old.value, StandardCharsets.US_ASCII)));
                store.put(key, new Stored(Long.toString(sum).getBytes(StandardCharsets.US_ASCII), 0, 0, ++versions));
                yield Result.number(Status.DONE, sum);
            }
            default -> throw new IllegalArgumentException(op.kind + " is not for fakes");
        };
    }

    private static @Nullable Status refused(Operation op, @Nullable Stored old) {
        return switch (op.condition) {
            case ALWAYS -> null;
            case IF_ABSENT -> old == null ? null : Status.EXISTS;
            case IF_PRESENT -> old == null ? Status.MISSING : null;
            case IF_VERSION -> old == null ? Status.MISSING : old.version == op.version ? null : Status.EXISTS;
            default -> throw new IllegalArgumentException(op.condition + " is not for fakes");
        };
    }

    @Override
    public void close() {
        members.forEach(FakeMember::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
