package io.ringgrid.node.process;

import io.ringgrid.node.process.Recording.Outcome;
import io.ringgrid.sim.History.Condition;
import io.ringgrid.sim.History.Event;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;

/** Speaks memcached's text protocol. Thread-safe, as its superclass says. */
final class RecordedMemcached extends RecordedLines {
    RecordedMemcached(String who, Recording recording, SplittableRandom random, List<MemberProcess> members) {
        super(who, recording, random, members);
    }

    @Override
    LineConnection connect(MemberProcess member, int timeoutMillis) throws IOException {
        return member.memcached(timeoutMillis);
    }

    @Override
    Outcome outcome(String head) {
        if (head.startsWith("SERVER_ERROR temporarily unavailable")) {
            return Outcome.REFUSED;
        }
        return head.startsWith("SERVER_ERROR outcome unknown") ? Outcome.UNKNOWN : Outcome.ANSWERED;
    }

    @Override
    void askText(String key) {
        int dice = random.nextInt(20);
        if (dice < 7) {
            read(key);
        } else if (dice < 10) {
            store("set", key, Condition.ALWAYS);
        } else if (dice < 12) {
            store("add", key, Condition.IF_ABSENT);
        } else if (dice < 16) {
            store("cas", key, Condition.IF_VERSION);
        } else if (dice < 18) {
            append(key);
        } else {
            delete(key);
        }
    }

    @Override
    void askCounter(String key) {
        int dice = random.nextInt(10);
        if (dice < 6) {
            incr(key);
        } else if (dice < 9) {
            read(key);
        } else {
            delete(key);
        }
    }

    @Override
    Outcome read(String key) {
        return ask(door -> {
            Event event = get(key);
            return exchange(door, event, "gets " + key + "\r\n", (head, from) -> {
                if (head.equals("END")) {
                    event.missing(System.nanoTime());
                    return;
                }
                String value = from.line();
                String end = from.line();
                String[] words = head.split(" ", -1);
                if (words.length != 5 || !words[1].equals(key) || !end.equals("END")) {
                    throw wrong(event, head + "' '" + value + "' '" + end);
                }
                long version = Long.parseLong(words[4]);
                event.found(value, version, System.nanoTime());
                recording.saw(key, version);
            });
        });
    }

    private void store(String verb, String key, Condition condition) {
        ask(door -> {
            String value = recording.freshValue();
            long version = condition == Condition.IF_VERSION ? recording.knownVersion(key) : 0;
            String line = verb + " " + key + " 0 0 " + value.length() + (version == 0 ? "" : " " + version);
            Event event = put(key, value, condition, version);
            return exchange(door, event, line + "\r\n" + value + "\r\n", (head, from) -> {
                long now = System.nanoTime();
                switch (head) {
                    case "STORED" -> event.done(0, now);
                    case "NOT_STORED", "EXISTS" -> event.exists(now);
                    case "NOT_FOUND" -> event.missing(now);
                    default -> throw wrong(event, head);
                }
            });
        });
    }

    private void append(String key) {
        ask(door -> {
            String piece = "+" + recording.freshValue();
            Event event = append(key, piece, Condition.IF_PRESENT);
            String command = "append " + key + " 0 0 " + piece.length() + "\r\n" + piece + "\r\n";
            return exchange(door, event, command, (head, from) -> {
                long now = System.nanoTime();
                switch (head) {
                    case "STORED" -> event.extended(-1, 0, now);
                    case "NOT_STORED" -> event.missing(now);
                    default -> throw wrong(event, head);
                }
            });
        });
    }

    private void incr(String key) {
        ask(door -> {
            long delta = 1L + random.nextInt(3);
            Event event = increment(key, delta, Condition.IF_PRESENT);
            return exchange(door, event, "incr " + key + " " + delta + "\r\n", (head, from) -> {
                long now = System.nanoTime();
                if (head.equals("NOT_FOUND")) {
                    event.missing(now);
                } else if (head.matches("[0-9]+")) {
                    event.counted(Long.parseLong(head), 0, now);
                } else {
                    throw wrong(event, head);
                }
            });
        });
    }

    private void delete(String key) {
        ask(door -> {
            Event event = remove(key);
            return exchange(door, event, "delete " + key + "\r\n", (head, from) -> {
                long now = System.nanoTime();
                switch (head) {
                    case "DELETED" -> event.done(0, now);
                    case "NOT_FOUND" -> event.missing(now);
                    default -> throw wrong(event, head);
                }
            });
        });
    }
}
