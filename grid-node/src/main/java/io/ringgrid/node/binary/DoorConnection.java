package io.ringgrid.node.binary;

import io.ringgrid.client.net.Closed;
import io.ringgrid.client.net.FrameHandler;
import io.ringgrid.near.Feed;
import io.ringgrid.near.Invalidation;
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
import io.ringgrid.wire.NearCodec;
import io.ringgrid.wire.OperationCodec;
import io.ringgrid.wire.Refused;
import io.ringgrid.wire.ResultCodec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection at the native door. Everything happens on its event loop, but for answers, which may come on any
 * thread.
 *
 * <p>A client that sends faster than it reads, or than it is answered, is not read from for a while. A member is always
 * read from: what it says may be the very acknowledgement that its own requests wait for;
 * its requests are answered RETRY instead.
 */
final class DoorConnection extends FrameHandler {
    private static final Logger LOG = LoggerFactory.getLogger(DoorConnection.class);
    private static final int MAX_MAP_NAME = 255;
    /** So many invalidations may wait behind a high water of answers: one large answer makes no slow reader. */
    private static final int MOST_BEHIND = 256;

    private final NativeDoor door;
    private final Handshake handshake;
    private final Fence fence = new Fence();
    private final Operation cursor = new Operation();
    private final AtomicInteger inFlight = new AtomicInteger();

    private volatile boolean client;
    private boolean welcomed;
    private volatile boolean paused;
    /** Who is at the other end; NONE for a client. */
    private Id peer = Id.NONE;

    private long lastRequest;
    /** What it follows; null until it has asked to. */
    private @Nullable Feed feed;

    DoorConnection(NativeDoor door) {
        super(door.limits().link());
        this.door = door;
        this.handshake = door.handshake();
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
        if (feed != null) {
            feed.close();
        }
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
        if (!welcomed) {
            greet(type, Arrays.copyOfRange(bytes, offset, offset + length));
            return;
        }
        ByteReader body = new ByteReader(bytes, offset, length);
        switch (type) {
            case Frame.REQUEST -> request(correlation, body);
            case Frame.OPEN_MAP -> openMap(correlation, body);
            case Frame.PING -> ping(correlation);
            case Frame.PROBE -> probe(correlation);
            case Frame.PEER -> peer(correlation, bytes, offset, length);
            default -> throw new MalformedFrameException("a frame of type " + type + " sent to a door");
        }
    }

    private void greet(int type, byte[] body) {
        Handshake.Step step = handshake.take(type, body);
        send(step.type(), 0, out -> out.raw(step.body(), 0, step.body().length));
        Hello hello = handshake.hello();
        if (step.outcome() == Handshake.Outcome.GOES_ON || hello == null) {
            return;
        }
        if (step.outcome() == Handshake.Outcome.REFUSED) {
            door.failed();
            LOG.info(
                    "event=handshake_refused remote={} role={} reason=\"{}\"",
                    context().channel().remoteAddress(),
                    hello.role(),
                    Refused.decode(new ByteReader(step.body())).reason());
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
        door.commanded();
        int partition = cursor.partition;
        int bytes = cursor.keyLength + cursor.valueLength;
        Feed following = cursor.keeper == null ? null : feed();
        if (following != null && !following.follow(cursor.map, partition)) {
            // What is not followed is read as by anybody else, and its answer is then not kept.
            cursor.keeper = null;
        }
        if (!fence.admits(partition, first)) {
            answer(
                    following,
                    correlation,
                    Result.refused(Status.RETRY, "an earlier operation of its partition was refused"));
        } else if (!client && inFlight.get() >= door.limits().maxInFlight()) {
            fence.refused(partition);
            answer(
                    following,
                    correlation,
                    Result.refused(Status.RETRY, "too many requests of one member are unanswered"));
        } else if (!client && queued() >= door.limits().memberHighWater()) {
            // Short replies only, until it has read what it asked for: beyond the queue's limit the connection is
            // closed.
            fence.refused(partition);
            answer(following, correlation, Result.refused(Status.RETRY, "a member has to read its answers first"));
        } else if (!door.admit(bytes)) {
            fence.refused(partition);
            answer(
                    following,
                    correlation,
                    Result.refused(Status.RETRY, "too many bytes of all requests are unanswered"));
        } else {
            begin();
            door.engine().execute(cursor, result -> {
                door.release(bytes);
                answered(following, partition, correlation, result);
            });
        }
    }

    private void answered(@Nullable Feed following, int partition, long correlation, Result result) {
        switch (result.status()) {
            case UNAVAILABLE, OUTCOME_UNKNOWN, OUT_OF_MEMORY -> door.failed();
            default -> {}
        }
        if (result.status() != Status.RETRY) {
            end(following, correlation, result);
        } else if (context().executor().inEventLoop()) {
            fence.refused(partition);
            end(following, correlation, result);
        } else {
            // The fence first: the sender may ask again as soon as it has the answer.
            context().executor().execute(() -> {
                fence.refused(partition);
                end(following, correlation, result);
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
        door.engine().openMap(name, result -> {
            send(Frame.MAP, correlation, out -> ResultCodec.encode(result, out));
            settled();
        });
    }

    private void ping(long correlation) {
        long wallMillis = door.engine().wallMillis();
        send(Frame.PONG, correlation, out -> out.i64(wallMillis).i64(System.nanoTime()));
    }

    private Feed feed() {
        Feed known = feed;
        if (known == null) {
            known = door.engine().feeds().open(new Feed.Sink() {
                /** How many invalidations were sent since less than the high water was waiting. */
                private int behind;

                @Override
                public void send(long number, Invalidation what) {
                    DoorConnection.this.send(Frame.INVALIDATED, number, out -> NearCodec.encode(what, out));
                }

                @Override
                public boolean isFull() {
                    behind = queued() < door.limits().highWater() ? 0 : behind + 1;
                    return behind > MOST_BEHIND;
                }
            });
            feed = known;
        }
        return known;
    }

    /** The lease first, by clocks that are read now: what was visible until then has been sent. */
    private void probe(long correlation) {
        boolean leased = door.engine().feeds().isLeased();
        long number = feed().number();
        send(Frame.PROBED, correlation, out -> out.i64(number).bool(leased));
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

    private void end(@Nullable Feed following, long correlation, Result result) {
        answer(following, correlation, result);
        settled();
    }

    private void settled() {
        inFlight.decrementAndGet();
        if (paused) {
            written();
        }
    }

    private void answer(@Nullable Feed following, long correlation, Result result) {
        if (following == null) {
            send(Frame.ANSWER, correlation, out -> ResultCodec.encode(result, out));
        } else {
            long number = following.number();
            send(Frame.KEPT, correlation, out -> ResultCodec.encode(result, out.i64(number)));
        }
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
