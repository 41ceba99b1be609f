package io.ringgrid.node.conformance;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A server on loopback, seen as a black box. Immutable. */
public record Peer(int port) {
    private static final int TIMEOUT_MILLIS = 20_000;

    /** Sends the bytes at once, says that nothing more will come, and hears everything until the server closes. */
    public byte[] exchange(byte[] sent) throws IOException {
        return exchange(sent, null, sent.length);
    }

    /**
     * The same with the bytes cut into pieces.
     *
     * @param random draws each piece's length up to {@code maxPiece}; without it every piece has that length
     */
    public byte[] exchange(byte[] sent, @Nullable Random random, int maxPiece) throws IOException {
        try (Socket socket = connect()) {
            Thread sender = new Thread(() -> send(socket, sent, random, maxPiece), "sender");
            sender.start();
            byte[] heard = readAll(socket.getInputStream());
            sender.interrupt();
            return heard;
        }
    }

    /** Sends the bytes and hears everything until the server closes by itself; fails if it does not. */
    public byte[] exchangeUntilClosed(byte[] sent) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(sent);
            return readAll(socket.getInputStream());
        }
    }

    /** A connection with a generous timeout. */
    public Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static byte[] readAll(InputStream in) throws IOException {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        byte[] buffer = new byte[64 << 10];
        try {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                heard.write(buffer, 0, read);
            }
        } catch (SocketException reset) {
            // The server closed with our bytes unread; what was heard before counts.
            return heard.toByteArray();
        }
        return heard.toByteArray();
    }

    private static void send(Socket socket, byte[] sent, @Nullable Random random, int maxPiece) {
        try {
            OutputStream out = socket.getOutputStream();
            for (int at = 0; at < sent.length; ) {
                int piece = Math.min(sent.length - at, random == null ? maxPiece : 1 + random.nextInt(maxPiece));
                out.write(sent, at, piece);
                at += piece;
                if (at < sent.length && maxPiece < 64) {
                    Thread.onSpinWait();
                }
            }
            socket.shutdownOutput();
        } catch (IOException closed) {
            // The server may close before it has read everything; what it said is compared by the reader.
            return;
        }
    }
}
