package io.ringgrid.topology;

import io.ringgrid.ring.Id;

/** What the register makes happen, in the order of the calls. */
public interface RegisterEffects {
    /** Sends a message; it may be lost. */
    void send(Id to, RegisterMessage message);

    /**
     * This member now holds a newer topology, committed or not. When the call returns, nothing is served any more that
     * the topology takes away: only then does the register say to anybody that it is held.
     */
    void hold(Topology held);

    /** The topology that is held is committed: act on it. */
    void commit(Topology committed);

    /** This identity is over: drop all data and start anew under a fresh one. */
    void expelled(String reason);

    /** The cluster does without this member: it may exit. */
    void left();

    /** Whether this member ever accepted a write as a primary, or holds what another accepted, up to this very moment. */
    boolean wrote();

    /** Whether this member is the primary of a partition by the committed topology, and does not serve it yet. */
    boolean takesOver();

    /** For people. */
    void report(Report report);
}
