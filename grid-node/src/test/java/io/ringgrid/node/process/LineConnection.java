package io.ringgrid.node.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A bare connection to a memcached or Redis door, without any retry of its own. Not thread-safe. */
final class LineConnection implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    /** Connects to a loopback port; an answer must begin, and each piece of it follow, within the timeout. */
    LineConnection(int port, int timeoutMillis) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(timeoutMillis);
        socket.setTcpNoDelay(true);
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    }

    /** Sends commands, each on a line of its own. */
    void send(String commands) throws IOException {
        socket.getOutputStream().write(commands.getBytes(UTF_8));
    }

    /** One line of reply; what the connection's timeout allows between two pieces of it. */
    String line() throws IOException {
        String line = in.readLine();
        if (line == null) {
            throw new EOFException("the member has closed the connection");
        }
        return line;
    }

    /** As {@link #line}, but not after this moment of {@link System#nanoTime}. */
    String line(long deadline) throws IOException {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
            throw new SocketTimeoutException("too late");
        }
        socket.setSoTimeout((int) left);
        return line();
    }

    /** Redis' reply to a GET: the value, or null if it was an error. A missing value is the empty string. */
    @Nullable
    String value() throws IOException {
        String head = line();
        if (head.startsWith("-")) {
            return null;
        }
        return head.equals("$-1") ? "" : line();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
