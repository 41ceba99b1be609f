package io.ringgrid.sim;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.ring.Slots;
import io.ringgrid.sim.History.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** The clients of one seed: what they ask, and what they hear. */
final class Workload {
    private static final long THINK = 45 * Simulation.MILLI;
    /** Of an entry that expires, in milliseconds: some do in the middle of a takeover. */
    private static final int LONGEST_LIFE = 2000;

    /** An expiry that no seed lives to see, in milliseconds. */
    private static final long FAR_AWAY = 1L << 50;

    private static final long FINAL_TRIES_FOR = 10 * Simulation.SECOND;
    private static final int COUNTERS = 3;
    private static final int PAIRS = 2;

    /** Where memory is little: with values of so many bytes they are more than most members can hold. */
    private static final int MANY_KEYS = 90;

    private static final int LONGEST_FILLING = 1400;

    /** After it has asked. */
    private static final long LONGEST_DEATH = 10 * Simulation.MILLI;

    private final Simulation simulation;
    private final Canary canary;
    private final Faults faults;
    private final SplittableRandom random;
    private final History history = new History();
    private final Map<String, Long> lastVersion = new HashMap<>();
    private final int keys;
    private boolean finished;
    private int asked;
    private int succeeded;
    private long lastValue;
    private int lastClient;
    /** So many clients are to die as soon as they have something under way. */
    private int doomed;

    private int finalReads;
    private int finalAnswers;
    private String unanswered = "";

    Workload(Simulation simulation, Canary canary, Faults faults, SplittableRandom random) {
        this.simulation = simulation;
        this.canary = canary;
        this.faults = faults;
        this.random = random;
        this.keys = faults.evicts() ? MANY_KEYS : 6 + random.nextInt(8);
    }

    History history() {
        return history;
    }

    int[] successes() {
        return new int[] {asked, succeeded};
    }

    boolean isFinished() {
        return finished;
    }

    boolean isDone() {
        return finalReads > 0 && finalAnswers == finalReads;
    }

    String notConverged() {
        if (finalReads == 0) {
            return "";
        }
        return finalAnswers == finalReads ? unanswered : "reads at the end were never answered";
    }

    void start() {
        for (int client = 0; client < faults.clients(); client++) {
            String who = newClient();
            simulation.at(simulation.clientsFrom() + random.nextLong(THINK), () -> next(who));
        }
        simulation.at(simulation.end(), this::finish);
    }

    private String newClient() {
        return "c" + lastClient++;
    }

    /** Some client dies before it is answered. */
    void killClient() {
        doomed++;
    }

    private void finish() {
        // However long the cluster could not serve.
        if (asked < faults.leastOperations() && simulation.now() < simulation.end() + simulation.longestWait()) {
            simulation.at(simulation.now() + 100 * Simulation.MILLI, this::finish);
            return;
        }
        finished = true;
        for (int key = 0; key < keys; key++) {
            finalReads++;
            finalRead("k" + key, simulation.now() + FINAL_TRIES_FOR);
        }
    }

    /** When all faults are over, each key can be read. */
    private void finalRead(String key, long until) {
        List<SimMember> alive = simulation.servers();
        if (alive.isEmpty()) {
            finalAnswers++;
            return;
        }
        SimMember member = alive.get(random.nextInt(alive.size()));
        Event event = history.get(key, "end", simulation.now());
        simulation.later(
                0,
                member,
                () -> member.submit(operation(Kind.GET, key), result -> {
                    record(event, key, member, result);
                    boolean answered =
                            result.status() == Result.Status.FOUND || result.status() == Result.Status.MISSING;
                    if (answered) {
                        finalAnswers++;
                    } else if (simulation.now() < until) {
                        simulation.at(simulation.now() + 50 * Simulation.MILLI, () -> finalRead(key, until));
                    } else {
                        finalAnswers++;
                        unanswered = "not converged: " + key + " at " + member.name + ": " + result;
                    }
                }));
    }

    private void next(String who) {
        if (finished) {
            return;
        }
        List<SimMember> alive = simulation.servers();
        if (alive.isEmpty()) {
            think(who);
            return;
        }
        SimMember member = alive.get(random.nextInt(alive.size()));
        int dice = random.nextInt(120);
        if (dice < 10) {
            transact(who, member);
            return;
        }
        if (dice == 10) {
            clear(who, member);
            return;
        }
        boolean counts = random.nextInt(5) == 0;
        String key = counts ? "n" + random.nextInt(COUNTERS) : "k" + random.nextInt(keys);
        Operation op = counts ? count(key) : choose(key);
        if (faults.expires() && op.kind == Kind.PUT && random.nextBoolean()) {
            if (random.nextBoolean()) {
                op.expiry = member.wall() + 50 + random.nextLong(LONGEST_LIFE);
            } else {
                op.idle = 50 + random.nextLong(LONGEST_LIFE);
            }
        }
        Event event = invoke(op, key, who);
        ask(who, member, op, result -> {
            if (record(event, key, member, result)) {
                succeeded++;
            }
        });
    }

    /** Asks a member, and goes on thinking when it has answered, has died, or has not answered for long. */
    private void ask(String who, SimMember member, Operation op, Consumer<Result> hear) {
        asked++;
        boolean[] done = {false};
        long answeredBy = simulation.answeredBy(member, op);
        Consumer<Result> once = result -> {
            if (!done[0]) {
                done[0] = true;
                if (simulation.now() > answeredBy) {
                    throw new AssertionError(who + " has waited too long for " + op.kind + " at " + member.name
                            + ", which reaches the key's primary: " + result);
                }
                hear.accept(result);
                think(who);
            }
        };
        Runnable giveUp = () -> {
            if (!done[0]) {
                simulation.note(who + " gives up, asked " + member.name + " for " + op.kind);
            }
            once.accept(Result.of(Result.Status.OUTCOME_UNKNOWN));
        };
        simulation.afterPatience(giveUp);
        if (doomed > 0) {
            doomed--;
            simulation.at(simulation.now() + random.nextLong(LONGEST_DEATH), () -> {
                if (done[0]) {
                    doomed++;
                } else {
                    done[0] = true;
                    die(who, hear);
                }
            });
        }
        simulation.later(0, member, () -> member.submit(op, once));
        if (!member.alive) {
            giveUp.run();
        }
    }

    /** Nobody hears the answer: what was asked happens, or not. */
    private void die(String who, Consumer<Result> hear) {
        String next = newClient();
        simulation.note(who + " dies, " + next + " comes");
        hear.accept(
                Result.of(canary == Canary.DEATH_UNDOES ? Result.Status.UNAVAILABLE : Result.Status.OUTCOME_UNKNOWN));
        think(next);
    }

    /** Removes all that is in one partition, at once or, where entries may vanish anyway, later. */
    private void clear(String who, SimMember member) {
        Operation op = new Operation().reset(Kind.CLEAR);
        op.partition = random.nextInt(faults.partitions());
        boolean promised = faults.expires() && random.nextBoolean();
        if (promised) {
            op.expiry = member.wall() + random.nextLong(LONGEST_LIFE);
        }
        Map<String, Event> events = new LinkedHashMap<>();
        for (String key : allKeys()) {
            byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
            if (Slots.partitionOf(bytes, 0, bytes.length, faults.partitions()) == op.partition) {
                events.put(key, history.clear(key, who, simulation.now()));
            }
        }
        ask(who, member, op, result -> {
            boolean done = result.status() == Result.Status.DONE;
            // A promise is kept at some time, unless another clear comes before.
            Result heard = done && promised ? Result.of(Result.Status.OUTCOME_UNKNOWN) : result;
            events.forEach((key, event) -> record(event, key, member, heard));
            succeeded += done ? 1 : 0;
        });
    }

    /** Those too that nobody has asked for yet. */
    private List<String> allKeys() {
        List<String> all = new ArrayList<>();
        for (int key = 0; key < keys; key++) {
            all.add("k" + key);
        }
        for (int key = 0; key < NearReaders.KEYS; key++) {
            all.add("m" + key);
        }
        for (int counter = 0; counter < COUNTERS; counter++) {
            all.add("n" + counter);
        }
        for (int pair = 0; pair < PAIRS; pair++) {
            all.add("{t" + pair + "}a");
            all.add("{t" + pair + "}b");
        }
        return all;
    }

    /** Writes two keys of one slot alike, or reads both: at any moment they are alike, whoever dies in between. */
    private void transact(String who, SimMember member) {
        String tag = "{t" + random.nextInt(PAIRS) + "}";
        boolean writes = random.nextBoolean();
        List<Event> events = new ArrayList<>();
        Operation op = operation(Kind.TRANSACT, tag);
        List<Operation> parts = new ArrayList<>();
        byte[] value = ("t" + ++lastValue).getBytes(StandardCharsets.UTF_8);
        for (String key : List.of(tag + "a", tag + "b")) {
            Operation part = operation(writes ? Kind.PUT : Kind.GET, key).value(value, 0, writes ? value.length : 0);
            parts.add(part);
            events.add(invoke(part, key, who));
        }
        op.parts = parts;
        ask(who, member, op, result -> {
            for (int i = 0; i < events.size(); i++) {
                String key = i == 0 ? tag + "a" : tag + "b";
                record(
                        events.get(i),
                        key,
                        member,
                        result.parts().isEmpty() ? result : result.parts().get(i));
            }
            if (!result.parts().isEmpty()) {
                succeeded++;
                assertAlike(tag, result.parts());
            }
        });
    }

    private void assertAlike(String tag, List<Result> parts) {
        Result a = parts.get(0);
        Result b = parts.get(1);
        boolean alike = a.status() == b.status() && Arrays.equals(a.value(), b.value());
        if (!alike && !faults.evicts()) {
            throw new AssertionError("half a transaction on " + tag + ": " + a + " and " + b);
        }
    }

    private void think(String who) {
        simulation.at(simulation.now() + 1 + random.nextLong(2 * THINK), () -> next(who));
    }

    private Operation operation(Kind kind, String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        return new Operation().reset(kind).key(bytes, 0, bytes.length);
    }

    private Operation count(String key) {
        int dice = random.nextInt(10);
        if (dice < 6) {
            Operation op = operation(Kind.INCREMENT, key);
            op.delta = 1L + random.nextInt(3);
            return op;
        }
        return operation(dice < 9 ? Kind.GET : Kind.REMOVE, key);
    }

    private Operation choose(String key) {
        int dice = random.nextInt(100);
        if (dice < 42) {
            return operation(Kind.GET, key);
        }
        if (dice < 54) {
            Operation op = operation(Kind.REMOVE, key);
            if (dice >= 50) {
                op.condition = Operation.Condition.IF_VERSION;
                op.version = lastVersion.getOrDefault(key, 1L);
            }
            return op;
        }
        if (dice < 56) {
            Operation op = operation(Kind.TOUCH, key);
            // Never the one that it has already: that would be a read.
            op.expiry = FAR_AWAY + ++lastValue;
            return op;
        }
        boolean extend = dice >= 72 && dice < 78;
        Operation op = operation(extend ? dice < 76 ? Kind.APPEND : Kind.PREPEND : Kind.PUT, key);
        byte[] value = value().getBytes(StandardCharsets.UTF_8);
        op.value(value, 0, value.length);
        if (extend) {
            op.condition = random.nextBoolean() ? Operation.Condition.ALWAYS : Operation.Condition.IF_PRESENT;
        } else if (dice >= 90) {
            op.condition = Operation.Condition.IF_ABSENT;
        } else if (dice >= 78) {
            op.condition = Operation.Condition.IF_VERSION;
            op.version = lastVersion.getOrDefault(key, 1L);
        }
        return op;
    }

    private String value() {
        if (faults.evicts()) {
            return "v" + ++lastValue + "x".repeat(random.nextInt(LONGEST_FILLING));
        }
        return faults.fewValues() ? String.valueOf((char) ('a' + random.nextInt(4))) : "v" + ++lastValue;
    }

    private Event invoke(Operation op, String key, String who) {
        long now = simulation.now();
        History.Condition condition = History.Condition.valueOf(op.condition.name());
        return switch (op.kind) {
            case GET -> history.get(key, who, now);
            case REMOVE -> history.remove(key, condition, op.version, who, now);
            case INCREMENT -> history.increment(key, op.delta, who, now);
            case PUT ->
                history.put(key, new String(op.copyValue(), StandardCharsets.UTF_8), condition, op.version, who, now);
            case APPEND, PREPEND ->
                history.extend(
                        op.kind == Kind.APPEND,
                        key,
                        new String(op.copyValue(), StandardCharsets.UTF_8),
                        condition,
                        op.version,
                        who,
                        now);
            case TOUCH -> history.touch(key, who, now);
            default -> throw new IllegalStateException("not in the workload: " + op.kind);
        };
    }

    /** Writes down what was heard; whether the caller could use it. */
    boolean record(Event event, String key, SimMember member, Result result) {
        long now = simulation.now();
        simulation.trace(result.status().ordinal() + result.version());
        if (result.version() != 0) {
            lastVersion.put(key, result.version());
        }
        switch (result.status()) {
            case FOUND -> event.found(new String(result.value(), StandardCharsets.UTF_8), result.version(), now);
            case DONE -> {
                if (event.kind == History.Kind.INCREMENT) {
                    event.counted(result.number(), result.version(), now);
                } else if (event.kind.extendsValue()) {
                    event.extended(result.number(), result.version(), now);
                } else {
                    event.done(result.version(), now);
                }
            }
            case MISSING -> event.missing(now);
            case EXISTS -> event.exists(now);
            case NOT_A_NUMBER -> event.notANumber(now);
            case OVERFLOW -> event.overflowed(now);
            case OUTCOME_UNKNOWN -> {
                event.unknown();
                return false;
            }
            default -> {
                event.refused();
                return false;
            }
        }
        simulation.nearLog().heard(member, key, event);
        return true;
    }
}
