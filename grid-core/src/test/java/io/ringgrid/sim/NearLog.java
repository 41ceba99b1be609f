package io.ringgrid.sim;

import io.ringgrid.near.NearCache;
import io.ringgrid.sim.History.Event;
import io.ringgrid.sim.History.Kind;
import io.ringgrid.sim.History.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What readers were shown by what they keep near, and the judge of it, who goes by the clients' history alone. Not
 * thread-safe.
 *
 * <p>A version surely exists when a write that made it, or a read that found it, has returned. It is surely <em>gone</em>
 * when a write that began later has returned that it took effect, or a read that began later, and was answered by the key's
 * owner, has returned something else. From this follow two judgements of each version that a reader was shown:
 *
 * <ul>
 *   <li><em>stale</em>: it was gone more than the bound before the read began;
 *   <li><em>backwards</em>: it existed before a write was asked that the same reader had heard of already, because it was
 *       its own or because the reader had been told the version that it made; or it was gone before the reader began
 *       another read of the key, which its owner answered.
 * </ul>
 *
 * What chance could explain is never held against a reader. Drift of the simulated clocks is allowed for.
 */
final class NearLog {
    private static final long BOUND = NearCache.BOUND + NearCache.BOUND / 100;

    /**
     * Something that a reader has heard of a key.
     *
     * @param near whether it was shown by what is kept
     * @param version that it was told; 0 if none
     * @param wrote whether it was a write of its own, which took effect
     */
    private record Heard(boolean near, long version, boolean wrote, long invoked, long returned) {}

    private record Reader(Object who, String key) {}

    /**
     * Of all evidence from some moment on, what returned first, and what returned first of that with another version.
     *
     * @param version that was there then; 0 for none
     */
    private record Evidence(long version, long returned, long otherReturned) {
        static final Evidence NONE = new Evidence(-1, Long.MAX_VALUE, Long.MAX_VALUE);

        Evidence and(Event event) {
            if (event.version == version) {
                return new Evidence(version, Math.min(returned, event.returned), otherReturned);
            }
            return event.returned < returned
                    ? new Evidence(event.version, event.returned, returned)
                    : new Evidence(version, returned, Math.min(otherReturned, event.returned));
        }

        long goneAt(long gone) {
            return gone == version ? otherReturned : returned;
        }
    }

    private final Map<Reader, List<Heard>> byReader = new LinkedHashMap<>();
    private long hits;

    /** How often something that is kept was shown. */
    long hits() {
        return hits;
    }

    /** A reader was shown this version by what is kept. */
    void hit(Object who, String key, long version, long now) {
        hits++;
        add(who, key, new Heard(true, version, false, now, now));
    }

    /** A reader's own read or write, which the key's owner has answered. */
    void heard(Object who, String key, Event event) {
        boolean wrote = event.kind != Kind.GET && event.outcome == Outcome.DONE;
        boolean read = event.kind == Kind.GET;
        if (read || wrote) {
            add(who, key, new Heard(false, event.version, wrote, event.invoked, event.returned));
        }
    }

    private void add(Object who, String key, Heard heard) {
        byReader.computeIfAbsent(new Reader(who, key), unknown -> new ArrayList<>())
                .add(heard);
    }

    /** What is wrong; empty if nothing. */
    String violation(History history) {
        if (hits == 0) {
            return "";
        }
        Map<String, Versions> byKey = new HashMap<>();
        for (Map.Entry<Reader, List<Heard>> entry : byReader.entrySet()) {
            String key = entry.getKey().key();
            Versions versions = byKey.computeIfAbsent(key, unknown -> new Versions(history.events(key)));
            String violation = violation(entry.getValue(), versions);
            if (!violation.isEmpty()) {
                return "near " + key + ": " + violation;
            }
        }
        return "";
    }

    private static String violation(List<Heard> all, Versions versions) {
        List<Heard> byReturn = new ArrayList<>(all);
        byReturn.sort(Comparator.comparingLong(Heard::returned));
        // By the time by which it was heard: when the latest write that was heard of was asked, and the latest read.
        TreeMap<Long, Long> writes = new TreeMap<>();
        TreeMap<Long, Long> reads = new TreeMap<>();
        long write = Long.MIN_VALUE;
        long read = Long.MIN_VALUE;
        for (Heard heard : byReturn) {
            write = Math.max(write, heard.wrote ? heard.invoked : versions.madeFrom(heard.version));
            writes.put(heard.returned, write);
            if (!heard.near && !heard.wrote) {
                read = Math.max(read, heard.invoked);
                reads.put(heard.returned, read);
            }
        }
        for (Heard heard : all) {
            if (!heard.near) {
                continue;
            }
            String shown = "at " + heard.invoked + " version " + heard.version + " was shown, which ";
            long gone = versions.goneAt(heard.version);
            if (gone < heard.invoked - BOUND) {
                return shown + "was gone at " + gone + ": stale for " + (heard.invoked - gone) / 1_000_000 + " ms";
            }
            if (gone < last(reads, heard.invoked)) {
                return shown + "was gone at " + gone + ": backwards, after a read that began at "
                        + last(reads, heard.invoked);
            }
            if (versions.existedAt(heard.version) < last(writes, heard.invoked)) {
                return shown + "was there at " + versions.existedAt(heard.version)
                        + ": backwards, after a write that began at " + last(writes, heard.invoked);
            }
        }
        return "";
    }

    private static long last(NavigableMap<Long, Long> floors, long before) {
        Map.Entry<Long, Long> entry = floors.lowerEntry(before);
        return entry == null ? Long.MIN_VALUE : entry.getValue();
    }

    /** One key's versions. */
    private static final class Versions {
        /** When each surely existed. */
        private final Map<Long, Long> existed = new HashMap<>();
        /** When the write that made each was asked. */
        private final Map<Long, Long> made = new HashMap<>();
        /** By the time of asking: all that was asked then or later. */
        private final TreeMap<Long, Evidence> from = new TreeMap<>();

        Versions(List<Event> events) {
            List<Event> telling = new ArrayList<>();
            for (Event event : events) {
                boolean wrote = event.outcome == Outcome.DONE;
                boolean read =
                        event.outcome == Outcome.FOUND || (event.outcome == Outcome.MISSING && event.kind == Kind.GET);
                if (wrote || read) {
                    telling.add(event);
                }
                if (event.version != 0 && (wrote || read)) {
                    existed.merge(event.version, event.returned, Math::min);
                }
                if (event.version != 0 && wrote) {
                    made.put(event.version, event.invoked);
                }
            }
            telling.sort(
                    Comparator.comparingLong((Event event) -> event.invoked).reversed());
            Evidence evidence = Evidence.NONE;
            for (Event event : telling) {
                evidence = evidence.and(event);
                from.put(event.invoked, evidence);
            }
        }

        long madeFrom(long version) {
            return made.getOrDefault(version, Long.MIN_VALUE);
        }

        long existedAt(long version) {
            return existed.getOrDefault(version, Long.MAX_VALUE);
        }

        long goneAt(long version) {
            Long since = existed.get(version);
            if (since == null) {
                return Long.MAX_VALUE;
            }
            Map.Entry<Long, Evidence> next = from.higherEntry(since);
            return next == null ? Long.MAX_VALUE : next.getValue().goneAt(version);
        }
    }
}
