package io.ringgrid.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What callers asked and heard, per key. Recording is thread-safe as long as each event is completed by one thread; it is
 * judged when all have finished.
 *
 * <p>Times are any rising numbers. An event that returned at the very moment when another was invoked counts as
 * concurrent with it. An event that never returns, or whose outcome is unknown, may have taken effect at any time after
 * its invocation, also after all others, or never. What was surely refused is {@link Event#refused}.
 *
 * <p>Versions are those that callers see: never 0, and never the same twice for one key. A version of 0 in a result
 * means that the caller was not told.
 */
public final class History {
    enum Kind {
        GET,
        PUT,
        REMOVE,
        INCREMENT,
        APPEND,
        PREPEND,
        /** A write of what is there: it only makes a new version. */
        TOUCH,
        /** A removal that does not say whether there was anything. */
        CLEAR;

        boolean removes() {
            return this == REMOVE || this == CLEAR;
        }

        boolean extendsValue() {
            return this == APPEND || this == PREPEND;
        }
    }

    /** When a write takes effect. */
    public enum Condition {
        ALWAYS,
        IF_ABSENT,
        IF_PRESENT,
        IF_VERSION
    }

    enum Outcome {
        UNKNOWN,
        REFUSED,
        FOUND,
        DONE,
        MISSING,
        EXISTS,
        /** MISSING or EXISTS: the caller was not told which. */
        NOT_MET,
        NOT_A_NUMBER,
        OVERFLOW
    }

    /** One request and what came back. Belongs to the thread that made it. */
    public static final class Event {
        final Kind kind;
        final Condition condition;
        /** For IF_VERSION. */
        final long ifVersion;
        /** For PUT; for APPEND and PREPEND what comes to the value. */
        final @Nullable String value;
        /** For INCREMENT. */
        final long delta;

        final long invoked;
        final String who;

        Outcome outcome = Outcome.UNKNOWN;
        long returned = Long.MAX_VALUE;
        /** For FOUND, and for a REMOVE that told what it took. */
        @Nullable
        String found;
        /** The entry's version for FOUND, the new one for DONE; 0 if not told. */
        long version;
        /** What INCREMENT came to; how long the value is after APPEND and PREPEND, or -1 if not told. */
        long number;

        Event(
                Kind kind,
                Condition condition,
                long ifVersion,
                @Nullable String value,
                long delta,
                long invoked,
                String who) {
            this.kind = kind;
            this.condition = condition;
            this.ifVersion = ifVersion;
            this.value = value;
            this.delta = delta;
            this.invoked = invoked;
            this.who = who;
        }

        /** The same request, not answered. */
        Event unanswered() {
            return new Event(kind, condition, ifVersion, value, delta, invoked, who);
        }

        private void complete(Outcome how, long now, boolean possible) {
            if (outcome != Outcome.UNKNOWN || returned != Long.MAX_VALUE) {
                throw new IllegalStateException("a second answer, " + how + ", to " + this);
            }
            if (!possible) {
                throw new IllegalArgumentException(how + " is no answer to " + this);
            }
            if (now < invoked) {
                throw new IllegalArgumentException("answered at " + now + ", before it was asked: " + this);
            }
            outcome = how;
            returned = now;
        }

        /** A GET found this. */
        public void found(String foundValue, long foundVersion, long now) {
            complete(Outcome.FOUND, now, kind == Kind.GET);
            found = Objects.requireNonNull(foundValue);
            version = foundVersion;
        }

        /** A PUT, TOUCH, REMOVE or CLEAR took effect; with the entry's new version, or 0 if there is none any more. */
        public void done(long newVersion, long now) {
            boolean possible = kind == Kind.PUT || kind == Kind.TOUCH || (kind.removes() && newVersion == 0);
            complete(Outcome.DONE, now, possible);
            version = newVersion;
        }

        /** A REMOVE took effect, and told what it took. */
        public void took(String takenValue, long now) {
            complete(Outcome.DONE, now, kind == Kind.REMOVE);
            found = Objects.requireNonNull(takenValue);
        }

        /** An INCREMENT took effect and came to this number. */
        public void counted(long newNumber, long newVersion, long now) {
            complete(Outcome.DONE, now, kind == Kind.INCREMENT);
            number = newNumber;
            version = newVersion;
        }

        /** An APPEND or PREPEND took effect: the value is this long now, or -1 if the caller was not told. */
        public void extended(long newLength, long newVersion, long now) {
            complete(Outcome.DONE, now, kind.extendsValue());
            number = newLength;
            version = newVersion;
        }

        /** There was no entry: a GET's miss, or a write without effect. */
        public void missing(long now) {
            boolean needsEntry = condition == Condition.IF_PRESENT || condition == Condition.IF_VERSION;
            complete(Outcome.MISSING, now, kind == Kind.GET || kind == Kind.REMOVE || needsEntry);
        }

        /** There was an entry, or one of another version: a write without effect. */
        public void exists(long now) {
            boolean possible = condition == Condition.IF_VERSION || condition == Condition.IF_ABSENT;
            complete(Outcome.EXISTS, now, possible);
        }

        /** There was no entry, or one of another version; the caller was not told which. */
        public void notMet(long now) {
            complete(Outcome.NOT_MET, now, condition == Condition.IF_VERSION);
        }

        /** An INCREMENT met a value that is not a number: no effect. */
        public void notANumber(long now) {
            complete(Outcome.NOT_A_NUMBER, now, kind == Kind.INCREMENT);
        }

        /** An INCREMENT would have left 64 bits: no effect. */
        public void overflowed(long now) {
            complete(Outcome.OVERFLOW, now, kind == Kind.INCREMENT);
        }

        /** The caller was told that the outcome is unknown: as if no answer had come. */
        public void unknown() {
            complete(Outcome.UNKNOWN, invoked, true);
            returned = Long.MAX_VALUE;
        }

        /** It surely had no effect, now or later. */
        public void refused() {
            complete(Outcome.REFUSED, invoked, true);
        }

        /** Whether it may have taken effect, at any time, or not. */
        boolean isUnknown() {
            return outcome == Outcome.UNKNOWN;
        }

        /** Whether it surely changed nothing. */
        boolean isReadOnly() {
            return kind == Kind.GET || (outcome != Outcome.UNKNOWN && outcome != Outcome.DONE);
        }

        /** One line: when, who, what, and the answer. */
        @Override
        public String toString() {
            String span = "[" + invoked + " … " + (returned == Long.MAX_VALUE ? "" : returned) + "] ";
            return span + (who.isEmpty() ? "" : who + " ") + request() + " -> " + answer();
        }

        private String request() {
            String when =
                    switch (condition) {
                        case ALWAYS -> "";
                        case IF_VERSION -> " IF_VERSION " + ifVersion;
                        default -> " " + condition;
                    };
            return switch (kind) {
                case GET -> "GET";
                case PUT -> "PUT '" + value + "'" + when;
                case REMOVE -> "REMOVE" + when;
                case TOUCH, CLEAR -> kind.toString();
                case INCREMENT -> "INCREMENT " + delta + when;
                case APPEND, PREPEND -> kind + " '" + value + "'" + when;
            };
        }

        private String answer() {
            return switch (outcome) {
                case FOUND -> "'" + found + "' version " + version;
                case DONE ->
                    kind == Kind.INCREMENT || kind.extendsValue()
                            ? number + " version " + version
                            : found != null
                                    ? "took '" + found + "'"
                                    : version != 0 ? "done, version " + version : "done";
                default -> outcome.toString();
            };
        }
    }

    private final Map<String, List<Event>> byKey = new LinkedHashMap<>();

    private synchronized Event add(String key, Event event) {
        byKey.computeIfAbsent(key, k -> new ArrayList<>()).add(event);
        return event;
    }

    /** A GET is invoked. */
    public Event get(String key, String who, long now) {
        return add(key, new Event(Kind.GET, Condition.ALWAYS, 0, null, 0, now, who));
    }

    /** A PUT is invoked; {@code ifVersion} counts for {@link Condition#IF_VERSION} only. */
    public Event put(String key, String value, Condition condition, long ifVersion, String who, long now) {
        Objects.requireNonNull(value);
        return add(key, new Event(Kind.PUT, condition, ifVersion, value, 0, now, who));
    }

    /** A REMOVE is invoked: ALWAYS or IF_VERSION. */
    public Event remove(String key, Condition condition, long ifVersion, String who, long now) {
        if (condition == Condition.IF_ABSENT || condition == Condition.IF_PRESENT) {
            throw new IllegalArgumentException("REMOVE " + condition);
        }
        return add(key, new Event(Kind.REMOVE, condition, ifVersion, null, 0, now, who));
    }

    /** A signed INCREMENT is invoked; a missing key counts from 0. */
    public Event increment(String key, long delta, String who, long now) {
        return increment(key, delta, Condition.ALWAYS, who, now);
    }

    /** A signed INCREMENT is invoked: ALWAYS, a missing key counting from 0, or IF_PRESENT. */
    public Event increment(String key, long delta, Condition condition, String who, long now) {
        if (condition == Condition.IF_ABSENT || condition == Condition.IF_VERSION) {
            throw new IllegalArgumentException("INCREMENT " + condition);
        }
        return add(key, new Event(Kind.INCREMENT, condition, 0, null, delta, now, who));
    }

    /** An APPEND or PREPEND is invoked; ALWAYS makes an entry where there is none. */
    public Event extend(
            boolean behind, String key, String piece, Condition condition, long ifVersion, String who, long now) {
        Objects.requireNonNull(piece);
        Kind kind = behind ? Kind.APPEND : Kind.PREPEND;
        return add(key, new Event(kind, condition, ifVersion, piece, 0, now, who));
    }

    /** A TOUCH is invoked. */
    public Event touch(String key, String who, long now) {
        return add(key, new Event(Kind.TOUCH, Condition.IF_PRESENT, 0, null, 0, now, who));
    }

    /** A CLEAR of everything, this key too, is invoked. */
    public Event clear(String key, String who, long now) {
        return add(key, new Event(Kind.CLEAR, Condition.ALWAYS, 0, null, 0, now, who));
    }

    /** How many events were recorded. */
    public synchronized int size() {
        return byKey.values().stream().mapToInt(List::size).sum();
    }

    /** The keys, in the order of their first events. */
    synchronized List<String> keys() {
        return new ArrayList<>(byKey.keySet());
    }

    /** The events of a key, in the order of recording. */
    synchronized List<Event> events(String key) {
        return new ArrayList<>(byKey.getOrDefault(key, List.of()));
    }
}
