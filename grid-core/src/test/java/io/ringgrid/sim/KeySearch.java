package io.ringgrid.sim;

import io.ringgrid.sim.History.Condition;
import io.ringgrid.sim.History.Event;
import io.ringgrid.sim.History.Kind;
import io.ringgrid.sim.History.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for an order of one key's events that a single register with versions could have executed. Not thread-safe;
 * reused from key to key.
 *
 * <p>The search of J. Wing and C. Gong ("Testing and verifying concurrent objects", 1993) with G. Lowe's memory of what
 * was met ("Testing for linearizability", 2017): put one of the possible next events first, follow, take it back when
 * stuck, and never enter the same state (set of events placed, content of the register) twice. An event may come next
 * if no other that is still to be placed returned before it was invoked. An event of unknown outcome may be left out.
 *
 * <p>What keeps it small:
 *
 * <ul>
 *   <li>An event that fits and changes nothing is placed at once, without alternative: later would not be better.
 *   <li>Events of unknown outcome are tried last, and of two equal ones the earlier first.
 *   <li>Nothing that overwrites blindly is placed upon an unknown event that nobody has seen: that one could have been
 *       left out.
 *   <li>Values that are never read are one value, unless something is appended to them.
 * </ul>
 *
 * <p>Versions never repeat, so an entry is not overwritten while events that saw its version are still to be placed. A
 * write whose version was told makes that one. Any other makes a version that is not known yet; the first event that
 * sees it binds it, to an <em>orphan</em>: a version that was seen but that no told write has, and that no placed event
 * has seen before. An event that says the version is <em>not</em> this one excludes it from being bound later.
 *
 * <p>Whether entries may vanish by themselves (eviction) is a second variant of a step: the same event upon nothing. A
 * further kind of spontaneous change, say at a time, would be one more variant.
 */
final class KeySearch {
    enum Answer {
        LINEARIZABLE,
        NOT_LINEARIZABLE,
        UNDECIDED
    }

    private static final int ABSENT = -1;
    private static final int NO_EVENT = -1;
    /** The number of the version of an entry whose version nobody has seen yet; of a version that was not told. */
    private static final int UNBOUND = 0;

    private static final int MOST_EXCLUDED = 63;
    private static final String NEVER_READ = "\0never read";

    private final boolean mayVanish;
    private final SeenStates seen = new SeenStates();
    private long states;

    // The events, by time of invocation

    private Event[] events = new Event[0];
    private int count;
    /** What a PUT writes and what a GET found, as a number. */
    private int[] written = new int[0];

    private int[] read = new int[0];
    /** The number of the version that an event was told it made. */
    private int[] makes = new int[0];
    /** The number of the version that must be there for an event to take place; UNBOUND if any will do. */
    private int[] sees = new int[0];
    /** The number of the version that the event's condition names. */
    private int[] names = new int[0];

    private int[] equalBefore = new int[0];
    /** Two lists of what is still to be placed: of known and of unknown outcome; their heads are count, count + 1. */
    private int[] next = new int[0];

    private int[] previous = new int[0];
    private boolean[] placed = new boolean[0];

    private final Map<String, Integer> valueNumbers = new HashMap<>();
    private final List<String> values = new ArrayList<>();
    private final List<@Nullable Long> numbers = new ArrayList<>();
    /** The orphans come first, from 1. */
    private final Map<Long, Integer> versionNumbers = new HashMap<>();

    private final List<Long> versions = new ArrayList<>();
    private int orphans;
    /** By version: how many placed events have seen it. */
    private int[] sightings = new int[0];
    /** By version: how many events of known outcome, still to be placed, have seen it. */
    private int[] waiting = new int[0];

    // The register, and the way to it

    private int value;
    private int version;
    private long excluded;
    /** Made by an unknown event and not seen by any. */
    private boolean unseen;

    private boolean unchanged;
    private long setHigh;
    private long setLow;

    private int depth;
    private int[] chosen = new int[0];
    private int[] variant = new int[0];
    private boolean[] forced = new boolean[0];
    private long[] horizon = new long[0];
    private int[] oldValue = new int[0];
    private int[] oldVersion = new int[0];
    private long[] oldExcluded = new long[0];
    private boolean[] oldUnseen = new boolean[0];

    /** The order that was found. */
    private final List<Event> order = new ArrayList<>();

    /**
     * A search.
     *
     * @param mayVanish whether entries may vanish at any time
     */
    KeySearch(boolean mayVanish) {
        this.mayVanish = mayVanish;
    }

    /** How many states the last search met. */
    long states() {
        return states;
    }

    /** The order that the last search found, if it found one. */
    List<Event> order() {
        return List.copyOf(order);
    }

    /** What the register holds after {@link #order()}, for people. */
    String content() {
        return value == ABSENT
                ? "nothing"
                : "'" + values.get(value) + "' version "
                        + (version == UNBOUND ? "not seen yet" : versions.get(version));
    }

    /** Searches an order for these events of one key; gives up after so many states. */
    Answer search(List<Event> history, long maxStates) {
        load(history);
        states = 0;
        seen.clear();
        order.clear();
        value = ABSENT;
        version = UNBOUND;
        excluded = 0;
        unseen = false;
        setHigh = 0;
        setLow = 0;
        depth = 0;
        return run(maxStates);
    }

    // Reading the events

    private void load(List<Event> history) {
        events = history.stream()
                .filter(event -> event.outcome != Outcome.REFUSED && !(event.kind == Kind.GET && event.isUnknown()))
                .filter(event -> !(mayVanish && event.kind.removes() && event.isUnknown()))
                .sorted(Comparator.comparingLong(event -> event.invoked))
                .toArray(Event[]::new);
        count = events.length;
        if (next.length < count + 2) {
            allocate(Math.max(2 * count, 64));
        }
        valueNumbers.clear();
        values.clear();
        numbers.clear();
        versionNumbers.clear();
        versions.clear();
        loadValues();
        loadVersions();
        loadLists();
    }

    private void allocate(int size) {
        written = new int[size];
        read = new int[size];
        makes = new int[size];
        sees = new int[size];
        names = new int[size];
        equalBefore = new int[size];
        next = new int[size + 2];
        previous = new int[size + 2];
        placed = new boolean[size];
        sightings = new int[3 * size + 1];
        waiting = new int[3 * size + 1];
        chosen = new int[size + 1];
        variant = new int[size + 1];
        forced = new boolean[size + 1];
        horizon = new long[size + 1];
        oldValue = new int[size + 1];
        oldVersion = new int[size + 1];
        oldExcluded = new long[size + 1];
        oldUnseen = new boolean[size + 1];
    }

    private void loadValues() {
        Set<String> everRead = new HashSet<>();
        boolean counts = false;
        boolean extended = false;
        for (Event event : events) {
            counts |= event.kind == Kind.INCREMENT;
            extended |= event.kind.extendsValue();
            if (event.found != null) {
                everRead.add(event.found);
            }
        }
        for (int i = 0; i < count; i++) {
            String put = events[i].value;
            boolean matters = put != null && (extended || everRead.contains(put) || (counts && number(put) != null));
            written[i] = put == null ? ABSENT : numberOf(matters ? put : NEVER_READ);
            read[i] = events[i].found == null ? ABSENT : numberOf(events[i].found);
        }
    }

    private int numberOf(String text) {
        Integer known = valueNumbers.get(text);
        if (known != null) {
            return known;
        }
        valueNumbers.put(text, values.size());
        values.add(text);
        numbers.add(number(text));
        return values.size() - 1;
    }

    /** A decimal number of 64 bits, as it would be written; or null. */
    private static @Nullable Long number(String text) {
        if (text.isEmpty() || text.length() > 20 || text.charAt(0) > '9') {
            return null;
        }
        try {
            long parsed = Long.parseLong(text);
            return Long.toString(parsed).equals(text) ? parsed : null;
        } catch (NumberFormatException notANumber) {
            return null;
        }
    }

    private void loadVersions() {
        Set<Long> told = new HashSet<>();
        for (Event event : events) {
            if (event.outcome == Outcome.DONE) {
                told.add(event.version);
            }
        }
        told.add(0L);
        versionNumbers.put(0L, UNBOUND);
        versions.add(0L);
        for (Event event : events) {
            if (!told.contains(sight(event))) {
                versionNumber(sight(event));
            }
        }
        orphans = versions.size() - 1;
        Arrays.fill(sightings, 0);
        Arrays.fill(waiting, 0);
        for (int i = 0; i < count; i++) {
            makes[i] = events[i].outcome == Outcome.DONE ? versionNumber(events[i].version) : UNBOUND;
            sees[i] = versionNumber(sight(events[i]));
            names[i] = versionNumber(events[i].ifVersion);
            waiting[sees[i]] += events[i].isUnknown() ? 0 : 1;
        }
    }

    private int versionNumber(long version) {
        Integer known = versionNumbers.get(version);
        if (known != null) {
            return known;
        }
        versionNumbers.put(version, versions.size());
        versions.add(version);
        return versions.size() - 1;
    }

    /** The version that must be there if the event takes place; 0 if any will do. */
    private static long sight(Event event) {
        return switch (event.outcome) {
            case FOUND -> event.version;
            case DONE, UNKNOWN -> event.condition == Condition.IF_VERSION ? event.ifVersion : 0;
            default -> 0;
        };
    }

    private void loadLists() {
        int lastKnown = count;
        int lastUnknown = count + 1;
        for (int i = 0; i < count; i++) {
            placed[i] = false;
            equalBefore[i] = NO_EVENT;
            if (events[i].isUnknown()) {
                for (int j = lastUnknown; j != count + 1 && equalBefore[i] == NO_EVENT; j = previous[j]) {
                    equalBefore[i] = isSameRequest(i, j) ? j : NO_EVENT;
                }
                link(lastUnknown, i);
                lastUnknown = i;
            } else {
                link(lastKnown, i);
                lastKnown = i;
            }
        }
        link(lastKnown, count);
        link(lastUnknown, count + 1);
    }

    private void link(int before, int after) {
        next[before] = after;
        previous[after] = before;
    }

    private boolean isSameRequest(int a, int b) {
        return events[a].kind == events[b].kind
                && events[a].condition == events[b].condition
                && events[a].ifVersion == events[b].ifVersion
                && events[a].delta == events[b].delta
                && written[a] == written[b];
    }

    // The search

    private Answer run(long maxStates) {
        boolean arrived = true;
        while (true) {
            if (arrived && next[count] == count) {
                remember();
                return Answer.LINEARIZABLE;
            }
            arrived = arrived ? begin() : goOn();
            if (states > maxStates) {
                return Answer.UNDECIDED;
            }
            if (!arrived) {
                if (depth == 0) {
                    return Answer.NOT_LINEARIZABLE;
                }
                takeBack();
            }
        }
    }

    /** Places a first event upon a state that was just reached; false if there is none, or the state was met before. */
    private boolean begin() {
        horizon[depth] = horizon();
        int harmless = harmless();
        forced[depth] = harmless != NO_EVENT;
        if (forced[depth]) {
            chosen[depth] = harmless;
            return place(harmless, 0);
        }
        if (isSeen()) {
            return false;
        }
        chosen[depth] = next[count];
        variant[depth] = -1;
        return goOn();
    }

    /** Places the next possible event that fits; false if there is none. */
    private boolean goOn() {
        while (!forced[depth] && advance()) {
            if (place(chosen[depth], variant[depth])) {
                return true;
            }
        }
        return false;
    }

    /** Goes on to the next variant, or to the next event that may come next: known ones first, then unknown ones. */
    private boolean advance() {
        int event = chosen[depth];
        if (variant[depth] + 1 < (mayVanish ? 2 : 1)) {
            variant[depth]++;
            return true;
        }
        boolean known = !events[event].isUnknown();
        event = next[event];
        while (true) {
            boolean ended = event >= count || events[event].invoked > horizon[depth];
            if (ended && known) {
                known = false;
                event = next[count + 1];
            } else if (ended) {
                return false;
            } else if (equalBefore[event] != NO_EVENT && !placed[equalBefore[event]]) {
                event = next[event];
            } else {
                chosen[depth] = event;
                variant[depth] = 0;
                return true;
            }
        }
    }

    /** The earliest return among what must still be placed: what was invoked later cannot come next. */
    private long horizon() {
        long earliest = Long.MAX_VALUE;
        for (int i = next[count]; i != count && events[i].invoked <= earliest; i = next[i]) {
            earliest = Math.min(earliest, events[i].returned);
        }
        return earliest;
    }

    /** An event that may come next, fits, and changes nothing; or none. */
    private int harmless() {
        for (int i = next[count]; i != count && events[i].invoked <= horizon[depth]; i = next[i]) {
            if (events[i].isReadOnly()) {
                save();
                unchanged = true;
                boolean fits = step(i);
                restore();
                if (fits && unchanged) {
                    return i;
                }
            }
        }
        return NO_EVENT;
    }

    private boolean isSeen() {
        long content = mix(value + 0x9e3779b97f4a7c15L * version) ^ mix(excluded * 4 + (unseen ? 1 : 2));
        boolean isNew = seen.add(setHigh ^ content, setLow ^ mix(content + 0x632be59bd9b4e019L));
        states = seen.size();
        return !isNew;
    }

    /** The finalizer of SplitMix64 (G. Steele et al., 2014). */
    private static long mix(long bits) {
        long mixed = bits + 0x9e3779b97f4a7c15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    private void save() {
        oldValue[depth] = value;
        oldVersion[depth] = version;
        oldExcluded[depth] = excluded;
        oldUnseen[depth] = unseen;
    }

    private void restore() {
        value = oldValue[depth];
        version = oldVersion[depth];
        excluded = oldExcluded[depth];
        unseen = oldUnseen[depth];
    }

    private boolean place(int event, int how) {
        save();
        if ((how == 1 && !vanish()) || !step(event)) {
            restore();
            return false;
        }
        next[previous[event]] = next[event];
        previous[next[event]] = previous[event];
        toggle(event, 1);
        depth++;
        return true;
    }

    private void takeBack() {
        depth--;
        int event = chosen[depth];
        restore();
        next[previous[event]] = event;
        previous[next[event]] = event;
        toggle(event, -1);
    }

    private void toggle(int event, int by) {
        placed[event] = by > 0;
        sightings[sees[event]] += by;
        waiting[sees[event]] -= events[event].isUnknown() ? 0 : by;
        setHigh ^= mix(2L * event);
        setLow ^= mix(2L * event + 1);
    }

    private void remember() {
        order.clear();
        for (int i = 0; i < depth; i++) {
            order.add(events[chosen[i]]);
        }
    }

    // What one event does to the register

    /** The entry is gone. Not worth trying upon what nobody has seen: that could have been left out. */
    private boolean vanish() {
        if (value == ABSENT || unseen || isAwaited(UNBOUND)) {
            return false;
        }
        removed(false);
        return true;
    }

    /** Whether events are still to be placed that saw what is there, beside one that sees this version. */
    private boolean isAwaited(int beside) {
        return version != UNBOUND && waiting[version] > (version == beside ? 1 : 0);
    }

    private boolean mayEnd(int index) {
        return !isAwaited(events[index].isUnknown() ? UNBOUND : sees[index]);
    }

    private boolean removed(boolean byUnknown) {
        value = ABSENT;
        version = UNBOUND;
        excluded = 0;
        unseen = byUnknown;
        return true;
    }

    private boolean written(int newValue, int index) {
        value = newValue;
        version = makes[index];
        excluded = 0;
        unseen = events[index].isUnknown();
        return true;
    }

    /** Applies an event; false, with the register in any state, if it could not have had its answer. */
    private boolean step(int index) {
        Event event = events[index];
        return switch (event.kind) {
            case GET -> event.outcome == Outcome.FOUND ? value == read[index] && is(sees[index]) : isAbsent();
            case PUT -> event.isReadOnly() ? failed(index) : put(index);
            case REMOVE -> event.isReadOnly() ? failed(index) : remove(index);
            case INCREMENT -> increment(index);
            case APPEND, PREPEND -> event.isReadOnly() ? failed(index) : extend(index);
            case TOUCH -> event.isReadOnly() ? failed(index) : touch(index);
            case CLEAR -> !unseen && mayEnd(index) && removed(event.isUnknown());
        };
    }

    private boolean extend(int index) {
        Event event = events[index];
        boolean holds =
                switch (event.condition) {
                    case ALWAYS -> true;
                    case IF_ABSENT -> value == ABSENT;
                    case IF_PRESENT -> value != ABSENT;
                    case IF_VERSION -> value != ABSENT && is(names[index]);
                };
        String before = value == ABSENT ? "" : values.get(value);
        String piece = values.get(written[index]);
        int length = before.length() + piece.length();
        if (!holds || (event.outcome == Outcome.DONE && event.number >= 0 && event.number != length)) {
            return false;
        }
        String after = event.kind == Kind.APPEND ? before + piece : piece + before;
        return mayEnd(index) && written(numberOf(after), index);
    }

    private boolean touch(int index) {
        return value != ABSENT && mayEnd(index) && written(value, index);
    }

    private boolean put(int index) {
        boolean holds =
                switch (events[index].condition) {
                    case ALWAYS -> !unseen;
                    case IF_ABSENT -> value == ABSENT;
                    case IF_PRESENT -> value != ABSENT;
                    case IF_VERSION -> value != ABSENT && is(names[index]);
                };
        return holds && mayEnd(index) && written(written[index], index);
    }

    private boolean remove(int index) {
        Event event = events[index];
        boolean inVain = unseen && event.isUnknown() && event.condition == Condition.ALWAYS;
        boolean holds = value != ABSENT
                && !inVain
                && (event.found == null || value == read[index])
                && (event.condition != Condition.IF_VERSION || is(names[index]));
        return holds && mayEnd(index) && removed(event.isUnknown());
    }

    private boolean failed(int index) {
        Outcome outcome = events[index].outcome;
        if (outcome == Outcome.MISSING || (outcome == Outcome.NOT_MET && value == ABSENT)) {
            return isAbsent();
        }
        if (value == ABSENT) {
            return false;
        }
        unseen = false;
        return events[index].condition != Condition.IF_VERSION || isNot(names[index]);
    }

    private boolean isAbsent() {
        unseen = false;
        return value == ABSENT;
    }

    private boolean increment(int index) {
        Event event = events[index];
        if (event.outcome == Outcome.MISSING) {
            return isAbsent();
        }
        if (value == ABSENT && event.condition == Condition.IF_PRESENT) {
            return false;
        }
        Long present = value == ABSENT ? Long.valueOf(0) : numbers.get(value);
        if (event.outcome == Outcome.NOT_A_NUMBER) {
            unseen = false;
            return present == null;
        }
        if (present == null) {
            return false;
        }
        long sum = present + event.delta;
        boolean overflows = ((present ^ sum) & (event.delta ^ sum)) < 0;
        if (event.outcome == Outcome.OVERFLOW) {
            unseen = false;
            return overflows;
        }
        if (overflows || (event.outcome == Outcome.DONE && sum != event.number)) {
            return false;
        }
        return mayEnd(index) && written(numberOf(Long.toString(sum)), index);
    }

    /** The register's version is this one, or any will do; binds it if nobody has seen it yet. */
    private boolean is(int wanted) {
        unseen = false;
        if (wanted == UNBOUND || version == wanted) {
            return true;
        }
        if (version != UNBOUND || !mayBind(wanted)) {
            return false;
        }
        version = wanted;
        excluded = 0;
        unchanged = false;
        return true;
    }

    /** The register's version is not this one; excludes it if nobody has seen the version yet. */
    private boolean isNot(int other) {
        if (version != UNBOUND) {
            return version != other;
        }
        if (mayBind(other) && other < MOST_EXCLUDED) {
            excluded |= 1L << other;
            unchanged = false;
        }
        return true;
    }

    private boolean mayBind(int wanted) {
        return wanted <= orphans
                && sightings[wanted] == 0
                && (wanted >= MOST_EXCLUDED || (excluded & (1L << wanted)) == 0);
    }
}
