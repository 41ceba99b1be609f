package io.ringgrid.node.binary;

import io.ringgrid.client.net.Closed;
import io.ringgrid.client.net.FrameHandler;
import io.ringgrid.client.net.Outbound;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.route.Fence;
import io.ringgrid.topology.Topology;
import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.MalformedFrameException;
import io.ringgrid.wire.OperationCodec;
import io.ringgrid.wire.Reply;
import io.ringgrid.wire.ResultCodec;
import io.ringgrid.wire.Welcome;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection at the native door. Everything happens on its event loop, but for answers, which may come on any
 * thread.
 *
 * <p>A client that sends faster than it reads, or than it is answered, is not read from for a while. A member is always
 * read from: what it says may be the very acknowledgement that its own requests wait for.
 */
final class DoorConnection extends FrameHandler {
    private static final Logger LOG = LoggerFactory.getLogger(DoorConnection.class);
    private static final int MAX_MAP_NAME = 255;

    private final NativeDoor door;
    private final Fence fence = new Fence();
    private final Operation cursor = new Operation();
    private final AtomicInteger inFlight = new AtomicInteger();

    private volatile boolean client;
    private boolean welcomed;
    private volatile boolean paused;
    /** Who is at the other end; NONE for a client. */
    private Id peer = Id.NONE;

    private long lastRequest;

    DoorConnection(NativeDoor door) {
        super(door.limits().link());
        this.door = door;
    }

    /** Whether this is a client with a complete handshake. */
    boolean isClient() {
        return client;
    }

    @Override
    protected void opened() {
        if (!door.entered(this)) {
            close(new Closed(Closed.Kind.LOCAL, "too many connections"));
        }
    }

    @Override
    protected void ended(Closed why) {
        door.left(this);
    }

    @Override
    protected void silent(int periods) {
        if ((long) periods * door.limits().link().pingMillis() >= door.limits().idleMillis()) {
            close(new Closed(
                    Closed.Kind.SILENT, "nothing heard for " + door.limits().idleMillis() + " ms"));
        }
    }

    @Override
    protected void frame(int type, long correlation, byte[] bytes, int offset, int length) {
        ByteReader body = new ByteReader(bytes, offset, length);
        if (!welcomed) {
            greet(type, body);
            return;
        }
        switch (type) {
            case Frame.REQUEST -> request(correlation, body);
            case Frame.OPEN_MAP -> openMap(correlation, body);
            case Frame.PING -> ping(correlation);
            case Frame.PEER -> peer(correlation, bytes, offset, length);
            default -> throw new MalformedFrameException("a frame of type " + type + " sent to a door");
        }
    }

    private void greet(int type, ByteReader body) {
        if (type != Frame.HELLO) {
            throw new MalformedFrameException("a frame of type " + type + " before the handshake");
        }
        Hello hello = Hello.decode(body);
        Reply reply = door.check(hello);
        send(reply.type(), 0, reply::encode);
        if (!(reply instanceof Welcome)) {
            LOG.info(
                    "event=handshake_refused remote={} role={}",
                    context().channel().remoteAddress(),
                    hello.role());
            close(new Closed(Closed.Kind.LOCAL, "refused: " + hello));
            return;
        }
        welcomed = true;
        established();
        if (hello.role() == Hello.Role.CLIENT) {
            client = true;
            Topology topology = door.engine().topology();
            if (topology != null) {
                send(Frame.TOPOLOGY, 0, door.body(topology));
            }
        } else {
            peer = hello.memberId();
            door.peers().met(peer, hello.host(), hello.port());
        }
    }

    private void request(long correlation, ByteReader body) {
        boolean first = body.bool();
        OperationCodec.decode(body, cursor);
        body.end();
        if (correlation <= lastRequest) {
            return;
        }
        lastRequest = correlation;
        int partition = cursor.partition;
        int bytes = cursor.keyLength + cursor.valueLength;
        if (!fence.admits(partition, first)) {
            answer(correlation, Result.refused(Status.RETRY, "an earlier operation of its partition was refused"));
        } else if (!client && inFlight.get() >= door.limits().maxInFlight()) {
            fence.refused(partition);
            answer(correlation, Result.refused(Status.RETRY, "too many requests of one member are unanswered"));
        } else if (!door.admit(bytes)) {
            fence.refused(partition);
            answer(correlation, Result.refused(Status.RETRY, "too many bytes of all requests are unanswered"));
        } else {
            begin();
            door.engine().execute(cursor, result -> {
                door.release(bytes);
                answered(partition, correlation, result);
            });
        }
    }

    private void answered(int partition, long correlation, Result result) {
        if (result.status() != Status.RETRY) {
            end(Frame.ANSWER, correlation, result);
        } else if (context().executor().inEventLoop()) {
            fence.refused(partition);
            end(Frame.ANSWER, correlation, result);
        } else {
            // The fence first: the sender may ask again as soon as it has the answer.
            context().executor().execute(() -> {
                fence.refused(partition);
                end(Frame.ANSWER, correlation, result);
            });
        }
    }

    private void openMap(long correlation, ByteReader body) {
        String name = body.string();
        body.end();
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > MAX_MAP_NAME) {
            throw new MalformedFrameException("a map's name of " + length + " bytes");
        }
        begin();
        door.engine().openMap(name, result -> end(Frame.MAP, correlation, result));
    }

    private void ping(long correlation) {
        long wallMillis = door.engine().wallMillis();
        send(Frame.PONG, correlation, out -> out.i64(wallMillis));
    }

    private void peer(long correlation, byte[] bytes, int offset, int length) {
        if (client) {
            throw new MalformedFrameException("a member's message from a client");
        }
        door.peers().received(peer, correlation, Arrays.copyOfRange(bytes, offset, offset + length));
    }

    private void begin() {
        int unanswered = inFlight.incrementAndGet();
        if (client
                && (unanswered >= door.limits().maxInFlight()
                        || queued() >= door.limits().highWater())) {
            paused = true;
            pause();
        }
    }

    private void end(int type, long correlation, Result result) {
        inFlight.decrementAndGet();
        send(type, correlation, out -> ResultCodec.encode(result, out));
        if (paused) {
            written();
        }
    }

    private void answer(long correlation, Result result) {
        Outbound.Body body = out -> ResultCodec.encode(result, out);
        send(Frame.ANSWER, correlation, body);
    }

    /** Reads on when enough has been answered, and enough of the answers has been taken. */
    @Override
    protected void written() {
        if (!paused) {
            return;
        }
        if (!context().executor().inEventLoop()) {
            context().executor().execute(this::written);
        } else if (inFlight.get() <= door.limits().maxInFlight() / 2
                && queued() <= door.limits().highWater() / 2) {
            paused = false;
            resume();
        }
    }
}
