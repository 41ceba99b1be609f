package io.ringgrid.node.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.node.conformance.Peer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients that break no rule of the memcached and Redis protocols and are a burden all the same. Each gets what it asked
 * for, or waits; ordinary clients are served meanwhile, in bounded time and by a member of bounded size.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class HostileClientsProcessTest extends ServedMemberTest {
    private static final int ERRORS = 10_000;
    private static final int IDLE = 2000;
    private static final int SLOW = 200;
    private static final int SLOW_BYTE_MILLIS = 50;
    private static final int NEVER_READING = 6;
    private static final int LARGE_BYTES = 1 << 20;
    private static final int LARGE_KEYS = 12;
    private static final int LARGE_ASKED = 1500;
    /** The values themselves, copies included, and few answers of each of them. */
    private static final long MAX_WAITING_BYTES = 96L << 20;

    private static final int SERVED_ROUNDS = 100;

    /** Nine of ten rounds take less on a machine that is busy with other things too. */
    private static final long ROUND_MILLIS = 250;

    private static final long IDLE_BYTES = 16 << 10;

    private record Words(int port, String wrong, String error, String question, String answer) {}

    private List<Words> doors() {
        return List.of(
                new Words(member.memcachedPort, "wrong\r\n", "ERROR\r\n", "version\r\n", "VERSION "),
                new Words(
                        member.respPort,
                        "WRONG\r\n",
                        "-ERR unknown command 'WRONG', with args beginning with: \r\n",
                        "PING\r\n",
                        "+PONG\r\n"));
    }

    @Test
    void eachOfManyErrorsIsSaidInOrder() throws IOException {
        for (Words door : doors()) {
            StringBuilder sent = new StringBuilder();
            StringBuilder expected = new StringBuilder();
            boolean memcached = door.port == member.memcachedPort;
            for (int i = 0; i < ERRORS; i++) {
                sent.append(door.wrong);
                expected.append(door.error);
                if (i % 100 == 0) {
                    // What is right among them tells whether the order is kept.
                    String key = "ordered-" + i;
                    sent.append(memcached ? "incr " + key + " 1\r\n" : "ECHO " + key + "\r\n");
                    expected.append(memcached ? "NOT_FOUND\r\n" : "$" + key.length() + "\r\n" + key + "\r\n");
                }
            }
            try (Socket socket = new Peer(door.port).connect()) {
                byte[] all = sent.toString().getBytes(US_ASCII);
                Thread sender = new Thread(() -> write(socket, all), "errors");
                sender.start();
                byte[] heard = socket.getInputStream().readNBytes(expected.length());
                assertEquals(expected.toString(), new String(heard, US_ASCII));
                ask(socket, door);
            }
        }
        assertServed(SERVED_ROUNDS, ROUND_MILLIS);
        assertUnhurt();
    }

    private static void write(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException closed) {
            // The reader misses the answers then.
            return;
        }
    }

    private static void ask(Socket socket, Words door) throws IOException {
        socket.getOutputStream().write(door.question.getBytes(US_ASCII));
        byte[] heard = socket.getInputStream().readNBytes(door.answer.length());
        assertEquals(door.answer, new String(heard, US_ASCII));
    }

    /** Of large values, most of them other members': these must not be fetched before there is room for them. */
    @Test
    void whoNeverReadsWaits() throws IOException {
        byte[] value = new byte[LARGE_BYTES];
        List<Socket> sockets = new ArrayList<>();
        try (Socket writer = new Peer(member.memcachedPort).connect()) {
            for (int key = 0; key < LARGE_KEYS; key++) {
                ByteArrayOutputStream set = new ByteArrayOutputStream();
                set.writeBytes(("set large-" + key + " 0 0 " + LARGE_BYTES + "\r\n").getBytes(US_ASCII));
                set.writeBytes(value);
                set.writeBytes("\r\n".getBytes(US_ASCII));
                writer.getOutputStream().write(set.toByteArray());
                assertEquals("STORED\r\n", new String(writer.getInputStream().readNBytes(8), US_ASCII));
            }
        }
        for (int i = 0; i < NEVER_READING; i++) {
            for (Words door : doors()) {
                Socket socket = new Peer(door.port).connect();
                String get = "get large-" + (i * LARGE_KEYS / NEVER_READING) + "\r\n";
                socket.getOutputStream().write(get.repeat(LARGE_ASKED).getBytes(US_ASCII));
                sockets.add(socket);
            }
        }
        assertServed(SERVED_ROUNDS, ROUND_MILLIS);
        others.assertAlwaysServed();
        long grown = member.liveBytes() - liveBytes;
        assertTrue(grown <= MAX_WAITING_BYTES, () -> "what nobody reads takes " + grown + " bytes");
        for (Socket socket : sockets) {
            socket.close();
        }
        try (Socket writer = new Peer(member.memcachedPort).connect()) {
            for (int key = 0; key < LARGE_KEYS; key++) {
                writer.getOutputStream().write(("delete large-" + key + "\r\n").getBytes(US_ASCII));
                assertEquals("DELETED\r\n", new String(writer.getInputStream().readNBytes(9), US_ASCII));
            }
        }
        assertUnhurt();
    }

    @Test
    void idleAndSlowConnectionsCostLittle() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < IDLE; i++) {
            Words door = doors().get(i % 2);
            Socket socket = new Peer(door.port).connect();
            sockets.add(socket);
            if (i % 4 < 2) {
                ask(socket, door);
            }
        }
        assertServed(SERVED_ROUNDS, ROUND_MILLIS);
        assertTrue(member.openFiles() >= openFiles + IDLE, "the idle connections are kept");
        long grown = member.liveBytes() - liveBytes;
        assertTrue(grown <= IDLE * IDLE_BYTES, () -> "they take " + grown + " bytes");
        for (Socket socket : sockets) {
            socket.close();
        }
        slowClientsAreAnswered();
        assertServed(SERVED_ROUNDS, ROUND_MILLIS);
        halfClosedSocketsHearTheirAnswers();
        assertUnhurt();
    }

    /** One byte each now and then, on many connections; then the whole answer. */
    private void slowClientsAreAnswered() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        String[] requests = {"set slow 0 0 5\r\nhello\r\n", "*3\r\n$3\r\nSET\r\n$4\r\nslow\r\n$5\r\nhello\r\n"};
        String[] answers = {"STORED\r\n", "+OK\r\n"};
        for (int i = 0; i < SLOW; i++) {
            sockets.add(new Peer(doors().get(i % 2).port).connect());
        }
        int longest = Math.max(requests[0].length(), requests[1].length());
        for (int at = 0; at < longest; at++) {
            long sent = System.nanoTime();
            for (int i = 0; i < SLOW; i++) {
                if (at < requests[i % 2].length()) {
                    sockets.get(i).getOutputStream().write(requests[i % 2].charAt(at));
                }
            }
            others.awaitRounds(1);
            long left = SLOW_BYTE_MILLIS - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sent);
            if (left > 0) {
                hearsNothing(sockets.get(SLOW - 1), (int) left, at < longest - 1);
            }
        }
        for (int i = 0; i < SLOW; i++) {
            byte[] heard = sockets.get(i).getInputStream().readNBytes(answers[i % 2].length());
            assertEquals(answers[i % 2], new String(heard, US_ASCII));
            sockets.get(i).close();
        }
    }

    /** Waits that long for an answer that may not come yet. */
    private static void hearsNothing(Socket socket, int millis, boolean unfinished) throws IOException {
        if (unfinished) {
            int usual = socket.getSoTimeout();
            socket.setSoTimeout(millis);
            try {
                assertEquals(-2, socket.getInputStream().read(), "an answer to half a request, or closed");
            } catch (SocketTimeoutException nothing) {
                socket.setSoTimeout(usual);
            }
        }
    }

    private void halfClosedSocketsHearTheirAnswers() throws IOException {
        String value = "v".repeat(LARGE_BYTES);
        String memcached = "set half 0 0 " + LARGE_BYTES + "\r\n" + value + "\r\n" + "get half\r\n".repeat(10);
        String fromMemcached =
                "STORED\r\n" + ("VALUE half 0 " + LARGE_BYTES + "\r\n" + value + "\r\nEND\r\n").repeat(10);
        byte[] heard = new Peer(member.memcachedPort).exchange(memcached.getBytes(US_ASCII));
        assertArrayEquals(fromMemcached.getBytes(US_ASCII), heard);
        String resp = "GET half\r\n".repeat(10) + "DEL half\r\n";
        String fromResp = ("$" + LARGE_BYTES + "\r\n" + value + "\r\n").repeat(10) + ":1\r\n";
        assertArrayEquals(fromResp.getBytes(US_ASCII), new Peer(member.respPort).exchange(resp.getBytes(US_ASCII)));
    }
}
