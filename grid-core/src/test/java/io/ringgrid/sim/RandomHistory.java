package io.ringgrid.sim;

import io.ringgrid.sim.History.Condition;
import io.ringgrid.sim.History.Event;
import io.ringgrid.sim.History.Kind;
import io.ringgrid.sim.History.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Histories of one key that a real register executed, at random moments within random intervals. */
final class RandomHistory {
    private static final List<Condition> CONDITIONS =
            List.of(Condition.ALWAYS, Condition.IF_ABSENT, Condition.IF_PRESENT, Condition.IF_VERSION);

    private final Random random;
    private final int values;
    private final boolean mayVanish;

    private @Nullable String value;
    private long version;
    private long lastVersion = 100;

    /** An event and the moments of its life. */
    private record Planned(Event event, long effect, long returned, boolean happens, boolean heard) {}

    RandomHistory(Random random, int values, boolean mayVanish) {
        this.random = random;
        this.values = values;
        this.mayVanish = mayVanish;
    }

    /**
     * A history.
     *
     * @param clients how many act at the same time
     * @param unknownPermille how many of the events nobody hears the outcome of
     */
    History make(int events, int clients, int unknownPermille) {
        History history = new History();
        List<Planned> all = new ArrayList<>();
        long[] free = new long[clients];
        for (int i = 0; i < events; i++) {
            int client = random.nextInt(clients);
            long invoked = free[client] + 1 + random.nextInt(10);
            long effect = invoked + random.nextInt(20);
            long returned = effect + random.nextInt(20);
            Event event = invoke(history, "client-" + client, invoked);
            boolean heard = event.kind == Kind.GET || random.nextInt(1000) >= unknownPermille;
            long late = heard ? 0 : random.nextInt(random.nextBoolean() ? 50 : 2000);
            free[client] = returned;
            all.add(new Planned(event, effect + late, returned, heard || random.nextBoolean(), heard));
        }
        all.sort(Comparator.comparingLong(Planned::effect));
        for (Planned planned : all) {
            if (planned.happens) {
                if (mayVanish && random.nextInt(10) == 0) {
                    value = null;
                }
                execute(planned);
            }
        }
        return history;
    }

    private Event invoke(History history, String who, long now) {
        int dice = random.nextInt(100);
        String put = random.nextInt(4) == 0 ? "" + random.nextInt(values) : "v" + random.nextInt(values);
        if (dice < 40) {
            return history.get("k", who, now);
        }
        if (dice < 70) {
            Condition condition = CONDITIONS.get(random.nextInt(4));
            return history.put("k", put, condition, guess(condition), who, now);
        }
        if (dice < 85) {
            Condition condition = random.nextBoolean() ? Condition.ALWAYS : Condition.IF_VERSION;
            return history.remove("k", condition, guess(condition), who, now);
        }
        if (dice < 88) {
            return history.touch("k", who, now);
        }
        if (dice < 90) {
            return history.clear("k", who, now);
        }
        if (dice < 95) {
            Condition condition = random.nextBoolean() ? Condition.ALWAYS : Condition.IF_PRESENT;
            return history.increment("k", 1 + random.nextInt(2), condition, who, now);
        }
        Condition condition = CONDITIONS.get(random.nextInt(4));
        return history.extend(random.nextBoolean(), "k", put, condition, guess(condition), who, now);
    }

    /** Versions rise by one with each write, so those of the near future can be guessed as well. */
    private long guess(Condition condition) {
        return condition == Condition.IF_VERSION ? 101 + random.nextInt(20) : 0;
    }

    private void execute(Planned planned) {
        Event event = planned.event;
        long now = planned.returned;
        String before = value;
        Outcome outcome = evaluate(event);
        if (!planned.heard) {
            return;
        }
        switch (outcome) {
            case FOUND -> event.found(String.valueOf(value), version, now);
            case MISSING, EXISTS -> {
                if (event.condition == Condition.IF_VERSION && random.nextBoolean()) {
                    event.notMet(now);
                } else if (outcome == Outcome.MISSING) {
                    event.missing(now);
                } else {
                    event.exists(now);
                }
            }
            case NOT_A_NUMBER -> event.notANumber(now);
            case DONE -> {
                if (event.kind == Kind.INCREMENT) {
                    event.counted(Long.parseLong(String.valueOf(value)), version, now);
                } else if (event.kind.extendsValue()) {
                    event.extended(
                            random.nextInt(3) == 0 ? -1 : String.valueOf(value).length(), version, now);
                } else if (event.kind == Kind.REMOVE && random.nextBoolean()) {
                    event.took(String.valueOf(before), now);
                } else {
                    event.done(event.kind.removes() ? 0 : version, now);
                }
            }
            default -> throw new IllegalStateException("an outcome of " + outcome);
        }
    }

    private Outcome evaluate(Event event) {
        if (event.kind == Kind.GET) {
            return value == null ? Outcome.MISSING : Outcome.FOUND;
        }
        if (event.kind == Kind.INCREMENT) {
            if (value == null && event.condition == Condition.IF_PRESENT) {
                return Outcome.MISSING;
            }
            if (value != null && !value.matches("0|-?[1-9][0-9]{0,17}")) {
                return Outcome.NOT_A_NUMBER;
            }
            write("" + ((value == null ? 0 : Long.parseLong(value)) + event.delta));
            return Outcome.DONE;
        }
        if (event.kind == Kind.CLEAR) {
            write(null);
            return Outcome.DONE;
        }
        boolean needsEntry = event.kind == Kind.REMOVE
                || event.condition == Condition.IF_PRESENT
                || event.condition == Condition.IF_VERSION;
        if (value == null && needsEntry) {
            return Outcome.MISSING;
        }
        boolean wrong = event.condition == Condition.IF_VERSION && event.ifVersion != version;
        if (value != null && (wrong || event.condition == Condition.IF_ABSENT)) {
            return Outcome.EXISTS;
        }
        String before = value == null ? "" : value;
        write(
                switch (event.kind) {
                    case APPEND -> before + event.value;
                    case PREPEND -> event.value + before;
                    case TOUCH -> before;
                    default -> event.value;
                });
        return Outcome.DONE;
    }

    private void write(@Nullable String newValue) {
        value = newValue;
        version = newValue == null ? 0 : ++lastVersion;
    }

    /** The same history with one answer that is another than was given; null if this event has none to change. */
    static @Nullable History withOneLie(History truth, Random random) {
        List<Event> events = truth.events("k");
        int liar = random.nextInt(events.size());
        if (events.get(liar).isUnknown() || events.get(liar).kind == Kind.CLEAR) {
            return null;
        }
        History lie = new History();
        for (int i = 0; i < events.size(); i++) {
            copy(events.get(i), lie, i == liar ? random : null);
        }
        return lie;
    }

    private static void copy(Event event, History into, @Nullable Random lie) {
        Event copy =
                switch (event.kind) {
                    case GET -> into.get("k", event.who, event.invoked);
                    case PUT ->
                        into.put(
                                "k",
                                String.valueOf(event.value),
                                event.condition,
                                event.ifVersion,
                                event.who,
                                event.invoked);
                    case REMOVE -> into.remove("k", event.condition, event.ifVersion, event.who, event.invoked);
                    case INCREMENT -> into.increment("k", event.delta, event.condition, event.who, event.invoked);
                    case TOUCH -> into.touch("k", event.who, event.invoked);
                    case CLEAR -> into.clear("k", event.who, event.invoked);
                    case APPEND, PREPEND ->
                        into.extend(
                                event.kind == Kind.APPEND,
                                "k",
                                String.valueOf(event.value),
                                event.condition,
                                event.ifVersion,
                                event.who,
                                event.invoked);
                };
        copy.outcome = event.outcome;
        copy.returned = event.returned;
        copy.found = event.found;
        copy.version = event.version;
        copy.number = event.number;
        if (lie != null) {
            lie(copy, lie);
        }
    }

    private static void lie(Event event, Random random) {
        switch (event.kind) {
            case GET -> {
                if (event.outcome == Outcome.MISSING || random.nextInt(3) > 0) {
                    event.outcome = Outcome.FOUND;
                    event.found = random.nextBoolean() && event.found != null ? event.found : "v" + random.nextInt(3);
                    event.version = 101L + random.nextInt(20);
                } else {
                    event.outcome = Outcome.MISSING;
                    event.found = null;
                    event.version = 0;
                }
            }
            case PUT -> {
                boolean done = event.outcome != Outcome.DONE || event.condition == Condition.ALWAYS;
                event.outcome =
                        done ? Outcome.DONE : event.condition == Condition.IF_ABSENT ? Outcome.EXISTS : Outcome.MISSING;
                event.version = done ? 101L + random.nextInt(20) : 0;
            }
            case TOUCH -> {
                boolean done = event.outcome != Outcome.DONE || random.nextBoolean();
                event.outcome = done ? Outcome.DONE : Outcome.MISSING;
                event.version = done ? 101L + random.nextInt(20) : 0;
            }
            case CLEAR -> throw new IllegalArgumentException("it says nothing that could be a lie");
            case REMOVE -> {
                boolean mistaken = event.found != null && random.nextBoolean();
                event.outcome = mistaken || event.outcome != Outcome.DONE ? Outcome.DONE : Outcome.MISSING;
                event.found = mistaken ? "v" + random.nextInt(3) : null;
            }
            case INCREMENT, APPEND, PREPEND -> {
                event.outcome = Outcome.DONE;
                event.number += 1;
                event.version = event.version == 0 ? 101L + random.nextInt(20) : event.version;
            }
        }
    }
}
