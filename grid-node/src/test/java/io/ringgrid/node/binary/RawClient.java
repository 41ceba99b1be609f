package io.ringgrid.node.binary;

import io.ringgrid.client.net.Outbound;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.ByteWriter;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.FrameReader;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.OperationCodec;
import io.ringgrid.wire.ResultCodec;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A plain socket that speaks frames, rightly or wrongly. Not thread-safe. */
public final class RawClient implements AutoCloseable {
    public record Received(int type, long correlation, byte[] body) {
        /** The answer that it is. */
        public Result result() {
            return ResultCodec.decode(new ByteReader(body));
        }
    }

    private final Socket socket;
    private final FrameReader reader = new FrameReader(Frame.DEFAULT_LIMIT);
    private final Deque<Received> received = new ArrayDeque<>();
    private final byte[] chunk = new byte[8192];

    /** Connects to a native door on loopback; nothing takes longer than 20 s. */
    public RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
    }

    /** A client whose handshake is complete. */
    public static RawClient welcomed(int port, Hello hello) throws IOException {
        RawClient client = new RawClient(port);
        client.send(Frame.HELLO, 0, hello::encode);
        Received reply = client.receive();
        if (reply == null || reply.type != Frame.WELCOME) {
            throw new IOException("not welcome: " + reply);
        }
        return client;
    }

    /** Sends bytes, whatever they are. */
    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Sends a frame. */
    public void send(int type, long correlation, Outbound.Body body) throws IOException {
        ByteWriter out = new ByteWriter(64);
        int start = Frame.begin(out, type, correlation);
        body.writeTo(out);
        Frame.end(out, start);
        send(out.toByteArray());
    }

    /** Asks for an operation. */
    public void request(long correlation, boolean first, Operation op) throws IOException {
        send(Frame.REQUEST, correlation, out -> OperationCodec.encode(op, out.bool(first)));
    }

    /** The next frame; null at the end. */
    public @Nullable Received receive() throws IOException {
        InputStream in = socket.getInputStream();
        while (received.isEmpty()) {
            int length;
            try {
                length = in.read(chunk);
            } catch (SocketException reset) {
                return null;
            }
            if (length < 0) {
                return null;
            }
            reader.feed(
                    chunk,
                    0,
                    length,
                    (type, correlation, bytes, offset, size) -> received.add(
                            new Received(type, correlation, Arrays.copyOfRange(bytes, offset, offset + size))));
        }
        return received.poll();
    }

    /** The next frame, which must be of this type. */
    public Received expect(int type) throws IOException {
        Received next = receive();
        if (next == null || next.type != type) {
            throw new AssertionError("expected a frame of type " + type + ", not " + next);
        }
        return next;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
