package io.ringgrid.client.net;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.ringgrid.ring.Id;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.Welcome;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One address that {@link Links} keeps a connection to. Its state is touched only on its event loop, but for
 * {@code wanted} and {@code link}, which others may read.
 */
final class Peer implements Link.Listener {
    private final Address address;
    private final Links links;
    private final EventLoop loop;

    private volatile boolean wanted;
    /** The link that is being made or that there is. */
    private volatile @Nullable Link link;
    /** Who is said to be there, or was met there last. */
    private Id expected = Id.NONE;
    /** Who is at the other end of {@link #link}; NONE before the handshake is complete. */
    private Id member = Id.NONE;

    private boolean resolving;
    private @Nullable ScheduledFuture<?> retry;
    private int backoffMillis;
    /** When it was last dialed again without a pause. */
    private long hurriedNanos;

    Peer(Address address, Links links, EventLoop loop) {
        this.address = address;
        this.links = links;
        this.loop = loop;
        this.backoffMillis = links.limits().redialMillis();
        this.hurriedNanos =
                System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(links.limits().maxRedialMillis());
    }

    Address address() {
        return address;
    }

    boolean isWanted() {
        return wanted;
    }

    boolean send(int type, long correlation, Outbound.Body body) {
        Link open = link;
        return open != null && open.send(type, correlation, body);
    }

    /** Whether somebody accepted the connection, but has not said yet who he is. */
    boolean isUnanswered() {
        Link open = link;
        return open != null && open.isUnanswered();
    }

    /** Called with the monitor held under which {@link Links#forget} looks. */
    void want(Id newlyExpected) {
        wanted = true;
        loop.execute(() -> {
            if (!newlyExpected.equals(Id.NONE) && member.equals(Id.NONE)) {
                expected = newlyExpected;
            }
            if (link == null && !resolving && retry == null) {
                dial();
            }
        });
    }

    void release() {
        wanted = false;
        loop.execute(() -> {
            if (!wanted && member.equals(Id.NONE)) {
                drop("no longer wanted");
            }
        });
    }

    void hangUp() {
        wanted = false;
        loop.execute(() -> {
            if (!wanted) {
                drop("hung up");
            }
        });
    }

    /** Closes what there is and, if it is wanted, dials anew at once. */
    void redial() {
        loop.execute(() -> {
            backoffMillis = links.limits().redialMillis();
            drop("to be dialed anew");
            if (wanted && link == null && !resolving && retry == null) {
                dial();
            }
        });
    }

    private void drop(String reason) {
        if (retry != null) {
            retry.cancel(false);
            retry = null;
        }
        Link open = link;
        if (open != null) {
            open.close(new Closed(Closed.Kind.LOCAL, reason));
        } else if (!resolving) {
            links.forget(this);
        }
    }

    private void dial() {
        if (Links.isLiteral(address.host())) {
            dial(new InetSocketAddress(address.host(), address.port()));
            return;
        }
        resolving = true;
        try {
            links.resolver().execute(this::resolve);
        } catch (RejectedExecutionException e) {
            resolving = false;
            wanted = false;
        }
    }

    /** On the resolver's thread: a name server may take its time, and an event loop has none. */
    private void resolve() {
        InetSocketAddress resolved;
        try {
            resolved = new InetSocketAddress(InetAddress.getByName(address.host()), address.port());
        } catch (UnknownHostException e) {
            resolved = InetSocketAddress.createUnresolved(address.host(), address.port());
        }
        InetSocketAddress found = resolved;
        loop.execute(() -> {
            resolving = false;
            if (!wanted) {
                links.forget(this);
            } else if (found.isUnresolved()) {
                missed(new Closed(Closed.Kind.FAILED, "no such host: " + address.host()));
            } else {
                dial(found);
            }
        });
    }

    private void dial(InetSocketAddress to) {
        link = Link.dial(loop, to, links.limits(), links.hello(), links.secret(), this);
    }

    @Override
    public void opened(Link opened, Welcome welcome) {
        Hello said = opened.hello();
        Id met = welcome.memberId();
        if (!said.equals(links.hello())) {
            opened.close(new Closed(Closed.Kind.LOCAL, "to be dialed anew"));
            return;
        }
        if (met.equals(Id.NONE) || met.equals(said.memberId())) {
            backoffMillis = links.limits().maxRedialMillis();
            String who = met.equals(Id.NONE) ? "a member without an identity" : "this member itself";
            opened.close(new Closed(Closed.Kind.LOCAL, who));
            return;
        }
        if (!expected.equals(Id.NONE) && !expected.equals(met)) {
            links.listener().refused(expected);
        }
        expected = met;
        if (links.byId().putIfAbsent(met, this) != null) {
            backoffMillis = links.limits().maxRedialMillis();
            opened.close(new Closed(Closed.Kind.LOCAL, "reached by another address already"));
            return;
        }
        member = met;
        links.listener().connected(met, welcome);
    }

    @Override
    public void frame(int type, long correlation, byte[] bytes, int offset, int length) {
        if (!member.equals(Id.NONE)) {
            links.listener().frame(member, type, correlation, bytes, offset, length);
        }
    }

    @Override
    public void closed(Link ended, Closed why) {
        link = null;
        if (member.equals(Id.NONE)) {
            missed(why);
            return;
        }
        Id former = member;
        member = Id.NONE;
        links.byId().remove(former, this);
        links.listener().disconnected(former, why);
        if (!wanted) {
            links.forget(this);
            return;
        }
        backoffMillis = links.limits().redialMillis();
        redialIn(mayHurry() ? 0 : backoffMillis);
    }

    /** Dialing again at once tells soonest whether the process is gone; but not over and over. */
    private boolean mayHurry() {
        long now = System.nanoTime();
        boolean may = now - hurriedNanos
                >= TimeUnit.MILLISECONDS.toNanos(links.limits().maxRedialMillis());
        if (may) {
            hurriedNanos = now;
        }
        return may;
    }

    /** Dialing did not lead to a connection. */
    private void missed(Closed why) {
        // A reset tells less: a door that has too many connections resets them, and its process lives on.
        boolean gone = why.kind() == Closed.Kind.NOBODY;
        if (!wanted) {
            links.forget(this);
            return;
        }
        if (gone && !expected.equals(Id.NONE)) {
            links.listener().refused(expected);
        }
        links.listener().failed(address, why);
        redialIn(backoffMillis);
        backoffMillis = Math.min(2 * backoffMillis, links.limits().maxRedialMillis());
    }

    private void redialIn(int millis) {
        if (millis == 0) {
            dial();
            return;
        }
        retry = loop.schedule(
                () -> {
                    retry = null;
                    dial();
                },
                millis,
                TimeUnit.MILLISECONDS);
    }
}
