package io.ringgrid.node.memcached;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.ringgrid.node.conformance.Original;
import io.ringgrid.node.conformance.Peer;
import io.ringgrid.node.conformance.Transcript;
import io.ringgrid.node.engine.LocalEngine;
import io.ringgrid.node.transport.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Random commands, right and wrong ones, to memcached and to our door: they must say the same. What is known to differ
 * (docs/COMPATIBILITY.md) is not generated, or hidden before the comparison: each place here says which it is.
 *
 * <p>{@code main} runs any number of commands: {@code MemcachedDifferentialTest COMMANDS [FIRST_SEED]}.
 */
final class MemcachedDifferentialTest {
    /**
     * Few enough that memcached works on all at once: what it puts off to its next event it may drop when we have said
     * that nothing more will come.
     */
    private static final int BATCH = 4;

    private static final int COMMANDS = 100_000;
    private static final long FIRST_SEED = 20260201;
    private static final Pattern VALUE_LINE = Pattern.compile("VALUE (\\S+) (\\d+) (\\d+) (\\d+)\r\n");
    private static final String[] KEYS = {"a", "b", "c", "dd", "e\u0001e", "k".repeat(250)};
    private static final String[] STORING = {"set", "set", "add", "replace", "append", "prepend", "cas"};
    private static final String[] EXPTIMES = {"0", "0", "0", "100", "2592000", "-1", "2592001", "x", "+700", "1.5", ""};
    private static final String[] NUMBERS = {"0", "1", "2", "+3", "-1", "x", "10", "18446744073709551616", "1x", "0x1"};
    private static final String[] WORDS = {
        "get",
        "gets",
        "gat",
        "gats",
        "set",
        "add",
        "append",
        "cas",
        "incr",
        "decr",
        "delete",
        "touch",
        "flush_all",
        "verbosity",
        "bget",
        "noreply",
        "0",
        "1",
        "-1",
        "a",
        "b",
        "x",
        "GET",
        "nonsense",
        "é",
        "\t",
        "  "
    };

    private final Random random = new Random();
    /** Keys whose CAS unique may differ: memcached's touch leaves it as it is, ours changes it. */
    private final Set<String> touched = new HashSet<>();

    public static void main(String[] arguments) throws IOException {
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : FIRST_SEED;
        compare(Integer.parseInt(arguments[0]), seed);
        System.out.println("no difference in " + arguments[0] + " commands from seed " + seed + " on");
    }

    @Test
    void randomCommandsGetTheSameReplies() throws IOException {
        compare(COMMANDS, FIRST_SEED);
    }

    private static void compare(int commands, long firstSeed) throws IOException {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        InetSocketAddress bind = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Original original = Original.memcached();
                LocalEngine engine = new LocalEngine();
                MemcachedDoor door = MemcachedDoor.open(loops, bind, engine, Limits.DEFAULT, null)) {
            if (original == null) {
                return;
            }
            for (int batch = 0; batch * BATCH < commands; batch++) {
                long seed = firstSeed + batch;
                new MemcachedDifferentialTest().compareBatch(seed, original.peer(), new Peer(door.port()));
            }
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private void compareBatch(long seed, Peer original, Peer ours) throws IOException {
        random.setSeed(seed);
        List<String> commands = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            commands.add(command());
        }
        String theirs = play(original, commands);
        String heard = play(ours, commands);
        if (!theirs.equals(heard)) {
            assertEquals(shown(theirs), shown(heard), "seed " + seed + ":\n" + shown(String.join("", commands)));
        }
    }

    private static String shown(String text) {
        return Transcript.shown(bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Plays a batch with each server's own CAS uniques, which are hidden in what it says. */
    private static String play(Peer peer, List<String> commands) throws IOException {
        Map<String, String> uniques = new HashMap<>();
        String before = text(peer.exchange(bytes("gets " + String.join(" ", KEYS) + "\r\n")));
        Matcher lines = VALUE_LINE.matcher(before);
        while (lines.find()) {
            uniques.put(lines.group(1), lines.group(4));
        }
        StringBuilder sent = new StringBuilder();
        for (String command : commands) {
            String with = command;
            for (String key : KEYS) {
                with = with.replace("{" + key + "}", uniques.getOrDefault(key, "1"));
            }
            sent.append(with);
        }
        // What was declared too long is complete by this: memcached may drop replies when its client ends in the
        // middle.
        sent.append("\r\n\r\n\r\n");
        return VALUE_LINE.matcher(text(peer.exchange(bytes(sent.toString())))).replaceAll("VALUE $1 $2 $3 unique\r\n");
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private String one(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private String key() {
        return one(KEYS);
    }

    private String noReply() {
        return random.nextInt(6) == 0 ? " noreply" : "";
    }

    /** No flush with a delay: in memcached it brings back what a flush before it has taken away. */
    private String command() {
        return switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> store();
            case 4, 5 -> one("get ", "gets ", "bget ") + keys() + "\r\n";
            case 6, 7 -> getAndTouch();
            case 8, 9 -> count();
            case 10 ->
                "delete " + (random.nextInt(8) == 0 ? "k".repeat(251) : key()) + one("", "", " 0", " 1") + noReply()
                        + "\r\n";
            case 11, 12 -> touch();
            case 13 -> random.nextInt(4) > 0 ? "" : "flush_all" + one("", " 0", " -1", " x") + noReply() + "\r\n";
            case 14 -> "verbosity " + one(NUMBERS) + noReply() + "\r\n";
            default -> words();
        };
    }

    /** No key that is too long: memcached then drops replies to what was pipelined before. */
    private String keys() {
        StringBuilder keys = new StringBuilder();
        for (int i = 1 + random.nextInt(random.nextInt(10) == 0 ? 60 : 4); i > 0; i--) {
            keys.append(key()).append(random.nextInt(10) == 0 ? "  " : " ");
        }
        return keys.toString();
    }

    private String store() {
        String verb = one(STORING);
        String key = random.nextInt(20) == 0 ? "k".repeat(251) : key();
        if (verb.equals("cas") && touched.contains(key)) {
            verb = "set";
        }
        String value = value();
        int length = value.length();
        // A number with the line's end behind it is one to memcached, as all white space behind it is.
        int more = Character.isDigit(value.charAt(0)) ? 0 : 1 + random.nextInt(4);
        String declared = random.nextInt(25) == 0
                ? one("-1", "x", "" + (length + more), "" + (1 + random.nextInt(length)))
                : "" + length;
        String unique = verb.equals("cas") ? " " + one("{" + key + "}", "{" + key + "}", "1", "x") : "";
        return verb + " " + key + " " + one("0", "1", "4294967295", "4294967297", "x") + " " + one(EXPTIMES) + " "
                + declared + unique + noReply() + "\r\n" + value + "\r\n";
    }

    /**
     * Never empty: memcached counts on from what lies behind it in memory. No signs and white space, which memcached takes for parts of a number; no leading zero, which it may pad; no m, with
     * which its meta commands begin: the data of a refused line is a line.
     */
    private String value() {
        int length = 1 + random.nextInt(random.nextInt(20) == 0 ? 3000 : 5);
        StringBuilder value = new StringBuilder();
        boolean number = random.nextBoolean();
        for (int i = 0; i < length; i++) {
            value.append(number ? (char) ('1' + random.nextInt(9)) : (char) ('a' + random.nextInt(12)));
        }
        return value.toString();
    }

    /** Followed by a set: memcached pads a number that became shorter with spaces. */
    private String count() {
        String key = key();
        StringBuilder commands = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            commands.append(one("incr ", "decr ") + key + " " + one(NUMBERS) + noReply() + "\r\n");
        }
        return commands + "set " + key + " 0 0 2 noreply\r\n" + (10 + random.nextInt(90)) + "\r\n";
    }

    private String touch() {
        String key = key();
        touched.add(key);
        return "touch " + key + " " + one(EXPTIMES) + noReply() + "\r\n";
    }

    private String getAndTouch() {
        touched.addAll(List.of(KEYS));
        return one("gat ", "gats ") + one(EXPTIMES) + " " + keys() + "\r\n";
    }

    /** Words in any order, but for a flush after a second, which memcached does at once. */
    private String words() {
        touched.addAll(List.of(KEYS));
        StringBuilder line = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            line.append(one(WORDS)).append(' ');
        }
        return line.toString().matches(".*flush_all +1 .*") ? "" : line + "\r\n";
    }
}
