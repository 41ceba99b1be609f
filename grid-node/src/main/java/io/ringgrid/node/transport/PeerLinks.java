package io.ringgrid.node.transport;

import io.netty.channel.EventLoopGroup;
import io.ringgrid.client.net.Address;
import io.ringgrid.client.net.Closed;
import io.ringgrid.client.net.LinkLimits;
import io.ringgrid.client.net.Links;
import io.ringgrid.op.Operation;
import io.ringgrid.ring.Id;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.OperationCodec;
import io.ringgrid.wire.Secret;
import io.ringgrid.wire.Welcome;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections that this member has dialed to the others, over which it says everything that it has to say to them;
 * what they have to say, but for answers, comes through its native door. Thread-safe.
 */
public final class PeerLinks implements AutoCloseable {
    /** Hears of the other members. Calls about one member come in order, on an event loop: they must not block. */
    public interface Listener {
        /** There is a connection to this member, whose native door is said to be at this address. */
        void connected(Id member, String host, int port);

        /** The connection to this member is broken; what was sent on it may have arrived or not. */
        void disconnected(Id member, String reason);

        /**
         * The process of this member is gone, as far as its sockets tell: nobody listens there, or another identity.
         * Within milliseconds after kill -9, and again with each attempt to reach it.
         */
        void refused(Id member);

        /** An answer to what was sent. */
        void received(Id from, long correlation, int type, byte[] body);
    }

    private static final Logger LOG = LoggerFactory.getLogger(PeerLinks.class);

    private final Links links;
    private Hello hello;

    /**
     * Nobody is dialed yet.
     *
     * @param loops of NIO; stays the caller's
     * @param hello what this member says of itself
     * @param secret what the members prove to each other that they know, or null
     */
    public PeerLinks(EventLoopGroup loops, LinkLimits limits, Hello hello, @Nullable Secret secret, Listener listener) {
        this.hello = hello;
        this.links = new Links(loops, limits, hello, secret, new Translation(listener));
    }

    /** This member has another identity from now on: all connections are closed, and made again under it. */
    public synchronized void identity(Id clusterId, Id memberId) {
        hello = Hello.member(hello.cluster(), clusterId, memberId, hello.host(), hello.port());
        links.hello(hello);
    }

    /**
     * Keeps a connection to the member at this address from now on.
     *
     * @param expected who is said to be there, or {@link Id#NONE}
     */
    public void dial(String host, int port, Id expected) {
        links.dial(new Address(host, port), expected);
    }

    /** Closes the connection to this address and dials it no longer. */
    public void hangUp(String host, int port) {
        links.hangUp(new Address(host, port));
    }

    /** Whether somebody accepts connections, but has not said yet who he is. */
    public boolean hasUnanswered() {
        return links.hasUnanswered();
    }

    /** Whom there is a connection to. */
    public Set<Id> connected() {
        return links.connected();
    }

    /**
     * Sends a frame. What is sent to one member arrives in the order of the calls, or the connection breaks.
     *
     * @return false, and nothing is sent, if there is no connection to that member
     */
    public boolean send(Id to, int type, long correlation, byte[] body) {
        return links.send(to, type, correlation, out -> out.raw(body, 0, body.length));
    }

    /** Sends an operation, as {@link io.ringgrid.route.Router.Effects#send} asks for; its bytes are not kept. */
    public boolean request(Id to, long correlation, boolean first, Operation op) {
        return links.send(to, Frame.REQUEST, correlation, out -> OperationCodec.encode(op, out.bool(first)));
    }

    /** Closes all connections. */
    @Override
    public void close() {
        links.close();
    }

    private static final class Translation implements Links.Listener {
        private final Listener listener;
        /** Why an address could not be reached last, so that each reason is logged once. */
        private final Map<Address, Closed> problems = new ConcurrentHashMap<>();

        Translation(Listener listener) {
            this.listener = listener;
        }

        @Override
        public void connected(Id member, Welcome welcome) {
            listener.connected(member, welcome.host(), welcome.port());
        }

        @Override
        public void disconnected(Id member, Closed why) {
            listener.disconnected(member, why.reason());
        }

        @Override
        public void refused(Id member) {
            listener.refused(member);
        }

        @Override
        public void failed(Address address, Closed why) {
            // It is dialed again, and what it means for a member is said by refused(): nobody there yet is no news.
            boolean worthSaying = why.kind() == Closed.Kind.TURNED_AWAY || why.kind() == Closed.Kind.MALFORMED;
            if (worthSaying && !why.equals(problems.put(address, why))) {
                LOG.warn(
                        "event=peer_refuses address={} reason=\"{}\" what=\"compare both members' cluster names, secrets and releases\"",
                        address,
                        why.reason());
            }
        }

        @Override
        public void frame(Id from, int type, long correlation, byte[] bytes, int offset, int length) {
            listener.received(from, correlation, type, Arrays.copyOfRange(bytes, offset, offset + length));
        }
    }
}
