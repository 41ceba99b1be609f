package io.ringgrid.replica;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringgrid.op.Attempt;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.replica.StreamMessage.Ack;
import io.ringgrid.replica.StreamMessage.FillAck;
import io.ringgrid.replica.StreamMessage.FillBegin;
import io.ringgrid.replica.StreamMessage.FillChunk;
import io.ringgrid.replica.StreamMessage.Mutations;
import io.ringgrid.replica.StreamMessage.Tail;
import io.ringgrid.replica.StreamMessage.TailRequest;
import io.ringgrid.ring.Id;
import io.ringgrid.store.Space;
import io.ringgrid.topology.LeaseClock;
import io.ringgrid.topology.Leases;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.RegisterMessage.Filled;
import io.ringgrid.topology.RegisterMessage.RemoveBackup;
import io.ringgrid.topology.Report;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Partition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Three replicas of one partition, called a, b and c, and what each of them says, line by line. Lines that begin with
 * {@code >} are commands, those with {@code #} remarks, and all others are what the replicas did when they were told:
 *
 * <pre>
 *   > have a b                             a is primary, b is filled; not shown
 *   > topology primary b in sync a b       everybody adopts it, in the next epoch; with "filling c" at its end too
 *   > put k v at a                         put, add, get or remove; "as 7/1": with a number, "again": for a second time
 *   > deliver, deliver a b                 all that is under way, and what it causes; or what is now from a to b
 *   > drop a b                             what is under way from a to b is lost
 *   > overtake FILL_CHUNK                  the oldest of this type comes last
 *   > show b                               what is in its copy
 *   > pass 100ms                           time passes, and is noticed once
 *   > kill a
 * </pre>
 */
final class Transcript {
    private static final long MILLI = 1_000_000;
    private static final Topology.Settings SETTINGS = new Topology.Settings(1, 2, 1 << 20);
    private static final List<String> NAMES = List.of("a", "b", "c");

    private record Parcel(String from, String to, StreamMessage message) {}

    private final Map<String, Replica> replicas = new TreeMap<>();
    private final List<Parcel> underWay = new ArrayList<>();
    private final Map<Long, String> asked = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();
    private long nanos;
    private int epoch;
    private long lastTicket;
    private List<String> inSync = List.of();
    private boolean filled;

    private Transcript() {
        for (String name : NAMES) {
            LeaseClock lease = Leases.none();
            Leases.grant(lease);
            replicas.put(name, new Replica(0, new TwoMembers.Around(id(name), lease), new Space(1 << 20)));
        }
    }

    /** The same commands and remarks, with what is done now in between. */
    static List<String> of(List<String> text) {
        Transcript transcript = new Transcript();
        for (String line : text) {
            if (line.isEmpty() || line.startsWith("#") || line.startsWith(">")) {
                transcript.lines.add(line);
            }
            if (line.startsWith(">")) {
                transcript.execute(List.of(line.substring(2).split(" ", -1)));
            }
        }
        return transcript.lines;
    }

    private static Id id(String name) {
        return new Id(0, 1 + NAMES.indexOf(name));
    }

    private static String name(Id id) {
        return id.equals(TwoMembers.LEADER) ? "leader" : NAMES.get((int) id.low() - 1);
    }

    // ---- commands ----

    private void execute(List<String> words) {
        List<String> rest = words.subList(1, words.size());
        switch (words.get(0)) {
            case "have" -> have(rest);
            case "topology" -> {
                int filling = rest.indexOf("filling");
                List<String> copies = rest.subList(4, filling < 0 ? rest.size() : filling);
                adopt(rest.get(1), copies, filling < 0 ? null : rest.get(filling + 1), 1);
            }
            case "deliver" -> deliver(rest);
            case "drop" -> underWay.removeIf(parcel -> isOn(parcel, rest));
            case "overtake" -> overtake(rest.get(0));
            case "show" -> show(rest.get(0));
            case "pass" -> pass(Long.parseLong(rest.get(0).replace("ms", "")));
            case "kill" -> {
                replicas.remove(rest.get(0));
                underWay.removeIf(parcel -> parcel.to.equals(rest.get(0)));
            }
            default -> ask(Kind.valueOf(words.get(0).replace("add", "put").toUpperCase(Locale.ROOT)), words);
        }
    }

    private void show(String name) {
        List<String> entries = new ArrayList<>();
        Copy copy = replica(name).copy();
        copy.store.scan(
                0,
                Integer.MAX_VALUE,
                entry -> entries.add(new String(entry.copyKey(), UTF_8) + "=" + new String(entry.copyValue(), UTF_8)));
        lines.add(name + " has " + String.join(" ", entries) + " applied " + copy.applied());
    }

    private void have(List<String> members) {
        int shown = lines.size();
        adopt(members.get(0), members.subList(0, 1), null, 1);
        for (int i = 1; i < members.size(); i++) {
            adopt(members.get(0), members.subList(0, i), members.get(i), 1);
            for (filled = false; !filled; pass(50)) {
                deliver(List.of());
            }
            adopt(members.get(0), members.subList(0, i + 1), null, 0);
            deliver(List.of());
        }
        lines.subList(shown, lines.size()).clear();
    }

    private void adopt(String primary, List<String> copies, @Nullable String filling, int step) {
        epoch += step;
        inSync = copies;
        Partition partition = new Partition(
                1,
                epoch,
                id(primary),
                inSync.stream().map(Transcript::id).toList(),
                filling == null ? null : id(filling));
        Topology topology = new Topology(
                TwoMembers.LEADER,
                1,
                epoch,
                Topology.State.ACTIVE,
                SETTINGS,
                List.of(),
                List.of(TwoMembers.LEADER),
                List.of(),
                List.of(),
                List.of(partition));
        replicas.values().forEach(replica -> replica.hold(topology));
        replicas.forEach((name, replica) -> call(name, out -> replica.adopt(nanos, 1, topology, out)));
    }

    private static boolean isOn(Parcel parcel, List<String> link) {
        return link.isEmpty() || (parcel.from.equals(link.get(0)) && parcel.to.equals(link.get(1)));
    }

    private Replica replica(String name) {
        return Objects.requireNonNull(replicas.get(name), name + " was killed");
    }

    private void deliver(List<String> link) {
        List<Parcel> now =
                underWay.stream().filter(parcel -> isOn(parcel, link)).toList();
        underWay.removeAll(now);
        for (Parcel parcel : now) {
            Replica replica = replica(parcel.to);
            call(parcel.to, out -> replica.receive(nanos, 1, id(parcel.from), parcel.message, out));
        }
        if (link.isEmpty() && !underWay.isEmpty()) {
            deliver(link);
        }
    }

    private void overtake(String type) {
        for (Parcel parcel : List.copyOf(underWay)) {
            if (shown(parcel.message).startsWith(type)) {
                underWay.remove(parcel);
                underWay.add(parcel);
                return;
            }
        }
    }

    private void pass(long millis) {
        nanos += millis * MILLI;
        replicas.forEach((name, replica) -> call(name, out -> replica.tick(nanos, 1, out)));
    }

    private void ask(Kind kind, List<String> words) {
        int at = words.indexOf("at");
        byte[] key = words.get(1).getBytes(UTF_8);
        Operation op = new Operation().reset(kind).key(key, 0, key.length);
        if (kind == Kind.PUT) {
            byte[] value = words.get(2).getBytes(UTF_8);
            op.value(value, 0, value.length);
        }
        if (words.get(0).equals("add")) {
            op.condition = Condition.IF_ABSENT;
        }
        int as = words.indexOf("as");
        if (as >= 0) {
            String[] number = words.get(as + 1).split("/", -1);
            boolean again = words.contains("again");
            op.attempt = new Attempt(
                    Long.parseLong(number[0]), Long.parseLong(number[1]), 1, again, again ? nanos : Attempt.UNHEARD);
        }
        long ticket = ++lastTicket;
        asked.put(ticket, String.join(" ", words.subList(0, 2)));
        String member = words.get(at + 1);
        Replica replica = replica(member);
        call(member, out -> replica.request(nanos, 1, op, ticket, out));
    }

    // ---- what they do ----

    private void call(String name, Consumer<Outbox> call) {
        Recorder recorder = new Recorder(name);
        call.accept(recorder);
        recorder.after.forEach(Runnable::run);
    }

    private final class Recorder implements Outbox {
        private final String self;
        private final List<Runnable> after = new ArrayList<>();

        Recorder(String self) {
            this.self = self;
        }

        @Override
        public void send(Id to, PeerMessage message) {
            lines.add(self + " -> " + name(to) + " " + shown(message));
            if (message instanceof StreamMessage news && replicas.containsKey(name(to))) {
                underWay.add(new Parcel(self, name(to), news));
            }
            filled |= message instanceof Filled;
        }

        @Override
        public void answer(long ticket, Result result) {
            after.add(() -> answered(ticket, result));
        }

        @Override
        public void confirm(Replica replica, int confirmed, boolean write, long ticket, Result result, Result other) {
            after.add(() -> {
                boolean holds =
                        write ? replica.confirmWrite(confirmed, nanos, 1) : replica.confirm(confirmed, nanos, 1);
                answered(ticket, holds ? result : other);
            });
        }

        private void answered(long ticket, Result result) {
            byte[] value = result.value();
            lines.add(self + " answers " + asked.get(ticket) + ": " + result.status()
                    + (value == null ? "" : " " + new String(value, UTF_8)));
        }

        @Override
        public void report(Report report) {
            lines.add(self + " reports " + report.text());
        }
    }

    // ---- how it is shown ----

    private static String shown(PeerMessage message) {
        if (message instanceof Mutations mutations) {
            return "MUTATIONS e" + mutations.epoch() + " committed " + mutations.committedSeq()
                    + shown(mutations.mutations());
        } else if (message instanceof Ack ack) {
            return "ACK e" + ack.epoch() + " applied " + ack.applied() + (ack.refused() ? " refused" : "");
        } else if (message instanceof TailRequest request) {
            return "TAIL_REQUEST e" + request.epoch() + " after " + request.after();
        } else if (message instanceof Tail tail) {
            return "TAIL e" + tail.epoch() + " applied " + tail.applied() + shown(tail.mutations());
        } else if (message instanceof FillBegin begin) {
            return "FILL_BEGIN e" + begin.epoch() + " base " + begin.base();
        } else if (message instanceof FillChunk chunk) {
            return "FILL_CHUNK e" + chunk.epoch() + " index " + chunk.index() + (chunk.last() ? " last" : "")
                    + shown(chunk.entries());
        } else if (message instanceof FillAck ack) {
            return "FILL_ACK e" + ack.epoch() + " next " + ack.next() + (ack.refused() ? " refused" : "");
        } else if (message instanceof Filled filled) {
            return "FILLED e" + filled.epoch() + " copy " + name(filled.copy());
        } else if (message instanceof RemoveBackup removal) {
            return "REMOVE_BACKUP e" + removal.epoch() + " copy " + name(removal.copy());
        } else if (message instanceof StreamMessage other) {
            return other.getClass().getSimpleName().toUpperCase(Locale.ROOT) + " e" + other.epoch();
        }
        throw new IllegalArgumentException("nothing that a replica says: " + message);
    }

    private static String shown(List<Mutation> mutations) {
        return mutations.stream().map(Transcript::shown).collect(Collectors.joining(", ", " [", "]"));
    }

    private static String shown(Mutation mutation) {
        Row row = mutation.row();
        String key = new String(mutation.key(), UTF_8);
        return mutation.seq() + " " + mutation.kind()
                + (key.isEmpty() ? "" : " " + key)
                + (mutation.value().length == 0 ? "" : "=" + new String(mutation.value(), UTF_8))
                + (row == null
                        ? ""
                        : " row " + row.session() + "/" + row.number() + " "
                                + row.result().status());
    }
}
