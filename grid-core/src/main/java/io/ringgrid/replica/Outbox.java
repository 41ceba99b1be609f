package io.ringgrid.replica;

import io.ringgrid.op.Result;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.Report;

/**
 * What the core makes happen. One per calling thread. {@link #send} is called under the partition's lock and only queues,
 * in order; the rest is done by the caller after the core's method has returned.
 */
public interface Outbox {
    /** Sends a message to a member, this one included; it may be lost, but is not overtaken while a connection lasts. */
    void send(Id to, PeerMessage message);

    /** Answers a caller. */
    void answer(long ticket, Result result);

    /**
     * Answers a caller if {@link Replica#confirm} (or {@link Replica#confirmWrite}) still holds by clocks that are read
     * after this call; otherwise answers {@code otherwise}, or gives a write back by {@link Replica#unconfirmed}, since its
     * lease may only have lapsed.
     *
     * @param write which of the two to ask
     */
    void confirm(Replica replica, int epoch, boolean write, long ticket, Result result, Result otherwise);

    /** For people. */
    void report(Report report);
}
