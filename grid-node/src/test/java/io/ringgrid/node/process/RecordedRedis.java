package io.ringgrid.node.process;

import io.ringgrid.node.process.Recording.Outcome;
import io.ringgrid.sim.History.Condition;
import io.ringgrid.sim.History.Event;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Speaks Redis' protocol, in inline commands, to the door that asks other members for what it has not itself. Thread-safe, as
 * its superclass says.
 */
final class RecordedRedis extends RecordedLines {
    private static final String NIL = "$-1";

    RecordedRedis(String who, Recording recording, SplittableRandom random, List<MemberProcess> members) {
        super(who, recording, random, members);
    }

    @Override
    LineConnection connect(MemberProcess member, int timeoutMillis) throws IOException {
        return member.resp(timeoutMillis);
    }

    @Override
    Outcome outcome(String head) {
        if (head.startsWith("-CLUSTERDOWN ")) {
            return Outcome.REFUSED;
        }
        return head.startsWith("-OUTCOMEUNKNOWN ") ? Outcome.UNKNOWN : Outcome.ANSWERED;
    }

    @Override
    void askText(String key) {
        int dice = random.nextInt(20);
        if (dice < 7) {
            read(key);
        } else if (dice < 10) {
            set(key, Condition.ALWAYS, "");
        } else if (dice < 12) {
            set(key, Condition.IF_ABSENT, " NX");
        } else if (dice < 14) {
            set(key, Condition.IF_PRESENT, " XX");
        } else if (dice < 16) {
            append(key);
        } else if (dice < 18) {
            getdel(key);
        } else {
            del(key);
        }
    }

    @Override
    void askCounter(String key) {
        int dice = random.nextInt(10);
        if (dice < 6) {
            incrby(key);
        } else if (dice < 9) {
            read(key);
        } else {
            getdel(key);
        }
    }

    @Override
    Outcome read(String key) {
        return ask(door -> {
            Event event = get(key);
            return exchange(door, event, "GET " + key + "\r\n", (head, from) -> {
                if (head.equals(NIL)) {
                    event.missing(System.nanoTime());
                } else {
                    event.found(bulk(event, head, from), 0, System.nanoTime());
                }
            });
        });
    }

    private static String bulk(Event event, String head, LineConnection from) throws IOException {
        String value = from.line();
        if (!head.equals("$" + value.length())) {
            throw wrong(event, head + "' '" + value);
        }
        return value;
    }

    private void set(String key, Condition condition, String option) {
        ask(door -> {
            String value = recording.freshValue();
            Event event = put(key, value, condition, 0);
            return exchange(door, event, "SET " + key + " " + value + option + "\r\n", (head, from) -> {
                long now = System.nanoTime();
                if (head.equals("+OK")) {
                    event.done(0, now);
                } else if (head.equals(NIL) && condition == Condition.IF_ABSENT) {
                    event.exists(now);
                } else if (head.equals(NIL) && condition == Condition.IF_PRESENT) {
                    event.missing(now);
                } else {
                    throw wrong(event, head);
                }
            });
        });
    }

    private void append(String key) {
        ask(door -> {
            String piece = "+" + recording.freshValue();
            Event event = append(key, piece, Condition.ALWAYS);
            return exchange(
                    door,
                    event,
                    "APPEND " + key + " " + piece + "\r\n",
                    (head, from) -> event.extended(number(event, head), 0, System.nanoTime()));
        });
    }

    private void incrby(String key) {
        ask(door -> {
            long delta = 1L + random.nextInt(3);
            Event event = increment(key, delta, Condition.ALWAYS);
            return exchange(
                    door,
                    event,
                    "INCRBY " + key + " " + delta + "\r\n",
                    (head, from) -> event.counted(number(event, head), 0, System.nanoTime()));
        });
    }

    private static long number(Event event, String head) {
        if (!head.matches(":[0-9]+")) {
            throw wrong(event, head);
        }
        return Long.parseLong(head.substring(1));
    }

    private void getdel(String key) {
        ask(door -> {
            Event event = remove(key);
            return exchange(door, event, "GETDEL " + key + "\r\n", (head, from) -> {
                if (head.equals(NIL)) {
                    event.missing(System.nanoTime());
                } else {
                    event.took(bulk(event, head, from), System.nanoTime());
                }
            });
        });
    }

    private void del(String key) {
        ask(door -> {
            Event event = remove(key);
            return exchange(door, event, "DEL " + key + "\r\n", (head, from) -> {
                long now = System.nanoTime();
                switch (head) {
                    case ":1" -> event.done(0, now);
                    case ":0" -> event.missing(now);
                    default -> throw wrong(event, head);
                }
            });
        });
    }
}
