package io.ringgrid.sim;

import io.ringgrid.Near;
import io.ringgrid.ObjectTypes;
import io.ringgrid.near.BrokenNear;
import io.ringgrid.near.Feed;
import io.ringgrid.near.Feeds;
import io.ringgrid.near.Invalidation;
import io.ringgrid.near.NearCache;
import io.ringgrid.near.NearEntry;
import io.ringgrid.near.NearMap;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.replica.BrokenMember;
import io.ringgrid.replica.LocalMember;
import io.ringgrid.replica.Outbox;
import io.ringgrid.replica.Replica;
import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.route.Fence;
import io.ringgrid.route.Router;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Times;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.Settings;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.ByteWriter;
import io.ringgrid.wire.NearCodec;
import io.ringgrid.wire.OperationCodec;
import io.ringgrid.wire.PeerCodec;
import io.ringgrid.wire.ResultCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/** One simulated process: the real member and router between a simulated network and simulated clocks. */
final class SimMember {
    private static final long MILLI = 1_000_000;

    /** How many times faster than the true time its monotonic clock runs, in millionths more. */
    private final int driftPpm;

    private final long nanosOffset;
    private long wallOffset;
    private final Simulation simulation;
    private final Canary canary;
    private final Router router;
    private final SplittableRandom random;
    private final Map<Id, Connection> callers = new HashMap<>();
    private final Map<Long, Consumer<Result>> clients = new HashMap<>();
    private final Map<Long, Origin> origins = new HashMap<>();
    /** What threads of this process have executed themselves, and wait for the answer to. */
    private final Map<Long, Operation> own = new HashMap<>();

    private final Set<Id> closed = new HashSet<>();
    private final ArrayDeque<Runnable> work = new ArrayDeque<>();
    private final EntryCursor entry = new EntryCursor();
    private final NearCache near;
    private final NearMap<String> nearMap;
    private final Feeds feeds;
    private Feed ownFeed;
    /** Which of their connections this process and another have, as far as this one knows. */
    private final Map<Id, Long> wires = new HashMap<>();

    private final ByteWriter written = new ByteWriter(256);

    private @Nullable Topology routed;
    private @Nullable Topology held;
    private Id id;
    private long lastTicket;
    private boolean working;

    final LocalMember local;
    final String name;
    boolean alive = true;
    /** Whether it is of another cluster than those whom the clients know. */
    boolean stranger;
    /** Whether it was asked to leave. */
    boolean leaves;

    long pausedUntil;
    /** Since when, and until when, it is paused or cut from somebody. */
    long quietSince;

    long quietUntil;
    /** Until when its sockets seem refused to somebody. */
    long doubtedUntil;

    /** What a caller's connection has seen. */
    private static final class Connection {
        final Fence fence = new Fence();
        long lastCorrelation;

        @Nullable
        Feed feed;
    }

    private record Origin(
            Id caller,
            long correlation,
            int partition,
            @Nullable Feed feed,
            long wire) {}

    SimMember(
            Simulation simulation,
            Canary canary,
            String name,
            Id id,
            int port,
            Settings settings,
            Times times,
            long memoryBytes,
            SplittableRandom random) {
        this.simulation = simulation;
        this.canary = canary;
        this.name = name;
        this.id = id;
        this.random = random.split();
        this.driftPpm = random.nextInt(-4000, 4000);
        this.nanosOffset = random.nextLong(-1L << 40, 1L << 40);
        this.wallOffset = random.nextLong(-200, 200);
        Member member = new Member(id, name, "127.0.0.1", port, "", isWitness() ? 0 : 1, Topology.MemberState.ACTIVE);
        this.local = BrokenMember.create(canary, member, settings, times, memoryBytes, random.split());
        this.router = new Router(Router.Limits.DEFAULT.withDeadline(800 * MILLI), random.nextLong() | 1);
        this.near = BrokenNear.cache(canary);
        this.nearMap = near.map("default", String.class, String.class, ObjectTypes.NONE, Near.bounded());
        this.feeds = BrokenNear.feeds(canary, settings.partitions(), () -> local.isLeased(nanos(), wall()));
        this.local.changes(BrokenNear.changes(canary, feeds));
        this.ownFeed = ownFeed(id);
        simulation.later(0, this, () -> router.self(nanos(), id, routing));
    }

    Id id() {
        return id;
    }

    boolean isWitness() {
        return name.equals(Simulation.WITNESS);
    }

    long nanos() {
        long now = simulation.now();
        return nanosOffset + now + now / 1_000_000 * driftPpm;
    }

    long wall() {
        return 1_700_000_000_000L + simulation.now() / MILLI + wallOffset;
    }

    boolean isLeased() {
        return local.isLeased(nanos(), wall());
    }

    void jumpWall(long millis) {
        wallOffset += millis;
    }

    // ---- effects ----

    private final Router.Effects routing = new Router.Effects() {
        @Override
        public void send(Id member, long correlation, boolean first, Operation op) {
            work.add(() -> sendRequest(member, correlation, first, op));
        }

        @Override
        public void answer(long ticket, Result result) {
            work.add(() -> tell(ticket, result));
        }

        @Override
        public void askTime(Id member) {
            work.add(() -> askForTime(member));
        }
    };

    private Outbox outbox() {
        return outbox;
    }

    private final Outbox outbox = new Outbox() {
        @Override
        public void send(Id to, PeerMessage message) {
            if (simulation.loses(id, to, message)) {
                return;
            }
            ByteWriter bytes = blank();
            PeerCodec.encode(message, bytes);
            byte[] frame = bytes.toByteArray();
            simulation.trace(frame.length);
            simulation.transmit(id, to, receiver -> receiver.onPeer(id(), frame));
        }

        @Override
        public void answer(long ticket, Result result) {
            work.add(() -> answered(ticket, result));
        }

        @Override
        public void confirm(Replica replica, int epoch, boolean write, long ticket, Result result, Result otherwise) {
            work.add(() -> {
                boolean holds =
                        write ? replica.confirmWrite(epoch, nanos(), wall()) : replica.confirm(epoch, nanos(), wall());
                if (write && !holds) {
                    replica.unconfirmed(epoch, ticket, result, outbox());
                } else {
                    answered(ticket, holds ? result : otherwise);
                }
            });
            simulation.maySlip(SimMember.this, random);
        }

        @Override
        public void report(Report report) {
            simulation.report(SimMember.this, report);
        }
    };

    /** For one frame at a time, which is copied before the next one is written. */
    private ByteWriter blank() {
        written.clear();
        return written;
    }

    /** Does what was noted, in order, until a pause comes between; the rest follows after it. */
    void work() {
        if (working) {
            return;
        }
        working = true;
        while (alive && !work.isEmpty() && !isPaused()) {
            work.remove().run();
        }
        working = false;
        afterwards();
        if (alive && !work.isEmpty()) {
            if (isPaused()) {
                simulation.first(pausedUntil, this, () -> {});
            } else {
                work();
            }
        }
    }

    boolean isPaused() {
        return simulation.now() < pausedUntil;
    }

    /** It will be paused or cut from somebody until then. */
    void quiet(long until) {
        if (simulation.now() >= quietUntil) {
            quietSince = simulation.now();
        }
        quietUntil = Math.max(quietUntil, until);
    }

    /** Whether the others may be about to take it for failed. */
    boolean isQuietFor(long time) {
        long now = simulation.now();
        return now < quietUntil + time && now - quietSince > time;
    }

    private void afterwards() {
        if (!local.self().id().equals(id)) {
            Id old = id;
            id = local.self().id();
            wires.clear();
            List.copyOf(callers.keySet()).forEach(this::hangUp);
            near.disconnected(old);
            ownFeed.close();
            ownFeed = ownFeed(id);
            simulation.renamed(this, old);
            router.self(nanos(), id, routing);
        }
        Topology newest = local.held();
        if (newest != null && !newest.equals(held)) {
            held = newest;
            simulation.held(this, newest);
        }
        Topology committed = local.committed();
        if (committed != null && !committed.equals(routed)) {
            routed = committed;
            simulation.adopted(this, committed);
            router.replace(nanos(), committed, routing);
        }
        if (local.hasLeft() && alive) {
            simulation.ended(this);
        }
    }

    // ---- what happens to it ----

    void tick() {
        long nanos = nanos();
        local.tick(nanos, wall(), outbox);
        if (local.isLeased(nanos, wall())) {
            router.served(nanos);
        } else {
            router.unserved(nanos, "no lease");
        }
        router.tick(nanos, routing);
        near.tick(nanos, wall()).forEach(this::probe);
    }

    void connected(Id other) {
        closed.remove(other);
        near.connected(nanos(), other);
        local.connected(other);
        router.connected(nanos(), other, routing);
    }

    /** This end has lost the connection; in a moment so has the other. */
    void disconnected(Id other) {
        long next = simulation.nextWire();
        disconnected(other, next);
        simulation.wireBroke(this, other, next);
    }

    /** This end has lost the connection, and if there will be another one, it is this. */
    void disconnected(Id other, long next) {
        wires.merge(other, next, Math::max);
        hangUp(other);
        closed.add(other);
        near.disconnected(other);
        local.disconnected(other);
        router.disconnected(nanos(), other, routing);
    }

    void refused(Id other) {
        local.refused(nanos(), wall(), other, outbox);
    }

    void leave() {
        local.leave(nanos(), wall(), outbox);
    }

    private void onPeer(Id from, byte[] frame) {
        local.receive(nanos(), wall(), from, PeerCodec.decode(new ByteReader(frame)), outbox);
    }

    // ---- a client's request ----

    void submit(Operation op, Consumer<Result> client) {
        long ticket = ++lastTicket;
        clients.put(ticket, near.guard(op, client));
        Topology topology = routed;
        if (topology == null || op.keeper != null || op.kind.isPartitionWide()) {
            router.submit(nanos(), op, ticket, routing);
            return;
        }
        op.partition = Slots.partitionOf(
                op.keyBytes, op.keyOffset, op.keyLength, topology.settings().partitions());
        boolean read = op.kind == Operation.Kind.GET
                && tryRead(op, result -> tell(ticket, result), () -> router.submit(nanos(), op, ticket, routing));
        if (!read && !tryRequest(op, ticket)) {
            router.submit(nanos(), op, ticket, routing);
        }
    }

    /** Every other client is a thread of this process, which executes what it can by itself. */
    private boolean tryRequest(Operation op, long ticket) {
        if (ticket % 2 == 0 || router.isBusy(op.partition)) {
            return false;
        }
        Operation asked = op.copy();
        own.put(ticket, asked);
        boolean executed = local.tryRequest(nanos(), wall(), op, ticket, outbox);
        if (!executed) {
            own.remove(ticket);
        }
        return executed;
    }

    /** The lock-free read, with a pause between reading and confirming now and then; false if it is not for it. */
    private boolean tryRead(Operation op, Consumer<Result> then, Runnable otherwise) {
        Replica replica = local.replica(op.partition);
        int epoch = replica.tryRead(op, wall(), entry);
        if (epoch == 0) {
            return false;
        }
        Result result = epoch < 0
                ? Result.MISSING
                : Result.found(entry.copyValue(), entry.flags, entry.expiry, replica.visibleVersion(entry));
        work.add(() -> {
            if (replica.confirm(epoch, nanos(), wall())) {
                then.accept(result);
            } else {
                otherwise.run();
            }
        });
        simulation.maySlip(this, random);
        return true;
    }

    private void tell(long ticket, Result result) {
        Consumer<Result> client = clients.remove(ticket);
        if (client == null) {
            throw new AssertionError("a second answer to ticket " + ticket + ": " + result);
        }
        client.accept(result);
    }

    private void sendRequest(Id to, long correlation, boolean first, Operation op) {
        ByteWriter bytes = blank();
        OperationCodec.encode(op, bytes);
        byte[] frame = bytes.toByteArray();
        NearCache.Probe before = near.sent(nanos(), to, correlation, op);
        if (before != null) {
            probe(before);
        }
        if (to.equals(id)) {
            onRequest(id, 0, correlation, first, frame);
        } else {
            Id me = id;
            long wire = wire(to);
            simulation.transmit(id, to, receiver -> receiver.onRequest(me, wire, correlation, first, frame));
        }
    }

    private void askForTime(Id to) {
        Id me = id;
        simulation.transmit(me, to, asked -> {
            long told = asked.nanos();
            simulation.transmit(to, me, asker -> asker.router.told(asker.nanos(), to, told));
        });
    }

    private void onRequest(Id from, long wire, long correlation, boolean first, byte[] frame) {
        if (closed.contains(from)) {
            return;
        }
        Connection connection = wire == wire(from)
                ? callers.computeIfAbsent(from, unknown -> new Connection())
                // Only without the rule that nothing is read from a former one.
                : new Connection();
        if (correlation <= connection.lastCorrelation && canary != Canary.EXECUTED_TWICE) {
            return;
        }
        connection.lastCorrelation = Math.max(correlation, connection.lastCorrelation);
        Operation op = new Operation();
        OperationCodec.decode(new ByteReader(frame), op);
        long ticket = ++lastTicket;
        Feed feed = op.keeper == null ? null : from.equals(id) ? ownFeed : feed(from);
        if (feed != null && !feed.follow(op.map, op.partition)) {
            op.keeper = null;
        }
        origins.put(ticket, new Origin(from, correlation, op.partition, feed, wire));
        if (!connection.fence.admits(op.partition, first)) {
            answered(ticket, Result.of(Status.RETRY));
            return;
        }
        local.request(nanos(), wall(), op, ticket, outbox);
    }

    private void answered(long ticket, Result result) {
        Operation executed = own.remove(ticket);
        if (executed != null) {
            if (result.status() == Status.RETRY) {
                router.submit(nanos(), executed, ticket, routing);
            } else {
                tell(ticket, result);
            }
            return;
        }
        Origin origin = origins.remove(ticket);
        if (origin == null) {
            throw new AssertionError("a second answer to request " + ticket + ": " + result);
        }
        if (result.status() == Status.RETRY) {
            Connection connection = callers.get(origin.caller);
            if (connection != null) {
                connection.fence.refused(origin.partition);
            }
        }
        Feed feed = origin.feed;
        if (origin.caller.equals(id)) {
            if (feed != null) {
                near.answered(id, origin.correlation, feed.number(), result);
            }
            answer(id, origin.correlation, result);
            return;
        }
        if (origin.wire != wire(origin.caller)) {
            // An answer goes where its request came from.
            return;
        }
        long number = feed == null ? -1 : feed.number();
        ByteWriter bytes = blank();
        ResultCodec.encode(result, bytes);
        byte[] frame = bytes.toByteArray();
        Id me = id;
        simulation.transmit(
                id,
                origin.caller,
                receiver ->
                        receiver.answered(me, origin.correlation, number, ResultCodec.decode(new ByteReader(frame))));
    }

    private void answered(Id from, long correlation, long number, Result result) {
        if (number >= 0) {
            near.answered(from, correlation, number, result);
        }
        answer(from, correlation, result);
    }

    private void answer(Id from, long correlation, Result result) {
        router.answered(nanos(), from, correlation, result, routing);
    }

    // ---- what is kept near ----

    private Feed ownFeed(Id self) {
        near.connected(nanos(), self);
        return feeds.open(sink((what, number) -> near.invalidated(self, number, what)));
    }

    private static Feed.Sink sink(ObjLongConsumer<Invalidation> send) {
        return new Feed.Sink() {
            @Override
            public void send(long number, Invalidation what) {
                send.accept(what, number);
            }

            @Override
            public boolean isFull() {
                return false;
            }
        };
    }

    /** Which of their connections this process and another have, as far as this one knows. */
    long wire(Id other) {
        return wires.getOrDefault(other, 0L);
    }

    /** Whether it still reads what was sent on this connection; if it is a new one, the former is over. */
    boolean reads(Id from, long wire) {
        wireBroke(from, wire);
        return wire == wire(from) || canary == Canary.FORMER_CONNECTION_READ;
    }

    /** The other end has lost the connection: so this one has, and may have made another. */
    void wireBroke(Id other, long next) {
        if (wire(other) < next) {
            boolean wasClosed = closed.contains(other);
            disconnected(other, next);
            if (!wasClosed) {
                connected(other);
            }
        }
    }

    private void hangUp(Id caller) {
        Connection connection = callers.remove(caller);
        if (connection != null && connection.feed != null) {
            connection.feed.close();
        }
    }

    private Feed feed(Id from) {
        Connection connection = callers.computeIfAbsent(from, unknown -> new Connection());
        Feed known = connection.feed;
        if (known == null) {
            Id me = id;
            known = feeds.open(sink((what, number) -> {
                ByteWriter bytes = blank();
                NearCodec.encode(what, bytes);
                byte[] frame = bytes.toByteArray();
                simulation.transmit(me, from, receiver -> receiver.onInvalidated(me, number, frame));
            }));
            connection.feed = known;
        }
        return known;
    }

    private void onInvalidated(Id from, long number, byte[] frame) {
        near.invalidated(from, number, NearCodec.decode(new ByteReader(frame)));
    }

    private void probe(NearCache.Probe probe) {
        Id to = probe.member();
        long correlation = probe.correlation();
        if (to.equals(id)) {
            near.probed(id, correlation, ownFeed.number(), feeds.isLeased());
        } else {
            Id me = id;
            simulation.transmit(id, to, receiver -> receiver.onProbe(me, correlation));
        }
    }

    private void onProbe(Id from, long correlation) {
        if (closed.contains(from)) {
            return;
        }
        boolean leased = feeds.isLeased();
        long number = feed(from).number();
        long wire = wire(from);
        Id me = id;
        work.add(() -> {
            if (wire == wire(from)) {
                simulation.transmit(me, from, receiver -> receiver.near.probed(me, correlation, number, leased));
            }
        });
        simulation.maySlip(this, random);
    }

    /** The version that is kept near of this key and may be shown; 0 if there is none. */
    long near(String key) {
        NearEntry<String> held = nearMap.find(key, nanos());
        return held == null || (held.expiry() != 0 && held.expiry() <= wall()) ? 0 : held.version();
    }

    /** A GET of this key whose answer is kept near. */
    Operation nearGet(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        Operation get = new Operation().reset(Operation.Kind.GET).key(bytes, 0, bytes.length);
        get.keeper = nearMap.wish(key, bytes.length);
        return get;
    }

    /** Its process ends: nobody who waits for it hears anything. */
    void stop() {
        alive = false;
        work.clear();
        clients.values().forEach(client -> client.accept(Result.refused(Status.OUTCOME_UNKNOWN, "the member died")));
        clients.clear();
    }
}
