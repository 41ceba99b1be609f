package io.ringgrid.sim;

import io.ringgrid.op.Operation;
import io.ringgrid.replica.CopyContents;
import io.ringgrid.ring.Id;
import io.ringgrid.sim.EventQueue.Event;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Times;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Partition;
import io.ringgrid.topology.Topology.Settings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One seed: a cluster of real members in simulated time, with faults and clients, and the history of what the clients
 * asked and heard. Everything that is random comes from the seed, so that a seed always gives the same run; its
 * {@link #traceHash} says so.
 */
public final class Simulation {
    static final long MICRO = 1_000;
    static final long MILLI = 1_000_000;
    static final long SECOND = 1_000_000_000;
    /** Who was silent for so long counts as failed already, or may within a moment. */
    private static final long DOUBTFUL = 400 * MILLI;

    private static final long REDIAL = 100 * MILLI;
    private static final long TICK = 20 * MILLI;
    private static final long FAULTS_FROM = 2 * SECOND;
    private static final long FAULTS_UNTIL = 15 * SECOND;
    private static final long END = 20 * SECOND;
    private static final long MOST_STEPS = 2_000_000;
    /** Of a wall clock, in milliseconds. */
    private static final long LONGEST_JUMP = 5000;

    /** So long a client waits for an answer. */
    private static final long PATIENCE = SECOND;

    private static final long LONGEST_WAIT = 12 * SECOND;

    private static final int BOTH_WAYS = 2;
    private static final String ANYBODY = "*";

    static final String WITNESS = "witness";

    private record Cut(String from, String to, long until) {
        boolean concerns(SimMember sender, SimMember receiver) {
            return (from.equals(ANYBODY) || from.equals(sender.name))
                    && (to.equals(ANYBODY) || to.equals(receiver.name));
        }
    }

    /** What one member sends to another. */
    private static final class Link {
        /** When the last message arrives that keeps the order. */
        long last;
        /** Nothing that is sent arrives before this moment. */
        long cloggedUntil;
        /** How many messages were sent, and which of them has arrived last. */
        long sent;

        long arrived;
        /** Of what was sent on connections before this one nothing arrives from a drawn message on. */
        long wire;

        long lostFrom;

        boolean isLost(long number, long sentOn) {
            return sentOn < wire && number >= lostFrom;
        }
    }

    /** Which of the members' messages to each other never arrive. */
    @FunctionalInterface
    interface Loss {
        boolean loses(Id from, Id to, PeerMessage message);
    }

    private record Stamp(Id cluster, long term, long version) {}

    private final Canary canary;
    private final Faults faults;
    private final SplittableRandom random;
    private final SplittableRandom network;
    private final EventQueue events = new EventQueue();
    private final List<SimMember> members = new ArrayList<>();
    /** Those of them that live; null when it is to be made anew. */
    private @Nullable List<SimMember> living;

    private final Map<Id, SimMember> byId = new HashMap<>();
    private final Map<Long, Link> links = new HashMap<>();

    private final List<Cut> cuts = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    /** What members have taken for committed: of each stamp there is one. */
    private final Map<Stamp, Topology> agreed = new HashMap<>();

    private final Workload workload;
    private final NearReaders nearReaders;
    private final @Nullable LastingCut lastingCut;
    private final Set<String> mustRestart = new HashSet<>();

    /** Whether the strangers, if there are any, can reach the others. */
    private boolean met;
    /** Who of the others could reach them. */
    private final Set<Id> acquainted = new HashSet<>();
    /** Whether some member is a stranger still. */
    private boolean strange;

    private Loss loss = (from, to, message) -> false;

    private long clientsFrom = 500 * MILLI;
    private long now;
    private long lastWire;
    private long lastOrder;
    private long traceHash = 1;
    private long nextFailure;
    private int differences;
    private long steps;
    private int started;
    private boolean keepsLog;
    private boolean bothServe;

    /** A run of this seed, without this rule. */
    public Simulation(long seed, Canary canary) {
        this(seed, canary, UnaryOperator.identity());
    }

    /** A run with these faults, for a scenario that brings its own. */
    Simulation(long seed, Canary canary, Faults faults) {
        this(seed, canary, drawn -> faults);
    }

    /** A run with the seed's faults, changed. */
    Simulation(long seed, Canary canary, UnaryOperator<Faults> change) {
        this.canary = canary;
        this.random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 1);
        this.faults = change.apply(Faults.draw(seed, random.split()));
        this.network = random.split();
        this.workload = new Workload(this, canary, this.faults, random.split());
        // Apart from all else, so that whether there are such readers changes nothing but what they cause.
        this.nearReaders = new NearReaders(
                this, workload, this.faults.expires(), new SplittableRandom(seed * 0xD1342543DE82EF95L + 3));
        this.lastingCut = this.faults.lastingCuts() > 0 ? new LastingCut(this, random.split()) : null;
    }

    /** Keeps a log of what happens, for people. */
    public Simulation keepLog() {
        keepsLog = true;
        return this;
    }

    /** What happened, if it was kept. */
    public List<String> log() {
        return log;
    }

    /** Runs the seed to its end and returns what the clients asked and heard. */
    public History run() {
        note("faults " + faults);
        for (int i = 0; i < faults.members(); i++) {
            at(random.nextLong(faults.members() > 2 && random.nextBoolean() ? 5 * MILLI : 1200 * MILLI), this::join);
        }
        if (faults.witness()) {
            at(random.nextLong(3 * SECOND), this::startWitness);
        }
        scheduleStrangers();
        scheduleFaults();
        workload.start();
        if (faults.clients() > 0) {
            nearReaders.start();
        }
        while (!events.isEmpty() && now < END + 2 * LONGEST_WAIT) {
            Event event = events.remove();
            now = event.at();
            if (++steps > MOST_STEPS) {
                throw new AssertionError("a storm of messages at " + now / MILLI + " ms" + states());
            }
            SimMember member = event.member();
            if (member == null) {
                event.what().run();
            } else if (member.alive && member.isPaused()) {
                events.add(new Event(member.pausedUntil, event.order(), member, event.what()));
            } else if (member.alive) {
                event.what().run();
                member.work();
                if (member.alive) {
                    Invariants.check(member, bothServe ? ofOneCluster(member) : members, byId);
                }
            }
            if (now > END && workload.isDone()) {
                break;
            }
        }
        return workload.history();
    }

    /** Whether all reads at the end were answered, and all copies are equal; empty if so. */
    public String notConverged() {
        if (!isQuorate()) {
            return "";
        }
        String unanswered = workload.notConverged();
        if (!unanswered.isEmpty()) {
            return unanswered + states();
        }
        String absent = bothServe ? "" : missingMembers();
        if (!absent.isEmpty()) {
            return absent + states();
        }
        String missing = missingCopies();
        return missing.isEmpty() ? unequalCopies() : missing + states();
    }

    /** When all faults are over, there is one cluster of all who live and stay, unless two were let be. */
    private String missingMembers() {
        Topology topology = newest();
        for (SimMember member : alive()) {
            if (topology != null && !member.leaves && topology.member(member.id()) == null) {
                return "not converged: " + member.name + " is not a member of " + topology.cluster();
            }
        }
        return "";
    }

    /** When all faults are over, each partition has as many copies as it should. */
    private String missingCopies() {
        Topology topology = newest();
        if (topology == null) {
            return "";
        }
        long present = topology.members().stream()
                .filter(member -> member.state() == Topology.MemberState.ACTIVE && !member.isWitness())
                .count();
        long copies = Math.min(faults.backups() + 1, present);
        for (int p = 0; p < faults.partitions(); p++) {
            int inSync = topology.partitions().get(p).inSync().size();
            if (inSync < copies) {
                return "not converged: partition " + p + " has " + inSync + " copies of " + copies;
            }
        }
        return "";
    }

    /** How many copies the members themselves have found to differ. */
    public int differences() {
        return differences;
    }

    private String states() {
        StringBuilder states = new StringBuilder();
        for (SimMember member : alive()) {
            states.append("\n")
                    .append(member.name)
                    .append(" ")
                    .append(member.id().brief());
            for (int p = 0; p < faults.partitions(); p++) {
                states.append("\n  ").append(member.local.replica(p));
            }
        }
        return states.toString();
    }

    /** Replicas with equal sequence numbers are equal, byte for byte. */
    private String unequalCopies() {
        Topology topology = newest();
        for (int p = 0; topology != null && p < faults.partitions(); p++) {
            Map<Long, String> contents = new HashMap<>();
            for (Id id : topology.partitions().get(p).inSync()) {
                SimMember member = byId.get(id);
                if (member != null && topology.equals(member.local.committed())) {
                    CopyContents copy = CopyContents.of(member.local, p);
                    String other = contents.putIfAbsent(copy.applied(), copy.contents());
                    if (other != null && !other.equals(copy.contents())) {
                        return "copies of partition " + p + " differ at seq " + copy.applied() + ":\n" + other + "\n"
                                + copy.contents();
                    }
                }
            }
        }
        return "";
    }

    /** What was read near and should not have been; empty if nothing. */
    public String nearViolation() {
        return nearReaders.log().violation(workload.history());
    }

    /** How many reads were answered by what is kept near. */
    public long nearHits() {
        return nearReaders.log().hits();
    }

    NearLog nearLog() {
        return nearReaders.log();
    }

    /** How many operations were asked, and how many had an outcome that the caller could use. */
    public int[] successes() {
        return workload.successes();
    }

    /** Whether entries may be evicted, or expire, in this run. */
    public boolean vanishes() {
        return faults.vanishes();
    }

    /** The same for two runs of one seed. */
    public long traceHash() {
        return traceHash;
    }

    // ---- time and chance ----

    long now() {
        return now;
    }

    /** When the clients come. */
    long clientsFrom() {
        return clientsFrom;
    }

    long end() {
        return END;
    }

    long longestWait() {
        return LONGEST_WAIT;
    }

    void trace(long what) {
        traceHash = (traceHash ^ what ^ now) * 0x100000001B3L;
    }

    void at(long time, Runnable what) {
        events.add(new Event(time, ++lastOrder, null, what));
    }

    /** When whoever asks this member for this now has to be answered; hardly anything is promised in the middle of faults. */
    long answeredBy(SimMember member, Operation op) {
        return lastingCut == null ? Long.MAX_VALUE : lastingCut.answeredBy(member, op);
    }

    int partitions() {
        return faults.partitions();
    }

    /** When a client's patience ends, for what it asks now. */
    void afterPatience(Runnable what) {
        events.addLast(new Event(now + PATIENCE, ++lastOrder, null, what));
    }

    void later(long delay, SimMember member, Runnable what) {
        events.add(new Event(now + delay, ++lastOrder, member, what));
    }

    /** Before everything else that waits for this member. */
    void first(long time, SimMember member, Runnable what) {
        events.add(new Event(time, -1, member, what));
    }

    void note(String text) {
        if (keepsLog) {
            log.add(String.format("%9.3f ms ", now / 1e6) + text);
        }
    }

    void adopted(SimMember member, Topology topology) {
        Stamp stamp = new Stamp(topology.cluster(), topology.term(), topology.version());
        Topology same = agreed.putIfAbsent(stamp, topology);
        if (same != null && !same.equals(topology)) {
            throw new AssertionError("two topologies are committed as " + stamp + ": at " + member.name + " " + topology
                    + ", and " + same);
        }
        if (strange) {
            mindStrangers(member, topology);
        }
        if (keepsLog) {
            StringBuilder text =
                    new StringBuilder(member.name + " adopts " + topology.term() + "/" + topology.version());
            topology.members().forEach(other -> text.append(" ")
                    .append(name(other.id()))
                    .append(" ")
                    .append(other.state()));
            text.append(" voters");
            topology.voters().forEach(id -> text.append(" ").append(name(id)));
            topology.nextVoters().forEach(id -> text.append(" >").append(name(id)));
            for (Partition partition : topology.partitions()) {
                text.append(" | ").append(partition.epoch()).append(" ").append(name(partition.primary()));
                partition.inSync().forEach(id -> text.append(" ").append(name(id)));
                text.append(partition.filling() == null ? "" : " <" + name(partition.filling()));
            }
            note(text.toString());
        }
    }

    private String name(@Nullable Id id) {
        SimMember member = id == null ? null : byId.get(id);
        return member == null ? "gone" : member.name;
    }

    void report(SimMember member, Report report) {
        if (report.text().startsWith("copy-differs")) {
            differences++;
        }
        note(member.name + " " + report.text());
        trace(report.text().hashCode());
    }

    /** After a value was read and before its answer is confirmed, a member may pause. */
    void maySlip(SimMember member, SplittableRandom chance) {
        if (faults.slipPerMille() > 0 && chance.nextInt(1000) < faults.slipPerMille() && now < FAULTS_UNTIL) {
            pause(member, chance.nextLong(10 * MILLI, 1500 * MILLI));
        }
    }

    // ---- the network ----

    void transmit(Id from, Id to, Consumer<SimMember> deliver) {
        SimMember sender = byId.get(from);
        SimMember receiver = byId.get(to);
        trace(from.low() * 31 + to.low());
        if (sender == null || receiver == null || isCut(sender, receiver) || chance(faults.lossPerMille())) {
            return;
        }
        long wire = sender.wire(to);
        deliver(from, to, receiver, wire, deliver);
        if (chance(faults.duplicatePerMille())) {
            deliver(from, to, receiver, wire, deliver);
        }
    }

    /** A scenario loses just these, until it loses others. */
    void lose(Loss chosen) {
        loss = chosen;
    }

    boolean loses(Id from, Id to, PeerMessage message) {
        return loss.loses(from, to, message);
    }

    private boolean chance(int perMille) {
        return perMille > 0 && now < FAULTS_UNTIL && network.nextInt(1000) < perMille;
    }

    private void deliver(Id from, Id to, SimMember receiver, long wire, Consumer<SimMember> deliver) {
        long delay = 50 * MICRO + network.nextLong(faults.maxDelayMicros() * MICRO);
        if (from.equals(to)) {
            delay = MICRO;
        }
        Link link = link(from, to);
        long at = Math.max(now + delay, link.cloggedUntil);
        if (chance(faults.reorderPerMille())) {
            at += network.nextLong(50 * MILLI);
        } else {
            at = Math.max(at, link.last + 1);
            link.last = at;
        }
        long number = ++link.sent;
        events.add(new Event(at, ++lastOrder, receiver, () -> {
            if (receiver.id().equals(to) && !isGoneFor(from) && !link.isLost(number, wire)) {
                link.arrived = Math.max(link.arrived, number);
                if (receiver.reads(from, wire)) {
                    deliver.accept(receiver);
                }
            }
        }));
    }

    private Link link(Id from, Id to) {
        return links.computeIfAbsent(from.low() * 31 + to.low(), unknown -> new Link());
    }

    private boolean isGoneFor(Id from) {
        return !byId.containsKey(from);
    }

    boolean isCut(SimMember from, SimMember to) {
        if (cuts.isEmpty() || from == to) {
            return false;
        }
        cuts.removeIf(cut -> cut.until <= now);
        for (Cut cut : cuts) {
            if (cut.concerns(from, to)) {
                return true;
            }
        }
        return false;
    }

    // ---- members come and go ----

    List<SimMember> alive() {
        List<SimMember> known = living;
        if (known == null) {
            known = members.stream().filter(member -> member.alive).toList();
            living = known;
        }
        return known;
    }

    /** Those who live and are of the one cluster that clients know, or will be. */
    List<SimMember> servers() {
        return strange ? alive().stream().filter(member -> !member.stranger).toList() : alive();
    }

    void join() {
        start("n" + ++started, new Id(random.nextLong(), random.nextLong()));
    }

    void startWitness() {
        start(WITNESS);
    }

    void start(String name) {
        start(name, new Id(random.nextLong(), random.nextLong()));
    }

    // ---- a second cluster ----

    /** They meet early, when perhaps neither cluster was written to, or later. */
    private void scheduleStrangers() {
        if (faults.strangers() > 0) {
            strange = true;
            for (int i = 1; i <= faults.strangers(); i++) {
                String name = "s" + i;
                at(random.nextLong(1200 * MILLI), () -> startStranger(name));
            }
            boolean early = random.nextBoolean();
            if (early) {
                clientsFrom = random.nextLong(clientsFrom, 4 * SECOND);
            }
            at(early ? random.nextLong(600 * MILLI, 2500 * MILLI) : random.nextLong(3 * SECOND, 12 * SECOND), () -> {
                note("the strangers meet the others");
                met = true;
                alive().forEach(this::acquaint);
            });
        }
    }

    /** A member of the one cluster can reach the strangers from now on. */
    private void acquaint(SimMember member) {
        if (met && !member.stranger && member.local.committed() != null && acquainted.add(member.id())) {
            for (SimMember other : alive()) {
                if (other.stranger) {
                    meet(member, other);
                }
            }
        }
    }

    /**
     * Whether these cannot reach each other. Who is about to join must not find the strangers first: what its clients have
     * asked it would be written there, and then neither cluster dissolves.
     */
    private boolean areApart(SimMember one, SimMember other) {
        return one.stranger != other.stranger && (!met || (one.stranger ? other : one).local.committed() == null);
    }

    /** What becomes of strangers when a member has adopted this. */
    private void mindStrangers(SimMember member, Topology topology) {
        if (!member.stranger && topology.state() == Topology.State.DISSOLVED) {
            note("the first cluster dissolves into the strangers'");
            List<SimMember> strangers =
                    alive().stream().filter(other -> other.stranger).toList();
            for (SimMember other : alive()) {
                Topology theirs = other.local.committed();
                other.stranger = theirs != null && theirs.cluster().equals(topology.cluster());
            }
            alive().forEach(this::acquaint);
            joinInstead(strangers);
        }
        acquaint(member);
        for (SimMember other : alive()) {
            if (other.stranger && servers().stream().anyMatch(server -> areOfOneCluster(other, server))) {
                note(other.name + " is no stranger any more");
                other.stranger = false;
                for (SimMember unmet : servers()) {
                    if (unmet != other && !acquainted.contains(unmet.id())) {
                        meet(other, unmet);
                    }
                }
            }
        }
        strange = !met || alive().stream().anyMatch(other -> other.stranger);
    }

    /** Who was about to join the first cluster joins that of those who were strangers until now. */
    private void joinInstead(List<SimMember> strangers) {
        for (SimMember joiner : alive()) {
            if (!joiner.stranger && !strangers.contains(joiner) && !acquainted.contains(joiner.id())) {
                strangers.forEach(other -> meet(joiner, other));
            }
        }
    }

    private static boolean areOfOneCluster(SimMember one, SimMember other) {
        Topology ones = one.local.committed();
        Topology others = other.local.committed();
        return ones != null && others != null && ones.cluster().equals(others.cluster());
    }

    private void startStranger(String name) {
        start(name, new Id(random.nextLong(), random.nextLong()), true);
    }

    private void start(String name, Id id) {
        start(name, id, false);
    }

    private void start(String name, Id id, boolean stranger) {
        Settings settings = new Settings(faults.partitions(), faults.backups(), 1 << 20);
        Times times = Times.DEFAULT.withSession(faults.sessionMillis() * MILLI);
        long memory = faults.memoryBytes(random);
        SimMember member = new SimMember(this, canary, name, id, started, settings, times, memory, random.split());
        note(name + " starts as " + id.brief());
        member.stranger = stranger;
        strange |= stranger;
        mustRestart.remove(name);
        for (SimMember other : members) {
            if (other.name.equals(name)) {
                forget(other.id());
            }
        }
        members.removeIf(other -> other.name.equals(name));
        members.add(member);
        living = null;
        byId.put(id, member);
        tick(member);
        for (SimMember other : alive()) {
            if (other != member) {
                meet(member, other);
            }
        }
        troubleToo();
    }

    /** Where isolations happen at all, they like to come when the members, and so the voters, change. */
    private void troubleToo() {
        if (faults.isolations() > 0 && now > FAULTS_FROM && random.nextBoolean()) {
            at(now + random.nextLong(1500 * MILLI), this::isolate);
        }
    }

    /** They like best a leader who has just told the others that the voters are to be others, and was not heard yet. */
    void held(SimMember member, Topology topology) {
        boolean proposes = !topology.nextVoters().isEmpty()
                && member.id().equals(member.local.standing().leader());
        if (proposes && faults.isolations() > 0 && now < FAULTS_UNTIL && random.nextInt(6) == 0) {
            at(
                    now + random.nextLong(500 * MICRO),
                    () -> isolate(member, BOTH_WAYS, random.nextLong(SECOND, 4 * SECOND)));
        }
    }

    private void tick(SimMember member) {
        later(TICK + random.nextLong(MILLI), member, () -> {
            trace(member.id().low());
            member.tick();
            tick(member);
        });
    }

    private void meet(SimMember one, SimMember other) {
        if (!areApart(one, other)) {
            connect(one, other);
            connect(other, one);
        }
    }

    /** A connection is one between identities: who has started anew meanwhile has to meet the other anew. */
    private void connect(SimMember one, SimMember other) {
        Id oneId = one.id();
        Id otherId = other.id();
        later(random.nextLong(5 * MILLI), one, () -> {
            if (one.id().equals(oneId) && other.alive && other.id().equals(otherId)) {
                one.connected(otherId);
            }
        });
    }

    /** Everybody notices that this identity's sockets are closed, and then refused, whenever it is dialed again. */
    private void forget(Id id) {
        for (SimMember other : alive()) {
            later(100 * MICRO + random.nextLong(2 * MILLI), other, () -> {
                other.disconnected(id);
                other.refused(id);
            });
            later(REDIAL + random.nextLong(REDIAL), other, () -> other.refused(id));
        }
    }

    void renamed(SimMember member, Id old) {
        note(member.name + " is now " + member.id().brief() + ", was " + old.brief());
        byId.remove(old);
        byId.put(member.id(), member);
        forget(old);
        for (SimMember other : alive()) {
            if (other != member) {
                meet(member, other);
            }
        }
    }

    /** Whoever loses a connection and makes another has one that is not the former. */
    long nextWire() {
        return ++lastWire;
    }

    /** One end has lost the connection, and a moment later so has the other. */
    void wireBroke(SimMember one, Id other, long wire) {
        SimMember end = byId.get(other);
        Id id = one.id();
        if (end != null) {
            later(MILLI, end, () -> end.wireBroke(id, wire));
        }
    }

    void ended(SimMember member) {
        note(member.name + " has left");
        checkMissedByNobody(member);
        remove(member, false);
    }

    /** Who leaves while others stay takes neither its vote nor the last copy of anything along. */
    private void checkMissedByNobody(SimMember member) {
        Topology topology = newest();
        boolean heirs = topology != null
                && topology.members().stream()
                        .anyMatch(other -> other.state() == Topology.MemberState.ACTIVE
                                && !other.isWitness()
                                && !other.id().equals(member.id()));
        if (!heirs || topology == null) {
            return;
        }
        // Whoever was out of reach may have been taken for dead; then its vote is moved after it, and it may hear late
        // that it is no member any more.
        long lastQuiet = Math.max(member.quietUntil, member.doubtedUntil);
        boolean reached = lastQuiet == 0 || (topology.member(member.id()) != null && now > lastQuiet + 3 * SECOND);
        if (reached && topology.isVoter(member.id())) {
            throw new AssertionError(member.name + " has left, and is a voter of " + topology);
        }
        for (int p = 0; p < topology.partitions().size(); p++) {
            if (topology.partitions().get(p).inSync().equals(List.of(member.id()))) {
                throw new AssertionError(member.name + " has left with the only copy of partition " + p);
            }
        }
    }

    /** Its process is gone, and its sockets are refused. */
    void kill(SimMember member) {
        remove(member, false);
    }

    private void remove(SimMember member, boolean silently) {
        living = null;
        member.stop();
        byId.remove(member.id());
        if (!silently) {
            members.remove(member);
            forget(member.id());
        }
    }

    // ---- faults ----

    private void scheduleFaults() {
        for (int i = 0; i < faults.crashes(); i++) {
            at(faultTime(), () -> crash(40));
        }
        for (int i = 0; i < faults.pauses(); i++) {
            at(faultTime(), () -> {
                SimMember member = anyone();
                if (member != null) {
                    long length = random.nextInt(3) == 0
                            ? random.nextLong(8 * SECOND)
                            : random.nextLong(50 * MILLI, 1500 * MILLI);
                    pause(member, Math.min(length, FAULTS_UNTIL - now));
                }
            });
        }
        for (int i = 0; i < faults.cuts(); i++) {
            at(faultTime(), this::cut);
        }
        for (int i = 0; i < faults.isolations(); i++) {
            at(faultTime(), this::isolate);
        }
        for (int i = 0; i < faults.severings(); i++) {
            at(faultTime(), this::sever);
        }
        for (int i = 0; i < faults.wrongSuspicions(); i++) {
            at(faultTime(), this::suspectWrongly);
        }
        for (int i = 0; i < faults.leaves(); i++) {
            at(faultTime(), () -> leave(40));
        }
        for (int i = 0; i < faults.joins(); i++) {
            at(faultTime(), this::join);
        }
        for (int i = 0; i < faults.wallJumps(); i++) {
            at(faultTime(), this::jumpWall);
        }
        for (int i = 0; i < faults.clogs(); i++) {
            at(faultTime(), this::clog);
        }
        for (int i = 0; i < faults.breaks(); i++) {
            at(faultTime(), this::breakConnection);
        }
        for (int i = 0; i < faults.clientDeaths(); i++) {
            at(faultTime(), workload::killClient);
        }
        if (lastingCut != null) {
            lastingCut.schedule();
        }
    }

    private void jumpWall() {
        SimMember member = anyone();
        if (member != null) {
            long millis = random.nextLong(-LONGEST_JUMP, LONGEST_JUMP);
            note(member.name + "'s wall clock jumps by " + millis + " ms");
            member.jumpWall(millis);
            // What it then takes for ended is not to its heirs.
            if (random.nextBoolean()) {
                at(
                        now + random.nextLong(SECOND),
                        () -> pause(member, Math.min(random.nextLong(SECOND, 3 * SECOND), FAULTS_UNTIL - now)));
            }
        }
    }

    private long faultTime() {
        return random.nextLong(FAULTS_FROM, FAULTS_UNTIL);
    }

    private @Nullable SimMember anyone() {
        List<SimMember> alive = alive();
        return alive.isEmpty() ? null : alive.get(random.nextInt(alive.size()));
    }

    void pause(SimMember member, long length) {
        if (length > 0) {
            note(member.name + " pauses for " + length / MILLI + " ms");
            member.pausedUntil = Math.max(member.pausedUntil, now + length);
            member.quiet(member.pausedUntil);
        }
    }

    private void cut() {
        SimMember from = anyone();
        SimMember to = anyone();
        if (from != null && to != null && from != to) {
            long until = Math.min(FAULTS_UNTIL, now + random.nextLong(100 * MILLI, 4 * SECOND));
            note("cut from " + from.name + " to " + to.name + " until " + until / MILLI);
            cut(from, to, until);
            if (random.nextBoolean()) {
                cut(to, from, until);
            }
        }
    }

    /** Nothing that is sent from the one to the other arrives, until then. */
    void cut(SimMember from, SimMember to, long until) {
        cuts.add(new Cut(from.name, to.name, until));
        from.quiet(until);
        to.quiet(until);
    }

    private void clog() {
        SimMember from = leaderOrAnyone();
        SimMember to = anyone();
        if (from != null && to != null && from != to) {
            clog(from, to, Math.min(FAULTS_UNTIL, now + random.nextLong(50 * MILLI, 3 * SECOND)));
        }
    }

    /** What is sent from the one to the other arrives then, in order and at once, and nothing before. */
    void clog(SimMember from, SimMember to, long until) {
        note("clogged from " + from.name + " to " + to.name + " until " + until / MILLI);
        Link link = link(from.id(), to.id());
        link.cloggedUntil = Math.max(link.cloggedUntil, until);
        from.quiet(until);
        to.quiet(until);
    }

    private void breakConnection() {
        SimMember one = leaderOrAnyone();
        SimMember other = anyone();
        if (one != null && other != null && one != other && !areApart(one, other)) {
            breakConnection(one, other, random.nextLong(20 * MILLI, 300 * MILLI));
        }
    }

    /**
     * The connection of two members breaks in the middle of what is under way on it, both hear of it, each in its time, and
     * make another one.
     */
    void breakConnection(SimMember one, SimMember other, long forSoLong) {
        note("the connection of " + one.name + " and " + other.name + " breaks for " + forSoLong / MILLI + " ms");
        cut(one, other, now + forSoLong);
        cut(other, one, now + forSoLong);
        long wire = nextWire();
        breakOff(one, other, wire, forSoLong);
        breakOff(other, one, wire, forSoLong);
    }

    /** What is under way arrives up to a drawn message, until this end hears that the connection is broken. */
    private void breakOff(SimMember end, SimMember other, long wire, long forSoLong) {
        Id id = other.id();
        Link link = link(id, end.id());
        link.lostFrom = link.arrived + 1 + random.nextLong(link.sent - link.arrived + 1);
        link.wire = wire;
        later(random.nextLong(10 * MILLI), end, () -> end.disconnected(id, wire));
        later(forSoLong, end, () -> {
            if (other.alive && other.id().equals(id)) {
                end.connected(id);
            }
        });
    }

    /** There may be two clusters from now on, and each of them serves. */
    void letStrangersBe() {
        bothServe = true;
    }

    private List<SimMember> ofOneCluster(SimMember member) {
        Topology mine = member.local.committed();
        return members.stream()
                .filter(other -> {
                    Topology theirs = other.local.committed();
                    return mine != null && theirs != null && theirs.cluster().equals(mine.cluster());
                })
                .toList();
    }

    /** Whatever is cut is whole again. */
    void heal() {
        cuts.clear();
    }

    private void isolate() {
        SimMember member = leaderOrAnyone();
        if (member != null && now < FAULTS_UNTIL) {
            long length = random.nextLong(50 * MILLI, 4 * SECOND);
            isolate(member, random.nextInt(4), length);
        }
    }

    /** Nothing arrives from others at it (direction 0), or from it at others (1), or both ways. */
    private void isolate(SimMember member, int direction, long length) {
        long until = Math.min(FAULTS_UNTIL, now + length);
        member.quiet(until);
        note(member.name + " is isolated, direction " + direction + ", until " + until / MILLI);
        if (direction != 0) {
            cuts.add(new Cut(member.name, ANYBODY, until));
        }
        if (direction != 1) {
            cuts.add(new Cut(ANYBODY, member.name, until));
        }
    }

    /** One member and all others are cut from each other, and to each it looks as if the other's process were gone. */
    private void sever() {
        SimMember member = leaderOrAnyone();
        // Who has not joined and finds nobody is the first of a cluster of its own, and rightly so.
        if (member == null || member.local.committed() == null || faults.backups() == 0 || !isSafeWithout(member)) {
            return;
        }
        long until = Math.min(FAULTS_UNTIL, now + random.nextLong(50 * MILLI, 3 * SECOND));
        nextFailure = until + 2 * SECOND;
        note(member.name + " is severed until " + until / MILLI);
        member.quiet(until);
        cuts.add(new Cut(member.name, ANYBODY, until));
        cuts.add(new Cut(ANYBODY, member.name, until));
        for (SimMember other : alive()) {
            if (other != member && !areApart(other, member)) {
                seemGone(member, other, until);
                seemGone(other, member, until);
            }
        }
    }

    private void seemGone(SimMember lost, SimMember observer, long until) {
        Id id = lost.id();
        later(random.nextLong(50 * MILLI), observer, () -> {
            observer.disconnected(id);
            observer.refused(id);
        });
        later(until - now + random.nextLong(50 * MILLI, 100 * MILLI), observer, () -> {
            if (lost.alive && lost.id().equals(id) && !areApart(lost, observer)) {
                observer.connected(id);
            }
        });
    }

    private @Nullable SimMember leaderOrAnyone() {
        if (random.nextBoolean()) {
            for (SimMember member : alive()) {
                if (member.id().equals(member.local.standing().leader())) {
                    return member;
                }
            }
        }
        return anyone();
    }

    /** For a while a living member's sockets seem refused, to one of the others or to all. */
    private void suspectWrongly() {
        SimMember suspect = anyone();
        if (suspect == null || faults.backups() == 0 || !isSafeWithout(suspect)) {
            return;
        }
        // Who is taken for gone may lose his copies: that is a failure, and the next one waits until it is mended.
        nextFailure = now + 2 * SECOND;
        boolean all = random.nextBoolean();
        Id id = suspect.id();
        note(suspect.name + " is suspected wrongly");
        suspect.doubtedUntil = now + 500 * MILLI;
        for (SimMember other : alive()) {
            if (other != suspect && !areApart(other, suspect) && (all || random.nextBoolean())) {
                later(random.nextLong(5 * MILLI), other, () -> {
                    other.disconnected(id);
                    other.refused(id);
                });
                later(random.nextLong(20 * MILLI, 500 * MILLI), other, () -> {
                    if (suspect.alive && suspect.id().equals(id)) {
                        other.connected(id);
                    }
                });
            }
        }
    }

    /** Members fail one at a time: the next one only when what the last one held is there again. */
    private void crash(int tries) {
        SimMember member = anyone();
        if (member == null || now > FAULTS_UNTIL || faults.backups() == 0) {
            return;
        }
        if (!isSafeWithout(member)) {
            if (tries > 0) {
                at(now + 150 * MILLI, () -> crash(tries - 1));
            }
            return;
        }
        boolean silently = faults.silentDeaths();
        note(member.name + " crashes" + (silently ? " silently" : ""));
        Id old = member.id();
        remove(member, silently);
        troubleToo();
        if (random.nextInt(4) > 0) {
            mustRestart.add(member.name);
            Id id = canary == Canary.SAME_IDENTITY ? old : new Id(random.nextLong(), random.nextLong());
            at(now + random.nextLong(20 * MILLI, 4 * SECOND), () -> start(member.name, id));
        }
    }

    private void leave(int tries) {
        SimMember member = anyone();
        if (member == null || now > FAULTS_UNTIL) {
            return;
        }
        if ((member.isWitness() || withData() > 1) && isSafeWithout(member)) {
            note(member.name + " leaves");
            member.leaves = true;
            long after = faults.leaves() > 1 ? pauseHeirs() : 0;
            later(after, member, member::leave);
        } else if (tries > 0) {
            at(now + 150 * MILLI, () -> leave(tries - 1));
        }
    }

    /** A vote cannot go to whoever is not heard any more; when that is so. */
    private long pauseHeirs() {
        Topology topology = newest();
        for (SimMember member : alive()) {
            if (topology != null && !topology.isVoter(member.id())) {
                pause(member, random.nextLong(400 * MILLI, SECOND));
            }
        }
        return 200 * MILLI;
    }

    @Nullable
    Topology newest() {
        Topology newest = null;
        for (SimMember member : servers()) {
            Topology theirs = member.local.committed();
            if (theirs != null && theirs.isNewerThan(newest)) {
                newest = theirs;
            }
        }
        return newest;
    }

    /**
     * Whether nothing would be lost: by the newest committed topology, by the one that may be about to follow, and by the
     * one that those who stay would go on from.
     */
    private boolean isSafeWithout(SimMember member) {
        return now >= nextFailure
                && !member.stranger
                && isSafe(newest(), member)
                && isSafe(newestHeld(null), member)
                && isSafe(newestHeld(member), member);
    }

    private @Nullable Topology newestHeld(@Nullable SimMember without) {
        Topology newest = null;
        for (SimMember member : servers()) {
            Topology theirs = member.local.held();
            if (member != without && theirs != null && theirs.isNewerThan(newest)) {
                newest = theirs;
            }
        }
        return newest;
    }

    private boolean isSafe(@Nullable Topology topology, SimMember member) {
        if (topology == null) {
            return false;
        }
        int copies = Math.min(faults.backups() + 1, withData());
        for (Partition partition : topology.partitions()) {
            boolean whole = partition.inSync().size() >= copies
                    && partition.inSync().stream().allMatch(id -> id.equals(member.id()) || isWell(id));
            // With more backups several may fail together, as long as somebody is left.
            boolean enough = faults.backups() > 1
                    && partition.inSync().stream().anyMatch(id -> !id.equals(member.id()) && isWell(id));
            if (!whole && !enough) {
                return false;
            }
        }
        long others = topology.members().stream()
                .filter(other -> !other.isWitness() && !other.id().equals(member.id()))
                .count();
        return hasQuorum(topology, member) && others > 0;
    }

    private int withData() {
        return (int) servers().stream().filter(member -> !member.isWitness()).count();
    }

    private boolean isWell(Id id) {
        SimMember member = byId.get(id);
        return member != null && !member.isQuietFor(DOUBTFUL);
    }

    private boolean isQuorate() {
        Topology topology = newest();
        return topology != null && hasQuorum(topology, null);
    }

    private boolean hasQuorum(Topology topology, @Nullable SimMember without) {
        for (List<Id> voters : List.of(topology.voters(), topology.nextVoters())) {
            long there = voters.stream()
                    .filter(id -> byId.containsKey(id) && (without == null || !id.equals(without.id())))
                    .count();
            if (!voters.isEmpty() && there * 2 <= voters.size()) {
                return false;
            }
        }
        return true;
    }
}
