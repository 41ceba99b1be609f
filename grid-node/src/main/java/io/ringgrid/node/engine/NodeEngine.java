package io.ringgrid.node.engine;

import io.netty.channel.EventLoopGroup;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.client.net.LinkLimits;
import io.ringgrid.codec.Caller;
import io.ringgrid.codec.Glance;
import io.ringgrid.near.Feed;
import io.ringgrid.near.Feeds;
import io.ringgrid.near.Invalidation;
import io.ringgrid.near.NearCache;
import io.ringgrid.node.binary.PeerSink;
import io.ringgrid.node.config.NodeConfig;
import io.ringgrid.node.transport.PeerLinks;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.replica.LocalMember;
import io.ringgrid.replica.Replica;
import io.ringgrid.ring.Id;
import io.ringgrid.ring.Slots;
import io.ringgrid.route.Fence;
import io.ringgrid.route.Router;
import io.ringgrid.store.Account;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Times;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.MapDefinition;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Settings;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.ByteWriter;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.NearCodec;
import io.ringgrid.wire.PeerCodec;
import io.ringgrid.wire.Reply;
import io.ringgrid.wire.ResultCodec;
import io.ringgrid.wire.Welcome;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one member: gives the core its clocks, threads and connections, and carries out its effects. Thread-safe.
 *
 * <p><b>Inline.</b> The thread that asks executes: a read of a key that this member owns takes no lock and answers before
 * the call returns; a write takes its partition's lock, and its answer comes on the thread that brings the last
 * acknowledgement. What others own goes through the {@link Router}, which also keeps the order of what has to wait.
 *
 * <p>One timer thread ticks the core each 10 ms; it alone notices time.
 */
@SuppressWarnings("ReferenceEquality") // a topology has been followed if it is this very object
public final class NodeEngine implements Engine, PeerSink, PeerLinks.Listener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeEngine.class);
    private static final long TICK_MILLIS = 10;
    private static final byte[] NOTHING = {};
    private static final String CLOSED = "the member was closed";

    private record Own(Id self, long correlation, boolean first, Operation op) {}

    private record OwnFeed(Id self, Feed feed) {}

    private record Waiting(String name, Answer answer, long deadline) {}

    private final NodeConfig config;
    private final LocalMember local;
    private final Router router;
    private final PeerLinks links;
    private final AddressBook addresses;
    private final ThreadLocal<Turn> turns = ThreadLocal.withInitial(() -> new Turn(this));
    private final Counts counts = new Counts();
    private final Parking parking;
    private final AtomicLong lastTicket = new AtomicLong();
    private final Map<Long, Answer> requests = new ConcurrentHashMap<>();
    /** The partitions of those requests that this member has made to itself. */
    private final Map<Long, Integer> ownRequests = new ConcurrentHashMap<>();

    private final Map<Long, Answer> calls = new ConcurrentHashMap<>();
    private final Fence ownFence = new Fence();
    /** What this JVM keeps near. */
    private final NearCache near = new NearCache();
    /** Who keeps near what lives here. */
    private final Feeds feeds;
    /** What this JVM follows of its own member. */
    private volatile OwnFeed ownFeed;
    /** What the router sends to this very member, by partition. */
    private final Queue<Own>[] own;

    private final List<Consumer<Topology>> listeners = new CopyOnWriteArrayList<>();
    private final List<Waiting> waitingForMaps = new ArrayList<>();
    /** Nobody ticks any more; guarded by {@link #waitingForMaps}. */
    private volatile boolean closed;

    private final Object following = new Object();
    /** What the router goes by; written under {@link #following}. */
    private volatile @Nullable Topology followed;

    private final AtomicReference<Id> identity;
    private final CountDownLatch left = new CountDownLatch(1);
    private final ScheduledExecutorService timer;
    private final long startedAt = System.nanoTime();
    private @Nullable Future<?> ticking;
    private volatile Runnable hangUp = () -> {};

    /**
     * A member that has not joined.
     *
     * @param loops of NIO; stays the caller's
     * @param port where the native door listens
     * @param respClusterPort where Redis Cluster's clients find this member; 0 for nowhere
     */
    public NodeEngine(NodeConfig config, int port, int respClusterPort, EventLoopGroup loops) {
        this.config = config;
        SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());
        Member self = new Member(
                new Id(random.nextLong(), random.nextLong()),
                config.name(),
                config.bind(),
                port,
                config.zone(),
                config.witness() ? 0 : config.weight(),
                MemberState.ACTIVE,
                respClusterPort);
        Settings settings = new Settings(config.partitions(), config.backups(), config.maxValueBytes());
        this.local = new LocalMember(self, settings, Times.DEFAULT, config.memoryBytes(), random);
        local.limits(config.maps());
        this.feeds = new Feeds(config.partitions(), () -> local.isLeased(System.nanoTime(), wallMillis()));
        local.changes(feeds);
        this.ownFeed = ownFeed(self.id());
        this.router = new Router(Router.Limits.DEFAULT, new SecureRandom().nextLong() | 1);
        this.own = queues(config.partitions());
        this.identity = new AtomicReference<>(self.id());
        this.links = new PeerLinks(loops, linkLimits(config), hello(Id.NONE), config.secret(), this);
        this.addresses = new AddressBook(self.address(), links);
        this.parking = new Parking(loops);
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "ringgrid-timer");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The same rules as between two JVMs, but for the connection: what changes here is told at once. */
    private OwnFeed ownFeed(Id self) {
        near.connected(System.nanoTime(), self);
        return new OwnFeed(self, feeds.open(new Feed.Sink() {
            @Override
            public void send(long number, Invalidation what) {
                near.invalidated(self, number, what);
            }

            @Override
            public boolean isFull() {
                return false;
            }
        }));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Queue<Own>[] queues(int count) {
        Queue<Own>[] queues = new Queue[count];
        for (int i = 0; i < count; i++) {
            queues[i] = new ConcurrentLinkedQueue<>();
        }
        return queues;
    }

    /** Frames take the largest value and what goes with it. */
    public static LinkLimits linkLimits(NodeConfig config) {
        return LinkLimits.of(Math.max(Frame.DEFAULT_LIMIT, config.maxValueBytes() + Frame.DEFAULT_LIMIT));
    }

    private Hello hello(Id cluster) {
        Member self = local.self();
        return Hello.member(config.cluster(), cluster, self.id(), self.host(), self.port());
    }

    /** What the native door answers to a handshake. */
    public Reply check(Hello hello) {
        Member self = local.self();
        Topology topology = local.committed();
        Id cluster = topology == null ? Id.NONE : topology.cluster();
        return Reply.to(
                hello,
                config.cluster(),
                new Welcome(Hello.VERSION, cluster, self.id(), self.name(), self.host(), self.port()));
    }

    /**
     * Takes part from now on.
     *
     * @param closeConnections closes the native door's connections: this member is no longer who it said it was
     */
    public void start(Runnable closeConnections) {
        hangUp = closeConnections;
        take(turn -> router.self(System.nanoTime(), local.self().id(), turn));
        ticking = timer.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Discovery found the native doors at these addresses, host:port, this member's own included. */
    public void found(Iterable<String> nativeAddresses) {
        addresses.found(nativeAddresses);
    }

    private void tick() {
        try {
            take(turn -> {
                long nanos = System.nanoTime();
                long wall = wallMillis();
                addresses.tick(nanos);
                local.silentContacts(links.hasUnanswered());
                local.tick(nanos, wall, turn);
                if (local.isLeased(nanos, wall)) {
                    router.served(nanos);
                } else {
                    router.unserved(nanos, unready());
                }
                router.tick(nanos, turn);
            });
            near.tick(System.nanoTime(), System.currentTimeMillis()).forEach(this::probe);
            expireMaps(System.nanoTime());
        } catch (Throwable failure) {
            fault(failure);
        }
    }

    /** What nobody expected: this operation or message is lost, the member goes on. */
    void fault(Throwable failure) {
        LOG.error("event=fault what=\"please report this fault; the member goes on\"", failure);
    }

    private void take(Consumer<Turn> call) {
        Turn turn = turns.get();
        take(turn, () -> call.accept(turn));
    }

    /** Calls the core; whatever comes of it is done when the outermost call has returned. */
    private static void take(Turn turn, Runnable call) {
        turn.begin();
        try {
            call.run();
        } finally {
            turn.end();
        }
    }

    /** After each call into the core: follows what has changed there. */
    void follow(Turn turn) {
        Id now = local.self().id();
        Id before = Objects.requireNonNull(identity.get());
        if (!now.equals(before) && identity.compareAndSet(before, now)) {
            links.identity(Id.NONE, now);
            near.disconnected(before);
            ownFeed.feed.close();
            ownFeed = ownFeed(now);
            hangUp.run();
            router.self(System.nanoTime(), now, turn);
        }
        if (local.committed() != followed) {
            followTopology(turn);
        }
        if (local.hasLeft()) {
            left.countDown();
        }
    }

    /** One thread at a time, so that nobody hears of an older topology after a newer one. */
    private void followTopology(Turn turn) {
        Topology committed;
        synchronized (following) {
            committed = local.committed();
            if (committed == null || committed == followed) {
                return;
            }
            TopologyNews.between(followed, committed).forEach(this::log);
            if (followed != null && !followed.cluster().equals(committed.cluster())) {
                near.replaced();
            }
            followed = committed;
            addresses.members(committed);
            router.replace(System.nanoTime(), committed, turn);
            for (Consumer<Topology> listener : listeners) {
                listener.accept(committed);
            }
        }
        answerMaps(committed);
        LOG.debug("event=topology term={} version={}", committed.term(), committed.version());
    }

    void log(Report report) {
        if (report.grave()) {
            LOG.warn("event={}", report.text());
        } else {
            LOG.info("event={}", report.text());
        }
    }

    // ---- operations ----

    @Override
    public void submit(Operation op, Answer answer) {
        submit(op, Caller.USUAL_DEADLINE, answer);
    }

    @Override
    public Keyspace keyspace(int map) {
        Topology topology = followed;
        Id self = local.self().id();
        long entries = 0;
        long expiring = 0;
        for (int p = 0; topology != null && p < topology.partitions().size(); p++) {
            if (self.equals(topology.partitions().get(p).primary())) {
                entries += local.replica(p).count(map);
                expiring += local.replica(p).countExpiring(map);
            }
        }
        return new Keyspace(entries, expiring);
    }

    @Override
    public int partitions() {
        return config.partitions();
    }

    /**
     * Like {@link #submit(Operation, Answer)} with a deadline of its own.
     *
     * @param deadlineNanos how long it may take, or {@link Caller#USUAL_DEADLINE}
     */
    public void submit(Operation op, long deadlineNanos, Answer answer) {
        Topology topology = followed;
        if (topology != null && op.kind == Kind.GET && op.keeper == null) {
            op.partition = partition(op, topology);
            if (!router.isBusy(op.partition) && tryRead(op, answer)) {
                return;
            }
        }
        long ticket = lastTicket.incrementAndGet();
        calls.put(ticket, answer);
        take(turn -> {
            if (deadlineNanos == Caller.USUAL_DEADLINE) {
                router.submit(System.nanoTime(), op, ticket, turn);
            } else {
                router.submit(System.nanoTime(), op, ticket, deadlineNanos, turn);
            }
        });
    }

    /**
     * Executes an operation that has its map's id, and waits for its answer. A single key's, if it lives here, is executed by
     * this very thread; with the {@link Router} then nothing has to do but what this thread has left there before.
     *
     * @param deadlineNanos how long it may take, or {@link Caller#USUAL_DEADLINE}
     * @return OUTCOME_UNKNOWN too if this thread is interrupted
     * @throws IllegalStateException on an event loop, if it would have to wait
     */
    public Result call(Operation op, long deadlineNanos) {
        Topology topology = followed;
        Turn turn = turns.get();
        if (topology == null || op.kind.isPartitionWide() || op.keeper != null || turn.isUnderWay()) {
            return callRouted(op, deadlineNanos);
        }
        op.partition = partition(op, topology);
        if (router.isBusy(op.partition)) {
            return callRouted(op, deadlineNanos);
        }
        if (op.kind == Kind.GET) {
            Result read = tryRead(op, turn);
            if (read != null) {
                return read;
            }
        }
        long ticket = parking.take(turn.place);
        if (ticket == 0) {
            return callRouted(op, deadlineNanos);
        }
        turn.place = Parking.slotOf(ticket);
        long since = System.nanoTime();
        long within = deadlineNanos == Caller.USUAL_DEADLINE ? Router.Limits.DEFAULT.deadlineNanos() : deadlineNanos;
        Result result;
        try {
            result = turn.execute(local, op, since, wallMillis(), ticket);
            if (result == null) {
                result = parking.await(ticket, since + within, within);
            }
        } finally {
            parking.leave(ticket);
        }
        if (result.status() == Status.RETRY) {
            long left = Math.max(1, within - (System.nanoTime() - since));
            return callRouted(op, left);
        }
        counts.executed(op.kind, local.space().account(op.map), result);
        return result;
    }

    /**
     * Shows the entry of this key if it lives here and nothing has to be waited for.
     *
     * @param map its id
     * @return this thread's; null if it is to be asked for
     */
    public @Nullable Glance glance(int map, byte[] key) {
        Topology topology = followed;
        if (topology == null) {
            return null;
        }
        Turn turn = turns.get();
        turn.get.map = map;
        turn.get.key(key, 0, key.length);
        int partition = partition(turn.get, topology);
        if (router.isBusy(partition)) {
            return null;
        }
        Replica replica = local.replica(partition);
        EntryCursor entry = turn.entry;
        int epoch = replica.tryRead(turn.get, wallMillis(), entry);
        if (epoch > 0) {
            turn.glance.show(entry.takeValue(), entry.flags, entry.expiry, replica.visibleVersion(entry));
        } else {
            turn.glance.showNothing();
        }
        if (epoch == 0 || !replica.confirm(epoch, System.nanoTime(), wallMillis()) || near.isKept(map)) {
            return null;
        }
        local.space().account(map).read(epoch > 0);
        return turn.glance;
    }

    private Result callRouted(Operation op, long deadlineNanos) {
        CompletableFuture<Result> answer = new CompletableFuture<>();
        submit(op, deadlineNanos, answer::complete);
        try {
            return await(answer);
        } catch (OutcomeUnknownException e) {
            return Result.refused(Status.OUTCOME_UNKNOWN, String.valueOf(e.getMessage()));
        }
    }

    /** As {@link Caller#await} says. */
    public <T> T await(CompletableFuture<T> future) {
        return parking.await(future);
    }

    private static int partition(Operation op, Topology topology) {
        return Slots.partitionOf(
                op.keyBytes, op.keyOffset, op.keyLength, topology.settings().partitions());
    }

    /** The read without a lock; null if it must take the other way. */
    private @Nullable Result tryRead(Operation op, Turn turn) {
        Replica replica = local.replica(op.partition);
        int epoch = replica.tryRead(op, wallMillis(), turn.entry);
        if (epoch == 0) {
            return null;
        }
        Result result = epoch < 0
                ? Result.MISSING
                : Result.found(
                        turn.entry.takeValue(),
                        turn.entry.flags,
                        turn.entry.expiry,
                        replica.visibleVersion(turn.entry));
        if (op.keeper != null) {
            result = result.withNumber(Math.abs(epoch));
        }
        if (!replica.confirm(epoch, System.nanoTime(), System.currentTimeMillis())) {
            return null;
        }
        counts.executed(Kind.GET, local.space().account(op.map), result);
        return result;
    }

    private boolean tryRead(Operation op, Answer answer) {
        Result result = tryRead(op, turns.get());
        if (result == null) {
            return false;
        }
        answer.accept(result);
        return true;
    }

    @Override
    public void execute(Operation op, Answer answer) {
        int partitions = config.partitions();
        if (!op.kind.isPartitionWide()) {
            op.partition = Slots.partitionOf(op.keyBytes, op.keyOffset, op.keyLength, partitions);
        } else if (op.partition < 0 || op.partition >= partitions) {
            answer.accept(Result.refused(Status.UNAVAILABLE, "no partition " + op.partition + " of " + partitions));
            return;
        }
        Topology topology = followed;
        if (topology != null && op.highestMap() >= topology.maps().size()) {
            // Ids are given from 0 on: either the sender knows a newer topology, or there is no such map.
            answer.accept(Result.refused(Status.RETRY, "no map has the id " + op.highestMap() + " here"));
            return;
        }
        if (op.kind == Kind.GET && tryRead(op, answer)) {
            return;
        }
        long ticket = lastTicket.incrementAndGet();
        Kind kind = op.kind;
        Account map = local.space().account(op.map);
        requests.put(ticket, result -> {
            counts.executed(kind, map, result);
            answer.accept(result);
        });
        take(turn -> {
            local.request(System.nanoTime(), wallMillis(), op, ticket, turn);
        });
    }

    // ---- what is kept near ----

    /** What this JVM keeps near. */
    public NearCache near() {
        return near;
    }

    @Override
    public Feeds feeds() {
        return feeds;
    }

    /** The router is about to send an operation. */
    void sending(Id member, long correlation, Operation op) {
        NearCache.Probe before = near.sent(System.nanoTime(), member, correlation, op);
        if (before != null) {
            probe(before);
        }
    }

    private void probe(NearCache.Probe probe) {
        OwnFeed following = ownFeed;
        if (probe.member().equals(following.self)) {
            boolean leased = feeds.isLeased();
            near.probed(probe.member(), probe.correlation(), following.feed.number(), leased);
        } else {
            links.send(probe.member(), Frame.PROBE, probe.correlation(), NOTHING);
        }
    }

    // ---- operations of this member to itself ----

    /** The router sends an operation to this very member; called in the order in which it must take effect. */
    void queueOwn(Id self, long correlation, boolean first, Operation op) {
        own[op.partition].add(new Own(self, correlation, first, op));
    }

    /** Executes what is queued for this partition, in order, whichever threads queued it. */
    void executeOwn(int partition, Turn turn) {
        take(turn, () -> {
            synchronized (own[partition]) {
                for (Own next = own[partition].poll(); next != null; next = own[partition].poll()) {
                    execute(next, turn);
                }
            }
        });
    }

    private void execute(Own next, Turn turn) {
        int partition = next.op.partition;
        boolean admitted;
        synchronized (ownFence) {
            admitted = ownFence.admits(partition, next.first);
        }
        if (!admitted) {
            turn.later(() -> answerOwn(next, Result.of(Status.RETRY), turn));
            return;
        }
        OwnFeed following = ownFeed;
        boolean unfollowed = next.op.keeper != null
                && !(following.self.equals(next.self) && following.feed.follow(next.op.map, partition));
        long ticket = lastTicket.incrementAndGet();
        ownRequests.put(ticket, partition);
        requests.put(ticket, result -> {
            counts.executed(next.op.kind, local.space().account(next.op.map), result);
            answerOwn(next, unfollowed ? result.withNumber(0) : result, turns.get());
        });
        local.request(System.nanoTime(), wallMillis(), next.op, ticket, turn);
    }

    /** A request is being refused: later ones of its partition must not overtake it, from this very moment. */
    void refusing(long ticket) {
        Integer partition = Parking.isParked(ticket) ? null : ownRequests.get(ticket);
        if (partition != null) {
            synchronized (ownFence) {
                ownFence.refused(partition);
            }
        }
    }

    private void answerOwn(Own asked, Result result, Turn turn) {
        if (asked.op.keeper != null) {
            OwnFeed following = ownFeed;
            boolean same = following.self.equals(asked.self);
            near.answered(
                    asked.self,
                    asked.correlation,
                    same ? following.feed.number() : 0,
                    same ? result : result.withNumber(0));
        }
        take(turn, () -> router.answered(System.nanoTime(), asked.self, asked.correlation, result, turn));
    }

    /** What a replica answers, by the ticket of its request; what the router answers, by that of its call. */
    void answered(long ticket, Result result) {
        if (Parking.isParked(ticket)) {
            parking.answer(ticket, result);
            return;
        }
        ownRequests.remove(ticket);
        Answer request = requests.remove(ticket);
        if (request == null) {
            request = calls.remove(ticket);
        }
        if (request != null) {
            request.accept(result);
        } else if (!closed) {
            throw new IllegalStateException("ticket " + ticket + " is answered twice");
        }
    }

    // ---- maps ----

    @Override
    public void openMap(String name, Answer answer) {
        Topology topology = followed;
        MapDefinition known = topology == null ? null : topology.map(name);
        if (known != null) {
            answer.accept(Result.number(Status.DONE, known.id()));
            return;
        }
        if (topology != null && topology.maps().size() >= Topology.MAX_MAPS) {
            answer.accept(Result.refused(
                    Status.UNAVAILABLE,
                    "the cluster has " + Topology.MAX_MAPS + " maps already, and takes no map '" + name + "'"));
            return;
        }
        boolean over;
        synchronized (waitingForMaps) {
            over = closed;
            if (!over) {
                long deadline = System.nanoTime() + Router.Limits.DEFAULT.deadlineNanos();
                waitingForMaps.add(new Waiting(name, answer, deadline));
            }
        }
        if (over) {
            answer.accept(Result.refused(Status.UNAVAILABLE, CLOSED));
            return;
        }
        local.wantMap(name);
        Topology now = followed;
        if (now != null) {
            answerMaps(now);
        }
    }

    private void answerMaps(Topology topology) {
        List<Waiting> done = new ArrayList<>();
        synchronized (waitingForMaps) {
            waitingForMaps.removeIf(waiting -> topology.map(waiting.name) != null && done.add(waiting));
        }
        for (Waiting waiting : done) {
            MapDefinition map = topology.map(waiting.name);
            if (map != null) {
                waiting.answer.accept(Result.number(Status.DONE, map.id()));
            }
        }
    }

    private void expireMaps(long nanos) {
        List<Waiting> late = new ArrayList<>();
        synchronized (waitingForMaps) {
            waitingForMaps.removeIf(waiting -> nanos - waiting.deadline >= 0 && late.add(waiting));
        }
        late.forEach(waiting -> waiting.answer.accept(Result.refused(
                Status.UNAVAILABLE, "the cluster did not agree on the map '" + waiting.name + "' in time")));
    }

    // ---- other members ----

    /** Queues a message; false if it is for this member itself. */
    boolean sendToPeer(Id to, PeerMessage message) {
        if (to.equals(identity.get())) {
            return false;
        }
        ByteWriter out = new ByteWriter(256);
        PeerCodec.encode(message, out);
        counts.sent(message);
        links.send(to, Frame.PEER, 0, out.toByteArray());
        return true;
    }

    /** Asks a member what its clock says. */
    void askTime(Id member) {
        links.send(member, Frame.PING, 0, NOTHING);
    }

    /** Queues a request; false if it is for this member itself. */
    boolean requestOfPeer(Id to, long correlation, boolean first, Operation op) {
        if (to.equals(identity.get())) {
            return false;
        }
        links.request(to, correlation, first, op);
        return true;
    }

    void receiveOwn(Id self, PeerMessage message, Turn turn) {
        take(turn, () -> {
            local.receive(System.nanoTime(), wallMillis(), self, message, turn);
        });
    }

    @Override
    public void met(Id member, String host, int port) {
        addresses.met(host, port, System.nanoTime());
    }

    @Override
    public void received(Id from, long correlation, byte[] body) {
        PeerMessage message = PeerCodec.decode(new ByteReader(body));
        counts.received(message);
        take(turn -> {
            local.receive(System.nanoTime(), wallMillis(), from, message, turn);
        });
    }

    @Override
    public void connected(Id member, String host, int port) {
        LOG.debug("event=connected member={} address={}:{}", member.brief(), host, port);
        near.connected(System.nanoTime(), member);
        take(turn -> {
            local.connected(member);
            router.connected(System.nanoTime(), member, turn);
        });
    }

    @Override
    public void disconnected(Id member, String reason) {
        LOG.debug("event=disconnected member={} reason=\"{}\"", member.brief(), reason);
        near.disconnected(member);
        take(turn -> {
            local.disconnected(member);
            router.disconnected(System.nanoTime(), member, turn);
        });
    }

    @Override
    public void refused(Id member) {
        take(turn -> {
            local.refused(System.nanoTime(), wallMillis(), member, turn);
        });
    }

    @Override
    public void received(Id from, long correlation, int type, byte[] body) {
        ByteReader in = new ByteReader(body);
        switch (type) {
            case Frame.ANSWER -> answered(from, correlation, ResultCodec.decode(in));
            case Frame.KEPT -> {
                long number = in.i64();
                Result result = ResultCodec.decode(in);
                near.answered(from, correlation, number, result);
                answered(from, correlation, result);
            }
            case Frame.INVALIDATED -> near.invalidated(from, correlation, NearCodec.decode(in));
            case Frame.PROBED -> near.probed(from, correlation, in.i64(), in.bool());
            case Frame.PONG -> {
                in.i64();
                router.told(System.nanoTime(), from, in.i64());
            }
            default -> {}
        }
    }

    private void answered(Id from, long correlation, Result result) {
        take(turn -> {
            router.answered(System.nanoTime(), from, correlation, result, turn);
        });
    }

    // ---- what people want to know ----

    @Override
    public @Nullable Topology topology() {
        return followed;
    }

    @Override
    public Id self() {
        return local.self().id();
    }

    @Override
    public void onTopology(Consumer<Topology> listener) {
        listeners.add(listener);
    }

    @Override
    public long wallMillis() {
        return System.currentTimeMillis();
    }

    private String unready() {
        Topology topology = local.committed();
        if (topology == null) {
            return "this member has not joined a cluster yet";
        }
        return "this member reaches no majority of the voters ("
                + topology.voters().size() + "), so it may not serve; it goes on when they are back";
    }

    @Override
    public Health health() {
        boolean leased = local.isLeased(System.nanoTime(), wallMillis());
        return HealthReport.of(config, local, leased ? "" : unready(), System.nanoTime() - startedAt);
    }

    /** What this member has done since its start. */
    public Work work() {
        long pendingBytes = 0;
        long differences = 0;
        long repeated = 0;
        for (int p = 0; p < config.partitions(); p++) {
            pendingBytes += local.replica(p).pendingBytes();
            differences += local.replica(p).differences();
            repeated += local.replica(p).repeated();
        }
        Topology topology = local.committed();
        Id self = local.self().id();
        int fillings = topology == null
                ? 0
                : (int) topology.partitions().stream()
                        .filter(partition -> partition.filling() != null && self.equals(partition.primary()))
                        .count();
        List<Work.OfMap> maps = topology == null
                ? List.of()
                : topology.maps().stream().map(this::work).toList();
        return new Work(
                local.space().hits(),
                local.space().misses(),
                counts.puts.sum(),
                counts.removals.sum(),
                counts.failures.sum(),
                counts.mutationsSent.sum(),
                counts.mutationsReceived.sum(),
                counts.acksReceived.sum(),
                pendingBytes,
                differences,
                repeated,
                maps,
                fillings);
    }

    private Work.OfMap work(MapDefinition map) {
        Account account = local.space().account(map.id());
        return new Work.OfMap(
                map.name(),
                account.entries(),
                account.bytes(),
                account.hits(),
                account.misses(),
                account.evictions(),
                account.expirations(),
                account.evictedAfterSeconds());
    }

    // ---- the end ----

    /** Leaves gracefully; false if that did not succeed in this time. */
    public boolean leave(long timeoutMillis) throws InterruptedException {
        take(turn -> {
            local.leave(System.nanoTime(), wallMillis(), turn);
        });
        return left.await(timeoutMillis, TimeUnit.MILLISECONDS);
    }

    /** Waits until this member serves; false if it does not in this time. */
    public boolean awaitReady(long timeoutMillis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (!health().ready()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            Thread.sleep(TICK_MILLIS);
        }
        return true;
    }

    /** Stops at once, as if the process had ended. */
    @Override
    public void close() {
        if (ticking != null) {
            ticking.cancel(false);
        }
        timer.shutdownNow();
        links.close();
        take(turn -> router.close(CLOSED, turn));
        parking.close(CLOSED);
        List<Waiting> maps;
        synchronized (waitingForMaps) {
            closed = true;
            maps = List.copyOf(waitingForMaps);
            waitingForMaps.clear();
        }
        maps.forEach(waiting -> waiting.answer.accept(Result.refused(Status.UNAVAILABLE, CLOSED)));
    }
}
