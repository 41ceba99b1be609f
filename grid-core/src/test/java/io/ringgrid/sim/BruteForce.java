package io.ringgrid.sim;

import io.ringgrid.sim.History.Condition;
import io.ringgrid.sim.History.Event;
import io.ringgrid.sim.History.Kind;
import io.ringgrid.sim.History.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges tiny histories of one key by trying every order: slow, plain, and written apart from the real judge. */
final class BruteForce {
    /** What the register holds, and which event wrote it. */
    private record Content(String value, Event writer) {}

    /** What has been learned of versions that writers were not told. */
    private record Versions(Map<Event, Long> are, Map<Event, Set<Long>> areNot) {}

    private final boolean mayVanish;
    private final Set<Long> told = new HashSet<>();

    private BruteForce(boolean mayVanish) {
        this.mayVanish = mayVanish;
    }

    static boolean isLinearizable(List<Event> events, boolean mayVanish) {
        BruteForce judge = new BruteForce(mayVanish);
        List<Event> left = new ArrayList<>(events);
        left.removeIf(event -> event.outcome == Outcome.REFUSED);
        for (Event event : left) {
            boolean write = event.outcome == Outcome.DONE && event.version != 0;
            if (write && !judge.told.add(event.version)) {
                return false;
            }
        }
        return judge.search(left, null, new Versions(Map.of(), Map.of()));
    }

    private boolean search(List<Event> left, @Nullable Content content, Versions versions) {
        if (left.stream().allMatch(Event::isUnknown)) {
            return true;
        }
        if (mayVanish && content != null && search(left, null, versions)) {
            return true;
        }
        for (Event event : left) {
            if (left.stream().noneMatch(other -> other.returned < event.invoked)) {
                List<Event> rest = new ArrayList<>(left);
                rest.remove(event);
                if (place(event, rest, content, versions)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean place(Event event, List<Event> rest, @Nullable Content content, Versions versions) {
        if (event.kind == Kind.GET) {
            if (event.outcome != Outcome.FOUND) {
                return content == null && search(rest, null, versions);
            }
            if (content == null || !content.value.equals(event.found)) {
                return false;
            }
            Versions known = event.version == 0 ? versions : equal(content, event.version, versions);
            return known != null && search(rest, content, known);
        }
        if (event.kind == Kind.INCREMENT) {
            return increment(event, rest, content, versions);
        }
        if (event.kind == Kind.CLEAR) {
            return search(rest, null, versions);
        }
        boolean wantsEffect = event.outcome == Outcome.DONE || event.outcome == Outcome.UNKNOWN;
        Content after = event.kind == Kind.REMOVE ? null : new Content(after(event, content), event);
        if (after != null && event.kind.extendsValue() && event.outcome == Outcome.DONE) {
            if (event.number >= 0 && event.number != after.value.length()) {
                return false;
            }
        }
        if (content == null) {
            boolean holds = event.kind != Kind.REMOVE
                    && (event.condition == Condition.ALWAYS || event.condition == Condition.IF_ABSENT);
            return wantsEffect
                    ? holds && search(rest, after, versions)
                    : !holds
                            && (event.outcome == Outcome.MISSING || event.outcome == Outcome.NOT_MET)
                            && search(rest, null, versions);
        }
        if (event.kind == Kind.REMOVE && event.found != null && !event.found.equals(content.value)) {
            return false;
        }
        Versions known = versions;
        if (event.condition == Condition.IF_VERSION) {
            known = wantsEffect
                    ? equal(content, event.ifVersion, versions)
                    : different(content, event.ifVersion, versions);
            return known != null
                    && (wantsEffect || event.outcome == Outcome.EXISTS || event.outcome == Outcome.NOT_MET)
                    && search(rest, wantsEffect ? after : content, known);
        }
        boolean holds = event.condition != Condition.IF_ABSENT;
        return wantsEffect
                ? holds && search(rest, after, versions)
                : !holds && event.outcome == Outcome.EXISTS && search(rest, content, versions);
    }

    private static String after(Event event, @Nullable Content before) {
        String old = before == null ? "" : before.value;
        return switch (event.kind) {
            case APPEND -> old + event.value;
            case PREPEND -> event.value + old;
            case TOUCH -> old;
            default -> String.valueOf(event.value);
        };
    }

    private boolean increment(Event event, List<Event> rest, @Nullable Content content, Versions versions) {
        if (content == null && event.condition == Condition.IF_PRESENT) {
            return event.outcome == Outcome.MISSING && search(rest, null, versions);
        }
        String text = content == null ? "0" : content.value;
        boolean isNumber = text.matches("0|-?[1-9][0-9]{0,18}");
        if (!isNumber) {
            return event.outcome == Outcome.NOT_A_NUMBER && search(rest, content, versions);
        }
        long sum = Long.parseLong(text) + event.delta;
        boolean fits = event.isUnknown() || (event.outcome == Outcome.DONE && event.number == sum);
        return fits && search(rest, new Content("" + sum, event), versions);
    }

    private @Nullable Versions equal(Content content, long version, Versions versions) {
        Event writer = content.writer;
        if (writer.outcome == Outcome.DONE && writer.version != 0) {
            return writer.version == version ? versions : null;
        }
        Long known = versions.are.get(writer);
        if (known != null) {
            return known == version ? versions : null;
        }
        boolean taken = told.contains(version) || versions.are.containsValue(version);
        if (taken || versions.areNot.getOrDefault(writer, Set.of()).contains(version)) {
            return null;
        }
        Map<Event, Long> are = new HashMap<>(versions.are);
        are.put(writer, version);
        return new Versions(are, versions.areNot);
    }

    private @Nullable Versions different(Content content, long version, Versions versions) {
        Event writer = content.writer;
        if (writer.outcome == Outcome.DONE && writer.version != 0) {
            return writer.version != version ? versions : null;
        }
        Long known = versions.are.get(writer);
        if (known != null) {
            return known != version ? versions : null;
        }
        Map<Event, Set<Long>> areNot = new HashMap<>(versions.areNot);
        Set<Long> more = new HashSet<>(areNot.getOrDefault(writer, Set.of()));
        more.add(version);
        areNot.put(writer, more);
        return new Versions(versions.are, areNot);
    }
}
