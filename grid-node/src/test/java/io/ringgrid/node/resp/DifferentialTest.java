package io.ringgrid.node.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.ringgrid.node.conformance.Original;
import io.ringgrid.node.engine.LocalEngine;
import io.ringgrid.node.transport.Limits;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Random commands to redis-server and to our door, in RESP2 and RESP3: the replies are the same, byte by byte. Where we
 * differ on purpose (docs/COMPATIBILITY.md) the generator asks nothing, or the difference is taken out of both replies.
 *
 * <p>{@code main(seed, commands)} plays as many as one likes.
 */
class DifferentialTest {
    private static final int COMMANDS = 100_000;
    private static final int REMEMBERED = 40;
    private static final String[] KEYS = {"{k}a", "{k}b", "{k}c", "{k}d", "{k}e"};
    private static final String[] VALUES = {
        "",
        "0",
        "1",
        "-7",
        "42",
        "9223372036854775807",
        "-9223372036854775808",
        "3.5",
        "-0.1",
        "1e3",
        "x",
        "hello world",
        "01",
        " 1",
        "a\r\nb",
        "0123456789012345678901234567890123456789012345",
        "inf",
        "nan",
        "0x1p4"
    };
    private static final String[] NUMBERS = {
        "0",
        "1",
        "-1",
        "2",
        "5",
        "10",
        "-3",
        "100",
        "x",
        "",
        "1.5",
        "9223372036854775807",
        "-9223372036854775808",
        "99999999999999999999",
        "+1",
        " 1"
    };
    private static final String[] SECONDS = {"100", "1000", "5000", "99999999999", "0", "-1", "x", "9223372036854775807"
    };
    private static final String[] MOMENTS = {
        "99999999999", "99999999990", "99999999995", "1", "x", "9223372036854775807"
    };
    /** For SET: Redis still counts a key that was set with an expiry in the past. */
    private static final String[] LATER = {"99999999999", "99999999990", "0", "-1", "x"};

    private static final String[] PATTERNS = {"*", "{k}*", "?k?a", "*[a-c]", "*[^a]", "{k\\}b", "[", "*a*b*", "", "\\"};

    /** Their replies differ in ways that EXEC's reply hides. */
    private static final Set<String> ORDERED_BY_CHANCE = Set.of("KEYS", "SCAN", "RANDOMKEY", "HELLO");

    private Random random = new Random(20260102);
    private boolean inTransaction;
    private final ArrayDeque<String[]> next = new ArrayDeque<>();

    /** Plays commands of a seed: {@code DifferentialTest [seed [commands]]}. */
    public static void main(String[] arguments) throws Exception {
        long seed = arguments.length > 0 ? Long.parseLong(arguments[0]) : System.nanoTime();
        int commands = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100_000;
        System.out.println("seed " + seed);
        DifferentialTest test = new DifferentialTest();
        test.random = new Random(seed);
        test.play(commands);
        System.out.println(commands + " commands, no difference");
    }

    @Test
    void saysWhatRedisSays() throws Exception {
        play(COMMANDS);
    }

    private void play(int commands) throws Exception {
        Original original = Original.redis();
        if (original == null) {
            return;
        }
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (original;
                LocalEngine engine = new LocalEngine();
                RespDoor door = RespDoor.open(
                        loops,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        engine,
                        Limits.DEFAULT,
                        null);
                Socket theirs = original.peer().connect();
                Socket ours = new Socket(InetAddress.getLoopbackAddress(), door.port())) {
            theirs.setTcpNoDelay(true);
            ours.setTcpNoDelay(true);
            InputStream fromThem = new BufferedInputStream(theirs.getInputStream());
            InputStream fromUs = new BufferedInputStream(ours.getInputStream());
            ArrayDeque<String> history = new ArrayDeque<>();
            for (int i = 0; i < commands; i++) {
                String[] command = command();
                byte[] request = RespConformanceTest.request(command).getBytes(ISO_8859_1);
                theirs.getOutputStream().write(request);
                ours.getOutputStream().write(request);
                String expected = plain(command, read(fromThem));
                String heard = plain(command, read(fromUs));
                history.add(Arrays.toString(command));
                if (history.size() > REMEMBERED) {
                    history.remove();
                }
                assertEquals(expected, heard, () -> "the last of these:\n" + String.join("\n", history));
            }
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    /** Takes out what differs on purpose: identities, and the order of keys. */
    private static String plain(String[] command, String reply) {
        return switch (command[0]) {
            case "HELLO" -> reply.replaceAll("id\r\n:\\d+", "id");
            case "KEYS", "SCAN" -> new TreeSet<>(Arrays.asList(reply.split("\r\n", -1))).toString();
            case "RANDOMKEY" -> reply.substring(0, 1);
            default -> reply;
        };
    }

    private static String read(InputStream in) throws IOException {
        ByteArrayOutputStream reply = new ByteArrayOutputStream();
        read(in, reply);
        return reply.toString(ISO_8859_1);
    }

    private static void read(InputStream in, ByteArrayOutputStream reply) throws IOException {
        int start = reply.size();
        int b;
        do {
            b = in.read();
            if (b < 0) {
                throw new EOFException("after " + reply);
            }
            reply.write(b);
        } while (b != '\n');
        String line = reply.toString(ISO_8859_1).substring(start).strip();
        switch (line.charAt(0)) {
            case '$', '=' -> {
                int length = Integer.parseInt(line.substring(1));
                if (length >= 0) {
                    reply.writeBytes(in.readNBytes(length + 2));
                }
            }
            case '*', '~', '%' -> {
                int count = Integer.parseInt(line.substring(1)) * (line.charAt(0) == '%' ? 2 : 1);
                for (int i = 0; i < count; i++) {
                    read(in, reply);
                }
            }
            default -> {}
        }
    }

    private String one(String... of) {
        return of[random.nextInt(of.length)];
    }

    private String key() {
        return one(KEYS);
    }

    private String[] command() {
        String[] prepared = next.poll();
        if (prepared != null) {
            return prepared;
        }
        String[] command = wellFormed();
        while (inTransaction && ORDERED_BY_CHANCE.contains(command[0])) {
            command = wellFormed();
        }
        if (random.nextInt(40) == 0) {
            return damaged(command);
        }
        inTransaction = command[0].equals("MULTI")
                || (inTransaction && !command[0].equals("EXEC") && !command[0].equals("DISCARD"));
        return command;
    }

    /** An argument too many or too few. */
    private String[] damaged(String[] command) {
        boolean shorter = command.length > 1 && random.nextBoolean();
        boolean open = command[0].equals("HELLO") || command[0].equals("OBJECT");
        if (open) {
            return command;
        }
        String[] damaged = Arrays.copyOf(command, command.length + (shorter ? -1 : 1));
        if (!shorter) {
            damaged[damaged.length - 1] = one("x", "1", "nx");
        }
        return damaged;
    }

    private String[] wellFormed() {
        return switch (random.nextInt(12)) {
            case 0, 1 -> reading();
            case 2, 3, 4 -> writing();
            case 5 -> counting();
            case 6, 7 -> expiring();
            case 8 -> severalKeys();
            case 9 -> transaction();
            case 10 -> expiringStrings();
            default -> other();
        };
    }

    private String[] words(String... words) {
        return words;
    }

    private String[] reading() {
        return switch (random.nextInt(7)) {
            case 0, 1 -> words("GET", key());
            case 2 -> words("STRLEN", key());
            case 3 -> words("GETRANGE", key(), one(NUMBERS), one(NUMBERS));
            case 4 -> words("TYPE", key());
            case 5 -> words("EXISTS", key(), key());
            default -> words("MGET", key(), key(), "{k}none");
        };
    }

    private String[] writing() {
        return switch (random.nextInt(9)) {
            case 0, 1 -> words("SET", key(), one(VALUES));
            case 2 -> words("SET", key(), one(VALUES), one("NX", "XX", "GET", "KEEPTTL", "nope"));
            case 3 -> words("APPEND", key(), one(VALUES));
            case 4 -> words("SETRANGE", key(), one("0", "1", "3", "10", "-1", "x", "536870912"), one(VALUES));
            case 5 -> words("GETSET", key(), one(VALUES));
            case 6 -> words("GETDEL", key());
            case 7 -> words("SETNX", key(), one(VALUES));
            default -> words("MSET", key(), one(VALUES), key(), one(VALUES));
        };
    }

    private String[] counting() {
        return switch (random.nextInt(5)) {
            case 0 -> words("INCR", key());
            case 1 -> words("DECR", key());
            case 2 -> words(one("INCRBY", "DECRBY"), key(), one(NUMBERS));
            default ->
                words("INCRBYFLOAT", key(), one(one(VALUES), one(NUMBERS), (random.nextInt(2000) - 1000) / 64.0 + ""));
        };
    }

    private String[] expiring() {
        return switch (random.nextInt(8)) {
            case 0 -> words(one("EXPIRE", "PEXPIRE"), key(), one("0", "-1", "x", "9223372036854775807"));
            case 1, 2 -> words("EXPIREAT", key(), one(MOMENTS));
            case 3, 4 -> words("EXPIREAT", key(), one(MOMENTS), one("NX", "XX", "GT", "LT", "foo"));
            case 5 -> words("EXPIREAT", key(), one(MOMENTS), one("NX", "XX", "GT", "LT"), one("NX", "XX", "GT", "LT"));
            case 6 -> words("PERSIST", key());
            default -> words(one("EXPIRETIME", "PEXPIRETIME"), key());
        };
    }

    private String[] expiringStrings() {
        return switch (random.nextInt(7)) {
            case 0 -> fromNowOn("SETEX", one(SECONDS));
            case 1 -> words("SET", key(), one(VALUES), "PXAT", one(LATER) + "000");
            case 2 -> words("GETEX", key(), "EXAT", one(MOMENTS));
            case 3 -> words("GETEX", key(), one("PERSIST", "NX", "KEEPTTL"));
            case 4 -> words("GETEX", key());
            case 5 -> fromNowOn("PSETEX", one("0", "-1", "x", "1000000"));
            default -> words("SET", key(), one(VALUES), "EXAT", one(LATER), one("NX", "XX", "GET", "KEEPTTL"));
        };
    }

    /** Two clocks are never read at the same moment: what they give is taken away at once. */
    private String[] fromNowOn(String command, String time) {
        String key = key();
        next.add(words("PERSIST", key));
        return words(command, key, time, one(VALUES));
    }

    private String[] severalKeys() {
        return switch (random.nextInt(9)) {
            case 0 -> words("DEL", key(), key());
            case 1 -> words("UNLINK", key());
            case 2 -> words("TOUCH", key(), key());
            case 3 -> words("MSETNX", key(), one(VALUES), key(), one(VALUES));
            case 4 -> words("RENAME", key(), key());
            case 5 -> words("RENAMENX", key(), key());
            case 6 -> words("COPY", key(), key());
            case 7 -> words("COPY", key(), key(), "REPLACE");
            default -> words("COPY", key(), key(), "DB", one("0", "1", "2", "16", "x"), one("REPLACE", "foo"));
        };
    }

    private String[] transaction() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> words("MULTI");
            case 2, 3, 4 -> words("EXEC");
            case 5 -> words("DISCARD");
            case 6 -> watch(key());
            default -> words("UNWATCH");
        };
    }

    /** A key that is there: of an absent one we do not see that it came and went. */
    private String[] watch(String key) {
        if (!inTransaction) {
            next.add(words("WATCH", key));
        }
        return words("SET", key, one(VALUES));
    }

    private String[] other() {
        return switch (random.nextInt(16)) {
            case 0 -> words("KEYS", one(PATTERNS));
            case 1 -> words("SCAN", "0", "MATCH", one(PATTERNS), "COUNT", "1000");
            case 2 -> words("SCAN", one("0", "x", ""), "TYPE", one("string", "hash"), "COUNT", one("1000", "0", "x"));
            case 3 -> words("DBSIZE");
            case 4 -> words("RANDOMKEY");
            case 5 -> words("SELECT", one("0", "0", "1", "2", "16", "x"));
            case 6 -> words("HELLO", one("2", "3", "3", "4"));
            case 7 -> random.nextInt(4) == 0 ? words("FLUSHALL") : words("FLUSHDB", one("SYNC", "ASYNC", "foo"));
            case 8 -> words("OBJECT", one("REFCOUNT", "FREQ", "foo"), "{k}none");
            case 9 -> words("ECHO", one(VALUES));
            case 10 -> words("PING");
            case 11 -> words("CLIENT", one("GETNAME", "foo"));
            case 12 -> words("CLIENT", "SETNAME", one("me", "not me", ""));
            case 13 -> words("COMMAND", "GETKEYS", "MSET", key(), "1", key(), "2");
            case 14 -> words("CONFIG", "GET", one("databases", "nosuch"));
            default -> words(one("nonsense", "ROLE"));
        };
    }
}
