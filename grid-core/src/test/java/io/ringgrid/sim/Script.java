package io.ringgrid.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.ring.Slots;
import io.ringgrid.topology.Census;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A scenario as text: a cluster of four partitions with one backup, in simulated time, to which nothing happens but what
 * the lines say, one after another. What follows a {@code #} is a remark; the first line says what is shown, and why.
 *
 * <pre>
 *   seeds 5                        the scenario holds in each of the seeds 1 to 5
 *   start n1 n2 witness            at the same moment; a member called witness is one
 *   let old = primary:k            a name for whoever it is now: leader, primary:KEY, backup:KEY
 *   kill WHO, leave WHO, pause WHO 3s, run 500ms
 *   cut A B, cut A -> B, heal      nothing passes between them, or from A to B
 *   lose A B, meet A B             their connection ends and another one is refused, and stands again
 *   put k v at WHO -> DONE         asks a member and waits for the answer: put, get, remove, count
 *   begin w count k at WHO         the same without waiting; later: end w -> 1
 *   expect whole within 2s         leader WHO, members N, voters N, copies N, clusters N, leases N, whole, gone WHO,
 *                                  said REPORT, unsaid REPORT
 * </pre>
 *
 * An answer is the value of a get, the number of a count, and otherwise how it ended; {@code A|B} is either. When the last line is done the
 * cluster goes on until it has been up for twenty seconds, and must then answer reads and have all copies, alike.
 */
final class Script {
    private static final long DIALED_AGAIN = 5 * Simulation.MILLI;
    private static final long FOR_GOOD = Long.MAX_VALUE / 2;
    private static final int LAST_NOTES = 20;

    private final List<String> lines;
    private final Scene scene;
    private final Simulation run;
    private final Map<String, SimMember> cast = new HashMap<>();
    private final Map<String, Result> answers = new HashMap<>();
    private int next;

    private Script(List<String> lines, long seed) {
        this.lines = lines;
        this.run = new Simulation(seed, Canary.NONE, Faults.quiet(0, 0, 0)).keepLog();
        this.scene = new Scene(run);
    }

    /** What is wrong with it; empty if nothing. */
    static String play(List<String> text) {
        List<String> lines = new ArrayList<>();
        text.forEach(line -> lines.add(line.replaceFirst("#.*", "").strip()));
        int head = 0;
        while (lines.get(head).isEmpty()) {
            head++;
        }
        String seeds = lines.set(head, "");
        if (!seeds.startsWith("seeds ")) {
            return "it must begin with how many seeds it has";
        }
        for (long seed = 1; seed <= Long.parseLong(seeds.substring("seeds ".length())); seed++) {
            String wrong = new Script(lines, seed).play();
            if (!wrong.isEmpty()) {
                return "seed " + seed + ": " + wrong;
            }
        }
        return "";
    }

    private String play() {
        run.at(0, this::go);
        String wrong = scene.verdict();
        if (wrong.isEmpty() && next < lines.size()) {
            wrong = "line " + next + " is still waited for at the end";
        }
        List<String> log = run.log();
        List<String> last = log.subList(Math.max(0, log.size() - LAST_NOTES), log.size());
        return wrong.isEmpty() ? "" : wrong + "\n" + String.join("\n", last);
    }

    /** Does lines until one has to be waited for. */
    private void go() {
        boolean waits = false;
        while (!waits && next < lines.size()) {
            List<String> words = List.of(lines.get(next++).split(" +", -1));
            waits = watched(() -> waits(words.get(0), words.subList(1, words.size())));
        }
    }

    /** Whatever goes wrong goes wrong in the present line. */
    private <T> T watched(Supplier<T> part) {
        try {
            return part.get();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("line " + next + " (" + lines.get(next - 1) + ") at "
                    + run.now() / Simulation.MILLI + " ms: " + e.getMessage());
        }
    }

    /** Does one line; whether the next one has to wait until {@link #go} is called. */
    private boolean waits(String verb, List<String> words) {
        switch (verb) {
            case "" -> {}
            case "start" -> words.forEach(this::start);
            case "let" -> cast.put(words.get(0), who(words.get(2)));
            case "kill" -> run.kill(who(words.get(0)));
            case "leave" -> run.later(0, who(words.get(0)), who(words.get(0))::leave);
            case "pause" -> run.pause(who(words.get(0)), nanos(words.get(1)));
            case "cut" -> cut(who(words.get(0)), who(words.get(words.size() - 1)), words.size() == 2);
            case "heal" -> run.heal();
            case "lose", "meet" -> connect(verb.equals("meet"), who(words.get(0)), who(words.get(1)));
            case "begin" -> ask(words.get(1), words.subList(2, words.size()), words.get(0), () -> {});
            case "run" -> run.at(run.now() + nanos(words.get(0)), this::go);
            case "end" ->
                wait(FOR_GOOD, () -> answers.containsKey(words.get(0)) ? "" : "no answer", () -> {
                    hear(words.get(0), words.get(2));
                });
            case "expect" -> {
                int within = words.indexOf("within");
                List<String> what = words.subList(0, within < 0 ? words.size() : within);
                wait(within < 0 ? 0 : nanos(words.get(within + 1)), () -> lack(what), () -> {});
            }
            default -> {
                int arrow = words.indexOf("->");
                ask(verb, words.subList(0, arrow), "", () -> {
                    hear("", words.get(arrow + 1));
                    go();
                });
            }
        }
        return !List.of("", "start", "let", "kill", "leave", "pause", "cut", "heal", "lose", "meet", "begin")
                .contains(verb);
    }

    private static long nanos(String time) {
        return Long.parseLong(time.replaceFirst("m?s", ""))
                * (time.endsWith("ms") ? Simulation.MILLI : Simulation.SECOND);
    }

    // ---- members ----

    private void start(String name) {
        run.start(name);
        cast.put(name, scene.one(member -> member.name.equals(name)));
    }

    private SimMember who(String name) {
        SimMember known = cast.get(name);
        String key = name.substring(name.indexOf(':') + 1);
        if (known != null) {
            return known;
        }
        return switch (name.replaceFirst(":.*", "")) {
            case "leader" -> scene.leader();
            case "primary" -> scene.primary(partition(key));
            case "backup" -> scene.backup(partition(key));
            default -> throw new IllegalArgumentException("who is " + name + "?");
        };
    }

    private int partition(String key) {
        return Slots.partitionOf(
                key.getBytes(UTF_8),
                0,
                key.length(),
                scene.newest().partitions().size());
    }

    private void cut(SimMember from, SimMember to, boolean both) {
        run.cut(from, to, FOR_GOOD);
        if (both) {
            run.cut(to, from, FOR_GOOD);
        }
    }

    private void connect(boolean stands, SimMember one, SimMember other) {
        run.letStrangersBe();
        if (stands) {
            one.connected(other.id());
            other.connected(one.id());
        } else {
            lose(one, other);
            lose(other, one);
        }
    }

    /** Its connection ends, and when it is dialed again nobody is there. */
    private void lose(SimMember member, SimMember other) {
        member.disconnected(other.id());
        run.at(run.now() + DIALED_AGAIN, () -> member.refused(other.id()));
    }

    // ---- requests ----

    /** {@code KEY [VALUE] [at WHO]}. */
    private void ask(String verb, List<String> words, String label, Runnable then) {
        Kind kind = verb.equals("count") ? Kind.INCREMENT : Kind.valueOf(verb.toUpperCase(Locale.ROOT));
        byte[] key = words.get(0).getBytes(UTF_8);
        Operation op = new Operation().reset(kind).key(key, 0, key.length);
        op.delta = kind == Kind.INCREMENT ? 1 : 0;
        if (kind == Kind.PUT) {
            byte[] value = words.get(1).getBytes(UTF_8);
            op.value(value, 0, value.length);
        }
        int at = words.indexOf("at");
        SimMember member = at < 0 ? run.alive().get(0) : who(words.get(at + 1));
        answers.remove(label);
        run.later(
                0,
                member,
                () -> member.submit(op, result -> {
                    answers.put(label, result);
                    then.run();
                }));
    }

    private void hear(String label, String expected) {
        Result result = Objects.requireNonNull(answers.get(label));
        List<String> either = List.of(expected.split("\\|", -1));
        String heard =
                switch (result.status()) {
                    case FOUND -> new String(result.value(), UTF_8);
                    case DONE -> either.contains("DONE") ? "DONE" : String.valueOf(result.number());
                    default -> result.status().toString();
                };
        watched(() -> {
            if (!either.contains(heard)) {
                throw new AssertionError(heard + " " + result.reason());
            }
            return heard;
        });
    }

    // ---- what is expected ----

    /** Looks each millisecond until nothing is lacking, for so long. */
    private void wait(long time, Supplier<String> lack, Runnable then) {
        long until = run.now() + time;
        Runnable look = new Runnable() {
            @Override
            public void run() {
                String lacking = lack.get();
                if (lacking.isEmpty()) {
                    then.run();
                    go();
                } else if (run.now() >= until) {
                    watched(() -> {
                        throw new AssertionError(lacking);
                    });
                } else {
                    run.at(run.now() + Simulation.MILLI, this);
                }
            }
        };
        run.at(run.now(), look);
    }

    /** What is otherwise than expected; empty if nothing. */
    private String lack(List<String> what) {
        if (run.newest() == null) {
            return "no cluster yet";
        }
        String wanted = what.size() > 1 ? what.get(1) : "true";
        String found =
                switch (what.get(0)) {
                    case "leader" -> scene.leaders();
                    case "members" -> String.valueOf(scene.newest().members().size());
                    case "voters" -> String.valueOf(scene.newest().voters().size());
                    case "whole" -> String.valueOf(Census.isSafe(scene.newest()));
                    case "copies" -> scene.copies();
                    case "clusters" -> String.valueOf(scene.clusters());
                    case "leases" ->
                        String.valueOf(
                                run.alive().stream().filter(SimMember::isLeased).count());
                    case "gone" -> who(wanted).alive ? "there" : wanted;
                    case "said" -> scene.said(wanted) ? wanted : "not said";
                    case "unsaid" -> scene.said(wanted) ? "said" : wanted;
                    default -> throw new IllegalArgumentException("nobody can expect " + what.get(0));
                };
        return found.equals(wanted) ? "" : found;
    }
}
