package io.ringgrid.client.net;

/**
 * Why a connection ended, or never came about. Immutable.
 *
 * @param kind what it says about the other side
 * @param reason for people
 */
public record Closed(Kind kind, String reason) {
    /** What an end says about the other side. */
    public enum Kind {
        /** Nobody listens at the address: the process that did is gone. */
        NOBODY,
        /** The other side's system broke it off: its process is gone, or it was cut. */
        RESET,
        /** The other side closed it. */
        HUNG_UP,
        /** The other side refused the handshake, and said why. */
        TURNED_AWAY,
        /** It did not connect, or did not complete the handshake, in time. */
        TIMED_OUT,
        /** Nothing came for too long. */
        SILENT,
        /** The other side does not follow the protocol. */
        MALFORMED,
        /** The other side does not read as fast as we write. */
        OVERFLOW,
        /** This side wanted it. */
        LOCAL,
        /** Anything else: no route, no such host, a fault of ours. */
        FAILED
    }
}
