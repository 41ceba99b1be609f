package io.ringgrid.sim;

import io.ringgrid.sim.History.Event;
import io.ringgrid.sim.History.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges whether a history could have come from one register per key, each operation taking effect at one moment
 * between its invocation and its return. Knows nothing of any implementation. Not thread-safe; reuse it, it keeps its
 * memory. {@link KeySearch} is the search.
 */
public final class Linearizability {
    /** What the judge says. */
    public enum Verdict {
        /** Each key's events have an order that a single register could have executed. */
        OK,
        /** Some key's events have none. */
        VIOLATION,
        /** Some key's events have too many possible orders to tell; no other key's events have none. */
        UNDECIDED
    }

    /**
     * A judgement.
     *
     * @param verdict of all keys
     * @param key the key that is to blame; empty if OK
     * @param explanation for people; empty if OK
     * @param states how many states of the search were met, over all keys
     */
    public record Report(Verdict verdict, String key, String explanation, long states) {
        /**
         * Does nothing if the verdict is OK.
         *
         * @throws AssertionError with the explanation otherwise
         */
        public void assertOk() {
            if (verdict != Verdict.OK) {
                throw new AssertionError(verdict + ": " + explanation);
            }
        }
    }

    /** How many events of the order before a violation are shown. */
    private static final int SHOWN = 12;
    /** How many states explaining a violation may take, over all its searches. */
    private static final long EXPLAINING = 1_000_000;

    private final KeySearch search;
    private final long maxStates;

    /**
     * A judge.
     *
     * @param mayVanish whether an entry may vanish at any time (eviction), and stays absent until the next write
     * @param maxStates after how many states of one key's search to give up
     */
    public Linearizability(boolean mayVanish, long maxStates) {
        this.search = new KeySearch(mayVanish);
        this.maxStates = maxStates;
    }

    /** A judge for a grid that loses nothing, which gives up after two million states. */
    public Linearizability() {
        this(false, 2_000_000);
    }

    /** Judges the events of all keys. */
    public Report check(History history) {
        Report undecided = null;
        long states = 0;
        for (String key : history.keys()) {
            List<Event> events = history.events(key);
            String repeated = repeatedVersion(events);
            if (!repeated.isEmpty()) {
                return new Report(Verdict.VIOLATION, key, "key " + key + ": " + repeated, states);
            }
            KeySearch.Answer answer = search.search(events, maxStates);
            states += search.states();
            if (answer == KeySearch.Answer.NOT_LINEARIZABLE) {
                return new Report(Verdict.VIOLATION, key, explain(key, events), states);
            }
            if (answer == KeySearch.Answer.UNDECIDED) {
                String why = "key " + key + ": no order of its " + events.size() + " events was found in "
                        + search.states() + " states";
                undecided = new Report(Verdict.UNDECIDED, key, why, states);
            }
        }
        return undecided == null
                ? new Report(Verdict.OK, "", "", states)
                : new Report(Verdict.UNDECIDED, undecided.key, undecided.explanation, states);
    }

    private static String repeatedVersion(List<Event> events) {
        Map<Long, Event> writes = new HashMap<>();
        for (Event event : events) {
            boolean told = event.outcome == Outcome.DONE && event.version != 0;
            Event other = told ? writes.put(event.version, event) : null;
            if (other != null) {
                return "two writes have the same version\n  " + other + "\n  " + event;
            }
        }
        return "";
    }

    // Explaining

    private String explain(String key, List<Event> events) {
        List<Event> returns = events.stream()
                .filter(event -> !event.isUnknown() && event.outcome != Outcome.REFUSED)
                .sorted((a, b) -> Long.compare(a.returned, b.returned))
                .toList();
        int fits = -1;
        int breaks = returns.size() - 1;
        while (breaks - fits > 1) {
            int middle = (fits + breaks) >>> 1;
            boolean broken = isBroken(until(events, returns.get(middle)));
            fits = broken ? fits : middle;
            breaks = broken ? middle : breaks;
        }
        List<Event> broken = until(events, returns.get(breaks));
        StringBuilder text = new StringBuilder("key " + key + " is not linearizable\nthis does not fit:\n  ")
                .append(returns.get(breaks));
        if (fits >= 0 && search.search(until(events, returns.get(fits)), EXPLAINING) == KeySearch.Answer.LINEARIZABLE) {
            List<Event> order = search.order();
            int from = Math.max(0, order.size() - SHOWN);
            text.append("\nwhat returned before it fits, for example in this order")
                    .append(from == 0 ? ":" : " (the last " + SHOWN + " of " + order.size() + "):");
            order.subList(from, order.size())
                    .forEach(event -> text.append("\n  ").append(event));
            text.append("\nafter which there is ").append(search.content());
        }
        text.append("\nthese together are not linearizable:");
        reduced(broken).forEach(event -> text.append("\n  ").append(event));
        return text.toString();
    }

    private boolean isBroken(List<Event> events) {
        return search.search(events, maxStates) == KeySearch.Answer.NOT_LINEARIZABLE;
    }

    /** The history as it was when an event had just returned. */
    private static List<Event> until(List<Event> events, Event last) {
        List<Event> until = new ArrayList<>();
        for (Event event : events) {
            if (event.invoked <= last.returned) {
                until.add(event.returned <= last.returned ? event : event.unanswered());
            }
        }
        return until;
    }

    /** Leaves out what may be left out, one after the other: events without effect, while the rest is still broken. */
    private List<Event> reduced(List<Event> events) {
        List<Event> reduced = new ArrayList<>(events);
        long states = 0;
        for (int i = reduced.size() - 1; i >= 0 && states < EXPLAINING; i--) {
            Event event = reduced.get(i);
            if (event.isReadOnly()) {
                reduced.remove(i);
                states += search.states();
                if (!isBroken(reduced)) {
                    reduced.add(i, event);
                }
            }
        }
        return reduced;
    }
}
