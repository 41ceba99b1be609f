package io.ringgrid.node.resp;

import java.util.Collection;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** The connections of this member's RESP doors. Thread-safe. */
final class Clients {
    private final ConcurrentSkipListMap<Long, RespConnection> connections = new ConcurrentSkipListMap<>();
    private final AtomicLong last = new AtomicLong();

    long nextId() {
        return last.incrementAndGet();
    }

    void add(RespConnection connection) {
        connections.put(connection.profile().id, connection);
    }

    void remove(RespConnection connection) {
        connections.remove(connection.profile().id);
    }

    /** By their ids: in the order in which they came. */
    Collection<RespConnection> all() {
        return connections.values();
    }
}
