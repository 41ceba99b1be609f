package io.ringgrid.client;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import io.ringgrid.GridUnavailableException;
import io.ringgrid.MemberInfo;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.client.net.Address;
import io.ringgrid.client.net.Closed;
import io.ringgrid.client.net.LinkLimits;
import io.ringgrid.client.net.Links;
import io.ringgrid.client.net.Outbound;
import io.ringgrid.codec.Failures;
import io.ringgrid.codec.OpeningCaller;
import io.ringgrid.near.NearCache;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.route.Router;
import io.ringgrid.topology.Topology;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.MalformedFrameException;
import io.ringgrid.wire.NearCodec;
import io.ringgrid.wire.OperationCodec;
import io.ringgrid.wire.ResultCodec;
import io.ringgrid.wire.Secret;
import io.ringgrid.wire.TopologyCodec;
import io.ringgrid.wire.Welcome;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connections and calls. Thread-safe: an application's threads submit and wait, one event loop receives.
 *
 * <p>{@link Router} decides whom to ask; this class gives it the clock, the connections and the waiting threads, and
 * {@link Contacts} says whom to be connected to.
 */
final class Session extends OpeningCaller implements Links.Listener, Router.Effects, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    /** The largest value that any cluster may allow, a key, and what is around: the cluster decides, not the client. */
    private static final int MAX_FRAME = (64 << 20) + (64 << 10) + 4096;

    private static final long TICK_MILLIS = 10;
    private static final String CLOSED = "this client is closed";

    private final long deadlineNanos;
    private final MultiThreadIoEventLoopGroup loops;
    private final Links links;
    private final Contacts contacts;
    private final Router router;
    private final MapIds mapIds;
    private final NearCache near = new NearCache();
    private final ScheduledFuture<?> ticking;

    private final AtomicLong tickets = new AtomicLong();
    private final Map<Long, Consumer<Result>> calls = new ConcurrentHashMap<>();
    /** Given by the router and not handed over yet. */
    private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();

    private final ThreadLocal<Boolean> delivering = new ThreadLocal<>();
    /** Signs of life that were asked for, by the ticket. */
    private final Map<Long, CompletableFuture<Long>> pings = new ConcurrentHashMap<>();
    /** The first topology has come. */
    private final CompletableFuture<Topology> informed = new CompletableFuture<>();
    /** The members' wall clock is known. */
    private final CompletableFuture<Long> synchronous = new CompletableFuture<>();

    /** The newest; null before the first, and after closing. */
    private volatile @Nullable Topology topology;
    /** What is to be added to our wall clock to have the members'. */
    private volatile long wallOffsetMillis;

    private volatile boolean closed;

    Session(List<Address> contacts, String cluster, @Nullable Secret secret, long deadlineNanos) {
        this.deadlineNanos = deadlineNanos;
        this.loops = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("ringgrid-client", true), NioIoHandler.newFactory());
        this.links = new Links(loops, LinkLimits.of(MAX_FRAME), Hello.client(cluster), secret, this);
        this.contacts = new Contacts(contacts, links);
        this.router = new Router(Router.Limits.DEFAULT.withDeadline(deadlineNanos), new SecureRandom().nextLong() | 1);
        this.mapIds = new MapIds(links, deadlineNanos);
        this.ticking = loops.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Connects, and waits until it is known who holds what, and what time the members have.
     *
     * @throws GridUnavailableException if nobody tells within the deadline
     */
    void start() {
        contacts.refresh(null);
        String problem;
        try {
            informed.thenCombine(synchronous, (topology, offset) -> offset).get(deadlineNanos, TimeUnit.NANOSECONDS);
            return;
        } catch (TimeoutException e) {
            problem = "no contact let us in within " + TimeUnit.NANOSECONDS.toMillis(deadlineNanos) + " ms: ";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem = "interrupted while connecting: ";
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        String failures = contacts.failures();
        close();
        throw new GridUnavailableException(problem + failures);
    }

    private void tick() {
        try {
            router.tick(System.nanoTime(), this);
            deliver();
            near.tick(System.nanoTime(), System.currentTimeMillis()).forEach(this::probe);
        } catch (RuntimeException e) {
            LOG.error("event=client_fault what=\"please report this fault; the client goes on\"", e);
        }
    }

    /** Makes sure that the map exists. */
    void open(String map) {
        refuseOnOwnThread();
        int unused = idOf(map);
    }

    @Override
    public Result call(String map, Operation op, long within) {
        refuseOnOwnThread();
        op.map = idOf(map);
        CompletableFuture<Result> answer = new CompletableFuture<>();
        ask(op, within, answer::complete);
        try {
            return get(answer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            Status status = op.kind.isWrite() ? Status.OUTCOME_UNKNOWN : Status.UNAVAILABLE;
            return Result.refused(status, "interrupted before the answer");
        }
    }

    @Override
    protected @Nullable Integer knownId(String map) {
        return mapIds.knownId(map, topology);
    }

    @Override
    protected int idOf(String map) {
        return mapIds.idOf(map, () -> topology);
    }

    private void probe(NearCache.Probe probe) {
        links.send(probe.member(), Frame.PROBE, probe.correlation(), Outbound.Body.NONE);
    }

    @Override
    protected void ask(Operation op, long within, Consumer<Result> answer) {
        Topology known = topology;
        if (known != null && op.valueLength > known.settings().maxValueBytes()) {
            answer.accept(Result.refused(
                    Status.TOO_LARGE,
                    "a value of " + op.valueLength + " bytes, of which this cluster allows "
                            + known.settings().maxValueBytes()));
            return;
        }
        long ticket = tickets.incrementAndGet();
        calls.put(ticket, near.guard(op, answer));
        router.submit(System.nanoTime(), op, ticket, within == USUAL_DEADLINE ? deadlineNanos : within, this);
        deliver();
    }

    /** Hands over the answers that the router gave: outside of its monitor, since who hears one may ask again. */
    private void deliver() {
        if (answers.isEmpty() || delivering.get() != null) {
            return;
        }
        delivering.set(true);
        try {
            for (Runnable next = answers.poll(); next != null; next = answers.poll()) {
                next.run();
            }
        } finally {
            delivering.remove();
        }
    }

    @Override
    public <T> T await(CompletableFuture<T> future) {
        if (!future.isDone()) {
            refuseOnOwnThread();
        }
        try {
            return get(future);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OutcomeUnknownException("interrupted before all answers");
        }
    }

    private static <T> T get(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw Failures.of(e.getCause());
        }
    }

    @Override
    public void elsewhere(Runnable work) {
        ForkJoinPool.commonPool().execute(work);
    }

    @Override
    public int partitions() {
        Topology known = topology;
        if (known == null) {
            throw new GridUnavailableException(CLOSED);
        }
        return known.settings().partitions();
    }

    private void refuseOnOwnThread() {
        for (EventExecutor loop : loops) {
            if (loop.inEventLoop()) {
                throw new IllegalStateException(
                        "a blocking call on the client's own I/O thread would wait for itself; call from another thread");
            }
        }
    }

    @Override
    public NearCache near() {
        return near;
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public long wallMillis() {
        return System.currentTimeMillis() + wallOffsetMillis;
    }

    /** The newest topology. */
    Topology topology() {
        Topology known = topology;
        if (known == null) {
            throw new GridUnavailableException(CLOSED);
        }
        return known;
    }

    /** How long this member takes to answer, in nanoseconds, once there is a connection; -1 if it does not in time. */
    long ping(Id member) {
        refuseOnOwnThread();
        long deadline = System.nanoTime() + deadlineNanos;
        long ticket = tickets.incrementAndGet();
        CompletableFuture<Long> answer = new CompletableFuture<>();
        pings.put(ticket, answer);
        try {
            while (!links.isConnected(member)) {
                if (System.nanoTime() - deadline >= 0) {
                    return -1;
                }
                Thread.sleep(TICK_MILLIS);
            }
            long begun = System.nanoTime();
            links.send(member, Frame.PING, ticket, Outbound.Body.NONE);
            return answer.get(Math.max(1, deadline - begun), TimeUnit.NANOSECONDS) - begun;
        } catch (TimeoutException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            pings.remove(ticket);
        }
    }

    /** The members of the newest topology. */
    List<MemberInfo> members() {
        Topology known = topology;
        return known == null
                ? List.of()
                : known.members().stream()
                        .map(m -> new MemberInfo(m.id().toString(), m.name(), m.host(), m.port()))
                        .toList();
    }

    // What the router wants. Its monitor is held: nothing here waits or calls it.

    @Override
    public void send(Id member, long correlation, boolean first, Operation op) {
        NearCache.Probe before = near.sent(System.nanoTime(), member, correlation, op);
        if (before != null) {
            probe(before);
        }
        // If there is no connection any more, the router hears of its end as soon as it lets go of its monitor.
        links.send(member, Frame.REQUEST, correlation, out -> OperationCodec.encode(op, out.bool(first)));
    }

    @Override
    public void answer(long ticket, Result result) {
        Consumer<Result> waiting = calls.remove(ticket);
        if (waiting != null) {
            answers.add(() -> waiting.accept(result));
        }
    }

    @Override
    public void askTime(Id member) {
        links.send(member, Frame.PING, 0, Outbound.Body.NONE);
    }

    // What the connections tell, on the event loop.

    @Override
    public void connected(Id member, Welcome welcome) {
        LOG.info("event=connected member={} address={}:{}", welcome.name(), welcome.host(), welcome.port());
        near.connected(System.nanoTime(), member);
        router.connected(System.nanoTime(), member, this);
        deliver();
        contacts.refresh(topology);
    }

    @Override
    public void disconnected(Id member, Closed why) {
        LOG.info("event=disconnected member={} reason=\"{}\"", member.brief(), why.reason());
        near.disconnected(member);
        router.disconnected(System.nanoTime(), member, this);
        deliver();
        mapIds.disconnected(member);
        if (!closed) {
            contacts.refresh(topology);
        }
    }

    @Override
    public void refused(Id member) {
        // The members find that out for themselves, and tell by the next topology.
    }

    @Override
    public void failed(Address address, Closed why) {
        LOG.debug("event=dial_failed address={} reason=\"{}\"", address, why.reason());
        contacts.failed(address, why.reason());
    }

    @Override
    public void frame(Id from, int type, long correlation, byte[] bytes, int offset, int length) {
        ByteReader body = new ByteReader(bytes, offset, length);
        switch (type) {
            case Frame.ANSWER -> {
                router.answered(System.nanoTime(), from, correlation, ResultCodec.decode(body), this);
                deliver();
            }
            case Frame.KEPT -> kept(from, correlation, body);
            case Frame.INVALIDATED -> near.invalidated(from, correlation, NearCodec.decode(body));
            case Frame.PROBED -> near.probed(from, correlation, body.i64(), body.bool());
            case Frame.TOPOLOGY -> topology(TopologyCodec.decode(body));
            case Frame.MAP -> mapIds.answered(from, correlation, ResultCodec.decode(body));
            case Frame.PONG -> pong(from, correlation, body.i64(), body.i64());
            default -> throw new MalformedFrameException("a frame of type " + type + " sent to a client");
        }
    }

    private void kept(Id from, long correlation, ByteReader body) {
        long number = body.i64();
        Result result = ResultCodec.decode(body);
        near.answered(from, correlation, number, result);
        router.answered(System.nanoTime(), from, correlation, result, this);
        deliver();
    }

    private void pong(Id from, long correlation, long memberMillis, long memberNanos) {
        clock(memberMillis);
        router.told(System.nanoTime(), from, memberNanos);
        CompletableFuture<Long> waiting = pings.remove(correlation);
        if (waiting != null) {
            waiting.complete(System.nanoTime());
        }
    }

    private void clock(long memberMillis) {
        wallOffsetMillis = memberMillis - System.currentTimeMillis();
        synchronous.complete(wallOffsetMillis);
    }

    private void topology(Topology committed) {
        Topology held = topology;
        if (closed) {
            return;
        }
        if (held == null || held.cluster().equals(committed.cluster())) {
            if (!committed.isNewerThan(held)) {
                return;
            }
            router.topology(System.nanoTime(), committed, this);
        } else if (isGone(held)) {
            LOG.warn(
                    "event=cluster_replaced former={} new={} what=\"its members are gone or have joined another one\"",
                    held.cluster().brief(),
                    committed.cluster().brief());
            near.replaced();
            router.replace(System.nanoTime(), committed, this);
        } else {
            return;
        }
        deliver();
        topology = committed;
        contacts.refresh(committed);
        informed.complete(committed);
    }

    /** Whether a cluster was joined to another one, or none of its members is connected. */
    private boolean isGone(Topology former) {
        return former.state() == Topology.State.DISSOLVED
                || former.members().stream().noneMatch(member -> links.isConnected(member.id()));
    }

    @Override
    public void close() {
        closed = true;
        ticking.cancel(false);
        router.close(CLOSED, this);
        deliver();
        topology = null;
        near.replaced();
        links.close();
        boolean own = false;
        for (EventExecutor loop : loops) {
            own |= loop.inEventLoop();
        }
        var ended = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        if (!own) {
            ended.awaitUninterruptibly();
        }
    }
}
