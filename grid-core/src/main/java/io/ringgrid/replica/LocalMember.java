package io.ringgrid.replica;

import io.ringgrid.op.Operation;
import io.ringgrid.ring.Id;
import io.ringgrid.store.Account;
import io.ringgrid.store.MapLimit;
import io.ringgrid.store.Space;
import io.ringgrid.store.Store;
import io.ringgrid.store.Victims;
import io.ringgrid.topology.LeaseClock;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.Register;
import io.ringgrid.topology.RegisterEffects;
import io.ringgrid.topology.RegisterMessage;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Times;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Member;
import io.ringgrid.topology.Topology.MemberState;
import io.ringgrid.topology.Topology.Settings;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One process's part in the cluster: its register and its replicas, put together. Thread-safe: the register is guarded by
 * this object's monitor, each replica by its own; the order of locks is this one first.
 *
 * <p>A member that finds itself removed drops everything, takes a fresh identity and joins anew; {@link #self()} then
 * changes, and whoever owns the connections makes them anew under it.
 */
public final class LocalMember {
    private static final int RELIEVED_AT_ONCE = 64;
    private static final int COMPARED_AT_ONCE = 64;
    private static final int HIGH_WATER_PERMILLE = 800;
    /** So many stores are asked for entries, and all of them if those have none. */
    private static final int STORES_ASKED = 256;
    /** The same where a map is full. */
    private static final int STEPS_OF_MAP = 16;
    /** So many times victims are chosen for one request, if it is large; and when time passes. */
    private static final int STEPS = 1024;

    /** What is kept of callers' requests takes this part of the memory for entries more. */
    private static final int SESSIONS_PART = 16;

    private static final int LEAST_SESSION_BYTES = 16 << 10;
    private static final int MOST_SESSION_BYTES = 1 << 20;

    /** Makes the parts. */
    interface Maker {
        default Register register(Member self, Settings settings, Times times, RandomGenerator random) {
            return new Register(self, settings, times, random);
        }

        default Replica replica(int partition, Surroundings around, Space space) {
            return new Replica(partition, around, space);
        }
    }

    private final Maker maker;
    private final Settings settings;
    private final Times times;
    private final RandomGenerator random;
    private final Space space;
    private final Replica[] replicas;
    private final Map<Id, Integer> fills = new ConcurrentHashMap<>();
    /** The partitions that the held topology, or one before it, changed since one was last committed. */
    private final BitSet touched = new BitSet();

    private final Around around = new Around();
    private final Effects effects = new Effects();

    private volatile Member self;
    private volatile Register register;
    private volatile @Nullable Topology held;
    private volatile @Nullable Topology committed;
    private volatile long wokeAt;
    private volatile boolean left;
    private volatile boolean wrote;
    private volatile Changes changes = Changes.UNHEARD;
    private volatile Map<String, MapLimit> limits = Map.of();
    private boolean leaving;
    private @Nullable String expelled;
    private int relievedUpTo;
    /** Whose entries are looked at next for victims: only a hint, which threads may take from each other. */
    private int sampledUpTo;

    private int comparedUpTo;
    private long comparedAt;
    private boolean comparedBefore;
    private boolean toldRefused;

    /**
     * A member that has not joined.
     *
     * @param self this process, under a fresh identity
     * @param settings that the cluster must share
     * @param times of the protocol
     * @param maxBytes of memory for entries
     * @param random for ids and election times
     */
    public LocalMember(Member self, Settings settings, Times times, long maxBytes, RandomGenerator random) {
        this(self, settings, times, maxBytes, random, new Maker() {});
    }

    LocalMember(Member self, Settings settings, Times times, long maxBytes, RandomGenerator random, Maker maker) {
        this.maker = maker;
        this.self = self;
        this.settings = settings;
        this.times = times;
        this.random = random;
        this.space = new Space(maxBytes);
        this.register = maker.register(self, settings, times, random);
        this.replicas = new Replica[settings.partitions()];
        for (int p = 0; p < replicas.length; p++) {
            replicas[p] = maker.replica(p, around, space);
        }
    }

    /** Who hears what changes here from now on; to be said before this member takes part. */
    public void changes(Changes listener) {
        changes = listener;
    }

    /** Under which identity this process takes part now. */
    public Member self() {
        return self;
    }

    /** The newest committed topology that is known here, or null before joining. */
    public @Nullable Topology committed() {
        return committed;
    }

    /** The newest topology that was seen here, or null before joining. */
    public @Nullable Topology held() {
        return held;
    }

    /** Who leads, as far as is known here. */
    public Register.Standing standing() {
        return register.standing();
    }

    /** Whether this member may serve, by these clocks. */
    public boolean isLeased(long nanos, long wall) {
        return committed != null && register.lease().isValid(nanos, wall);
    }

    /** Whether the cluster does without this member: it may exit. */
    public boolean hasLeft() {
        return left;
    }

    /** The memory for entries. */
    public Space space() {
        return space;
    }

    /** The replica of this partition; the same for ever. */
    public Replica replica(int partition) {
        return replicas[partition];
    }

    /** A caller asks; {@code op.partition} says where. */
    public void request(long nanos, long wall, Operation op, long ticket, Outbox out) {
        Replica replica = replicas[op.partition];
        replica.request(nanos, wall, op, makesRoom(nanos, replica, op, out), ticket, out);
    }

    /**
     * The same for a caller of this process, who asks elsewhere what cannot be executed at this moment.
     *
     * @return false if it was not executed, and the ticket will not be answered
     */
    public boolean tryRequest(long nanos, long wall, Operation op, long ticket, Outbox out) {
        Replica replica = replicas[op.partition];
        return replica.tryRequest(nanos, wall, op, makesRoom(nanos, replica, op, out), ticket, out);
    }

    private boolean makesRoom(long nanos, Replica replica, Operation op, Outbox out) {
        return op.kind.isGrowth() && makeRoom(nanos, replica, op, out);
    }

    // ---- memory ----

    /** What maps of these names may have here, as soon as the cluster has them; to be said before this member takes part. */
    public void limits(Map<String, MapLimit> byName) {
        limits = Map.copyOf(byName);
    }

    private void limitMaps(Topology topology) {
        if (!limits.isEmpty()) {
            // All of them: in another cluster the same id is another map's.
            topology.maps().forEach(map -> space.limit(map.id(), limits.getOrDefault(map.name(), MapLimit.USUAL)));
        }
    }

    /**
     * Evicts for what is about to be written here, before the partition's lock is taken: what is least worth keeping of all partitions
     * that this member is primary of, one lock at a time. A store with many entries chooses as well by itself, and at less cost. Only
     * where nothing else makes room it is done in as many steps as it takes.
     *
     * @return whether anything was evicted
     */
    private boolean makeRoom(long nanos, Replica replica, Operation op, Outbox out) {
        long valueBytes = Math.min(settings.maxValueBytes(), op.bytes() - op.keyLength);
        long wanted = Store.mostBytes(op.keyLength, (int) valueBytes, 1);
        boolean evicted = makeRoom(nanos, space.account(op.map), replica, op, wanted, out);
        if (!evicted && replica.hasFew() && isTightHere()) {
            evicted = evict(nanos, anywhere(new Victims()), wanted, out) > 0;
        }
        for (int i = 0;
                i < STEPS && !space.hasRoomFor(wanted) && evict(nanos, anywhere(new Victims()), wanted, out) > 0;
                i++) {
            evicted = true;
        }
        return evicted;
    }

    /** The same within a map that has a limit of its own. Who writes at the same time may be beyond it by an entry each. */
    private boolean makeRoom(long nanos, Account map, Replica replica, Operation op, long wanted, Outbox out) {
        if (map.isKept() || !map.isFullFor(wanted) || replica.seems(op)) {
            return false;
        }
        boolean evicted = false;
        for (int i = 0; i < STEPS_OF_MAP && map.isFullFor(wanted); i++) {
            Victims victims = new Victims(map);
            if (i == 0 && !replica.hasFew()) {
                victims.tag(op.partition);
                replica.sample(victims);
            } else {
                anywhere(victims);
            }
            for (int rank = 0; rank < victims.size() && map.isFullFor(wanted); rank++) {
                evicted |= replicas[victims.tagOf(rank)].evict(nanos, victims, rank, out) > 0;
            }
        }
        return evicted;
    }

    /** One choice of this member's: the bytes that entries like those that it evicted may take. */
    private long evict(long nanos, Victims victims, long wanted, Outbox out) {
        long freed = 0;
        for (int rank = 0; rank < victims.size() && freed < wanted; rank++) {
            freed += replicas[victims.tagOf(rank)].evict(nanos, victims, rank, out);
        }
        return freed;
    }

    private Victims anywhere(Victims victims) {
        int next = sampledUpTo;
        for (int i = 0; i < replicas.length && victims.left() > 0 && (i < STORES_ASKED || victims.size() == 0); i++) {
            next = next + 1 < replicas.length ? next + 1 : 0;
            victims.tag(next);
            replicas[next].sample(victims);
        }
        sampledUpTo = next;
        return victims;
    }

    /** Another member says something. */
    public void receive(long nanos, long wall, Id from, PeerMessage message, Outbox out) {
        register.heard(nanos, from);
        if (message instanceof StreamMessage stream) {
            if (stream.partition() >= 0 && stream.partition() < replicas.length) {
                replicas[stream.partition()].receive(nanos, wall, from, stream, out);
            }
        } else if (message instanceof RegisterMessage news) {
            synchronized (this) {
                effects.in(nanos, wall, out);
                register.receive(nanos, wall, from, news, effects);
                startAnew();
            }
        }
    }

    /** Time passes; called each 10 to 25 ms. */
    public void tick(long nanos, long wall, Outbox out) {
        synchronized (this) {
            effects.in(nanos, wall, out);
            register.tick(nanos, wall, effects);
            wokeAt = register.wokeAt();
            startAnew();
        }
        for (Replica replica : replicas) {
            replica.tick(nanos, wall, out);
        }
        tellRefusedMemory(out);
        if (!comparedBefore || nanos - comparedAt >= times.discovery() / 2) {
            comparedBefore = true;
            comparedAt = nanos;
            compare(out);
        }
        for (int i = 0;
                i < STEPS && isTightHere() && evict(nanos, anywhere(new Victims()), Long.MAX_VALUE, out) > 0;
                i++) {}
        if (isTight()) {
            for (int i = 0; i < Math.min(RELIEVED_AT_ONCE, replicas.length); i++) {
                relievedUpTo = (relievedUpTo + 1) % replicas.length;
                replicas[relievedUpTo].relieve(nanos, out);
            }
        }
    }

    private void tellRefusedMemory(Outbox out) {
        long refused = space.refusedBytes();
        if (refused > 0 && !toldRefused) {
            toldRefused = true;
            out.report(
                    new Report(
                            true,
                            "memory-refused bytes=" + refused + " limit=" + space.maxBytes()
                                    + " the JVM grants no more outside of its heap: start it with a larger -XX:MaxDirectMemorySize"));
        }
    }

    /** The copies of a few partitions more are compared, so that in minutes all were. */
    private void compare(Outbox out) {
        int compared = 0;
        for (int i = 0; i < replicas.length && compared < COMPARED_AT_ONCE; i++) {
            comparedUpTo = (comparedUpTo + 1) % replicas.length;
            compared += replicas[comparedUpTo].compare(out) ? 1 : 0;
        }
    }

    private boolean isTightHere() {
        return space.fillPermille() >= HIGH_WATER_PERMILLE;
    }

    private boolean isTight() {
        if (isTightHere()) {
            return true;
        }
        for (int fill : fills.values()) {
            if (fill >= HIGH_WATER_PERMILLE) {
                return true;
            }
        }
        return false;
    }

    /** A connection to this process stands. */
    public synchronized void connected(Id id) {
        register.connected(id);
    }

    /** The connection to this process broke. */
    public synchronized void disconnected(Id id) {
        register.disconnected(id);
    }

    /** The sockets of this process are refused: it is gone. */
    public synchronized void refused(long nanos, long wall, Id id, Outbox out) {
        effects.in(nanos, wall, out);
        register.refused(nanos, id, effects);
        startAnew();
    }

    /** Starts to leave gracefully; {@link #hasLeft} tells when it is done. */
    public synchronized void leave(long nanos, long wall, Outbox out) {
        leaving = true;
        effects.in(nanos, wall, out);
        register.leave(effects);
    }

    /** Whether somebody accepts connections but does not say who he is. */
    public synchronized void silentContacts(boolean some) {
        register.silentContacts(some);
    }

    /** Asks for a map of this name until the committed topology has it. */
    public synchronized void wantMap(String name) {
        register.wantMap(name);
    }

    private void startAnew() {
        String reason = expelled;
        if (reason == null) {
            return;
        }
        expelled = null;
        if (leaving) {
            left = true;
            return;
        }
        effects.report(new Report(
                true,
                "member-starts-anew id=" + self.id() + " because " + reason + "; it drops its data and joins again"));
        self = self.as(new Id(random.nextLong(), random.nextLong()));
        held = null;
        committed = null;
        wrote = false;
        fills.clear();
        Topology last = register.committed();
        register = maker.register(self, settings, times, random);
        if (last != null && last.state() == Topology.State.DISSOLVED) {
            register.former(last);
        }
        for (Replica replica : replicas) {
            replica.expel(effects.nanos, effects.out());
        }
    }

    private final class Effects implements RegisterEffects {
        private long nanos;
        private long wall;
        private @Nullable Outbox out;

        void in(long newNanos, long newWall, Outbox newOut) {
            nanos = newNanos;
            wall = newWall;
            out = newOut;
        }

        Outbox out() {
            if (out == null) {
                throw new IllegalStateException("an effect outside of a call");
            }
            return out;
        }

        @Override
        public void send(Id to, RegisterMessage message) {
            out().send(to, message);
        }

        @Override
        public void hold(Topology newer) {
            Topology before = held;
            held = newer;
            for (int p = 0; p < replicas.length; p++) {
                if (before == null
                        || before.state() != newer.state()
                        || !before.partitions().get(p).equals(newer.partitions().get(p))) {
                    touched.set(p);
                    replicas[p].hold(newer);
                }
            }
        }

        @Override
        public void commit(Topology newer) {
            committed = newer;
            limitMaps(newer);
            fills.keySet().removeIf(id -> newer.member(id) == null);
            touched.stream().forEach(p -> replicas[p].adopt(nanos, wall, newer, out()));
            touched.clear();
        }

        @Override
        public void expelled(String reason) {
            expelled = reason;
        }

        @Override
        public void left() {
            left = true;
        }

        @Override
        public boolean wrote() {
            return wrote;
        }

        @Override
        public boolean takesOver() {
            for (Replica replica : replicas) {
                if (replica.takesOver()) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public void report(Report report) {
            out().report(report);
        }
    }

    private final class Around implements Surroundings {
        @Override
        public Id self() {
            return self.id();
        }

        @Override
        public Id cluster() {
            Topology now = committed;
            return now == null ? Id.NONE : now.cluster();
        }

        @Override
        public Times times() {
            return times;
        }

        @Override
        public LeaseClock lease() {
            return register.lease();
        }

        @Override
        public Register.Standing standing() {
            return register.standing();
        }

        @Override
        public long wokeAt() {
            return wokeAt;
        }

        @Override
        public boolean isDoubtful(Id id) {
            Topology now = committed;
            Member member = now == null ? null : now.member(id);
            return register.isGone(id) || member == null || member.state() == MemberState.SUSPECT;
        }

        @Override
        public int fillPermille(Id id) {
            return fills.getOrDefault(id, 0);
        }

        @Override
        public void noteFill(Id id, int permille) {
            // Each acknowledgement says it, and it is nearly always the same.
            if (fillPermille(id) != permille) {
                fills.put(id, permille);
            }
        }

        @Override
        public void wrote() {
            if (!wrote) {
                wrote = true;
            }
        }

        @Override
        public Changes changes() {
            return changes;
        }

        @Override
        public int maxValueBytes() {
            return settings.maxValueBytes();
        }

        @Override
        public int sessionBytes() {
            long share = space.maxBytes() / SESSIONS_PART / settings.partitions();
            return (int) Math.max(LEAST_SESSION_BYTES, Math.min(MOST_SESSION_BYTES, share));
        }
    }
}
