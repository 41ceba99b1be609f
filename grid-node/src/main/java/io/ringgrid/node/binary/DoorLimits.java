package io.ringgrid.node.binary;

import io.ringgrid.client.net.LinkLimits;

/**
 * What the native door takes. Immutable.
 *
 * @param link what one connection may take
 * @param maxConnections how many connections may be open; more are closed at once
 * @param maxInFlight how many requests of one connection may be unanswered: a client is then not read from, a member's
 *     further requests are answered RETRY
 * @param highWater how many bytes of answers may wait for a client before it is not read from
 * @param idleMillis how long nothing may come from a connection until it is closed; who dialed it sends pings
 */
public record DoorLimits(LinkLimits link, int maxConnections, int maxInFlight, int highWater, int idleMillis) {
    /** 10,000 connections, 1,024 requests, 1 MiB, 30 s. */
    public static final DoorLimits DEFAULT = new DoorLimits(LinkLimits.DEFAULT, 10_000, 1024, 1 << 20, 30_000);

    public DoorLimits {
        if (maxConnections < 1 || maxInFlight < 1 || highWater < 1 || highWater >= link.maxQueued()) {
            throw new IllegalArgumentException("a door's limits must be positive, and its high water below the queue");
        }
        if (idleMillis < 2 * link.pingMillis()) {
            throw new IllegalArgumentException("a connection must be left time for two pings");
        }
    }

    /** How many bytes of answers may wait for a member before its further requests are answered RETRY. */
    int memberHighWater() {
        return link.maxQueued() / 2;
    }

    /** The same limits for frames and queues of other sizes. */
    public DoorLimits with(LinkLimits newLink) {
        return new DoorLimits(newLink, maxConnections, maxInFlight, highWater, idleMillis);
    }
}
