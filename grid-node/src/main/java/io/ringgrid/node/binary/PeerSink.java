package io.ringgrid.node.binary;

import io.ringgrid.ring.Id;

/** Where what other members say goes. Called on event loops: nothing may block. */
public interface PeerSink {
    /** Another member has dialed this one, and says that its own native door is at this address. */
    void met(Id member, String host, int port);

    /**
     * A message from another member, whose identity was bound to the connection by the handshake. Messages of one
     * connection come in order.
     *
     * @throws io.ringgrid.wire.MalformedFrameException if it is none: the connection is closed
     */
    void received(Id from, long correlation, byte[] body);
}
