package io.ringgrid.client.net;

import io.netty.channel.EventLoopGroup;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.ringgrid.ring.Id;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.Secret;
import io.ringgrid.wire.Welcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connections to members: one is kept to each address that was told, dialed again and again until it is no longer
 * wanted. Thread-safe.
 *
 * <p>Who is at the other end is known from the handshake alone, never from an address or a message. A member that is
 * reached by two addresses has one connection. What is sent to one member arrives in the order of the calls, or its
 * connection breaks.
 */
public final class Links implements AutoCloseable {
    /** Hears of connections. Calls about one member come in order, on an event loop: they must not block. */
    public interface Listener {
        /** There is a connection to this member. */
        void connected(Id member, Welcome welcome);

        /** The connection to this member is broken. */
        void disconnected(Id member, Closed why);

        /**
         * Nobody listens where this member was reached last, or was said to be, or another does: its process is gone,
         * or it has another identity. Said each time that dialing finds it so, and so within milliseconds after the
         * process's end.
         */
        void refused(Id member);

        /** Dialing an address did not lead to a connection; it is tried again. */
        void failed(Address address, Closed why);

        /**
         * A frame has come.
         *
         * @param bytes holds the body from {@code offset} on, until this call returns
         */
        void frame(Id from, int type, long correlation, byte[] bytes, int offset, int length);
    }

    private final EventLoopGroup loops;
    private final LinkLimits limits;
    private final @Nullable Secret secret;
    private final Listener listener;
    private final ThreadPoolExecutor resolver;
    /** By address; guarded by itself. */
    private final Map<Address, Peer> peers = new LinkedHashMap<>();
    /** Those with a complete handshake. */
    private final Map<Id, Peer> connected = new ConcurrentHashMap<>();

    private volatile Hello hello;
    private volatile boolean closed;

    /**
     * Connections that nobody has asked for yet.
     *
     * @param loops of NIO; stays the caller's
     * @param hello what is said to each member
     * @param secret what each side proves that it knows, or null
     */
    public Links(EventLoopGroup loops, LinkLimits limits, Hello hello, @Nullable Secret secret, Listener listener) {
        this.loops = loops;
        this.limits = limits;
        this.hello = hello;
        this.secret = secret;
        this.listener = listener;
        this.resolver = new ThreadPoolExecutor(
                1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new DefaultThreadFactory("ringgrid-dns", true));
        resolver.allowCoreThreadTimeOut(true);
    }

    /**
     * Keeps a connection to this address from now on.
     *
     * @param expected who is said to be there, or {@link Id#NONE}
     */
    public void dial(Address address, Id expected) {
        synchronized (peers) {
            if (!closed) {
                peers.computeIfAbsent(address, key -> new Peer(key, this, loops.next()))
                        .want(expected);
            }
        }
    }

    /** Does not dial this address again; a connection that there is stays until it breaks. */
    public void release(Address address) {
        Peer peer = peer(address);
        if (peer != null) {
            peer.release();
        }
    }

    /** Closes the connection to this address, and does not dial it again. */
    public void hangUp(Address address) {
        Peer peer = peer(address);
        if (peer != null) {
            peer.hangUp();
        }
    }

    private @Nullable Peer peer(Address address) {
        synchronized (peers) {
            return peers.get(address);
        }
    }

    /** Says this from now on: all connections are closed, and made again. */
    public void hello(Hello newHello) {
        hello = newHello;
        for (Peer peer : all()) {
            peer.redial();
        }
    }

    /** Whom there is a connection to. */
    public Set<Id> connected() {
        return Set.copyOf(connected.keySet());
    }

    /** Whether somebody accepts connections, but has not said yet who he is. */
    public boolean hasUnanswered() {
        return all().stream().anyMatch(Peer::isUnanswered);
    }

    /** Whether there is a connection to this member. */
    public boolean isConnected(Id member) {
        return connected.containsKey(member);
    }

    /** Sends a frame to a member; false, and nothing is sent, if there is no connection to it. */
    public boolean send(Id member, int type, long correlation, Outbound.Body body) {
        Peer peer = connected.get(member);
        return peer != null && peer.send(type, correlation, body);
    }

    /** Closes all connections. */
    @Override
    public void close() {
        synchronized (peers) {
            closed = true;
        }
        for (Peer peer : all()) {
            peer.hangUp();
        }
        resolver.shutdown();
    }

    private List<Peer> all() {
        synchronized (peers) {
            return List.copyOf(peers.values());
        }
    }

    LinkLimits limits() {
        return limits;
    }

    Hello hello() {
        return hello;
    }

    @Nullable
    Secret secret() {
        return secret;
    }

    Listener listener() {
        return listener;
    }

    Map<Id, Peer> byId() {
        return connected;
    }

    ExecutorService resolver() {
        return resolver;
    }

    /** A peer that nobody wants and that has no connection is forgotten, unless it is wanted again meanwhile. */
    void forget(Peer peer) {
        synchronized (peers) {
            if (!peer.isWanted()) {
                peers.remove(peer.address(), peer);
            }
        }
    }

    static boolean isLiteral(String host) {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }
}
