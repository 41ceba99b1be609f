package io.ringgrid.node.resp;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * What CLIENT LIST tells of a connection. Thread-safe: its event loop writes it, anybody reads it.
 */
final class Profile {
    private static final byte[] NO_NAME = {};

    final long id;
    final long since;

    volatile String address = "";
    volatile String localAddress = "";
    volatile byte[] name = NO_NAME;
    volatile int database;
    volatile int protocol = 2;
    volatile boolean noEvict;
    /** How many commands wait for EXEC, or -1 if there was no MULTI. */
    volatile int queued = -1;

    volatile long lastCommandAt;
    volatile String lastCommand = "NULL";

    Profile(long id, long now) {
        this.id = id;
        this.since = now;
        this.lastCommandAt = now;
    }

    void connected(SocketAddress remote, SocketAddress local) {
        address = text(remote);
        localAddress = text(local);
    }

    private static String text(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : address.toString();
    }

    /** One line, as in Redis 7.0 but for what this server does not have. */
    String line(long now) {
        String flags = (queued >= 0 ? "x" : "") + (noEvict ? "e" : "");
        return "id=" + id + " addr=" + address + " laddr=" + localAddress + " name="
                + new String(name, StandardCharsets.ISO_8859_1) + " age=" + (now - since) / 1000
                + " idle=" + Math.max(0, now - lastCommandAt) / 1000 + " flags=" + (flags.isEmpty() ? "N" : flags)
                + " db=" + database + " sub=0 psub=0 ssub=0 multi=" + queued + " cmd=" + lastCommand
                + " user=default redir=-1 resp=" + protocol + "\n";
    }
}
