package io.ringgrid.sim;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.sim.History.Event;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The clients of one seed: what they ask, and what they hear. */
final class Workload {
    private static final int CLIENTS = 8;
    private static final long THINK = 45 * Simulation.MILLI;
    private static final long PATIENCE = Simulation.SECOND;
    private static final long FINAL_TRIES_FOR = 10 * Simulation.SECOND;
    private static final int COUNTERS = 3;

    private final Simulation simulation;
    private final Faults faults;
    private final SplittableRandom random;
    private final History history = new History();
    private final Map<String, Long> lastVersion = new HashMap<>();
    private final int keys;
    private int asked;
    private int succeeded;
    private long lastValue;
    private int finalReads;
    private int finalAnswers;
    private String unanswered = "";

    Workload(Simulation simulation, Faults faults, SplittableRandom random) {
        this.simulation = simulation;
        this.faults = faults;
        this.random = random;
        this.keys = faults.evicts() ? 40 : 6 + random.nextInt(8);
    }

    History history() {
        return history;
    }

    int[] successes() {
        return new int[] {asked, succeeded};
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
        for (int client = 0; client < CLIENTS; client++) {
            String who = "c" + client;
            simulation.at(500 * Simulation.MILLI + random.nextLong(THINK), () -> next(who));
        }
        simulation.at(simulation.end(), () -> {
            for (int key = 0; key < keys; key++) {
                finalReads++;
                finalRead("k" + key, simulation.now() + FINAL_TRIES_FOR);
            }
        });
    }

    /** When all faults are over, each key can be read. */
    private void finalRead(String key, long until) {
        List<SimMember> alive = simulation.alive();
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
                    record(event, key, result);
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
        if (simulation.now() > simulation.end()) {
            return;
        }
        List<SimMember> alive = simulation.alive();
        if (alive.isEmpty()) {
            think(who);
            return;
        }
        SimMember member = alive.get(random.nextInt(alive.size()));
        boolean counts = random.nextInt(5) == 0;
        String key = counts ? "n" + random.nextInt(COUNTERS) : "k" + random.nextInt(keys);
        Operation op = counts ? count(key) : choose(key);
        Event event = invoke(op, key, who);
        asked++;
        boolean[] done = {false};
        Runnable giveUp = () -> {
            if (!done[0]) {
                done[0] = true;
                event.unknown();
                think(who);
            }
        };
        simulation.at(simulation.now() + PATIENCE, giveUp);
        simulation.later(
                0,
                member,
                () -> member.submit(op, result -> {
                    if (!done[0]) {
                        done[0] = true;
                        if (record(event, key, result)) {
                            succeeded++;
                        }
                        think(who);
                    }
                }));
        if (!member.alive) {
            giveUp.run();
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
        Operation op = operation(Kind.PUT, key);
        byte[] value = value().getBytes(StandardCharsets.UTF_8);
        op.value(value, 0, value.length);
        if (dice >= 90) {
            op.condition = Operation.Condition.IF_ABSENT;
        } else if (dice >= 78) {
            op.condition = Operation.Condition.IF_VERSION;
            op.version = lastVersion.getOrDefault(key, 1L);
        }
        return op;
    }

    private String value() {
        if (faults.evicts()) {
            return "v" + ++lastValue + "x".repeat(random.nextInt(700));
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
            default -> throw new IllegalStateException("not in the workload: " + op.kind);
        };
    }

    /** Writes down what was heard; whether the caller could use it. */
    private boolean record(Event event, String key, Result result) {
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
        return true;
    }
}
