package io.ringgrid.client.net;

import io.ringgrid.wire.Frame;

/**
 * What a connection may take, in bytes and milliseconds. Immutable.
 *
 * @param maxFrame the largest frame that is read, header included
 * @param maxQueued how much may wait to be written; beyond it the connection is closed
 * @param connectMillis until TCP has connected
 * @param handshakeMillis from then until the handshake is complete
 * @param pingMillis how long nothing has come when the dialer asks for a sign of life
 * @param silenceMillis how long nothing has come when the dialer closes the connection
 * @param redialMillis how long after a failure it is dialed again, doubling up to:
 * @param maxRedialMillis how long at most
 */
public record LinkLimits(
        int maxFrame,
        int maxQueued,
        int connectMillis,
        int handshakeMillis,
        int pingMillis,
        int silenceMillis,
        int redialMillis,
        int maxRedialMillis) {
    /** Frames of 16 MiB and a key, 64 MiB queued, 2 s, 5 s, 1 s, 5 s, 20 ms, 500 ms. */
    public static final LinkLimits DEFAULT = of(Frame.DEFAULT_LIMIT);

    public LinkLimits {
        if (maxFrame < Frame.HANDSHAKE_LIMIT || maxQueued < maxFrame) {
            throw new IllegalArgumentException("frames of " + maxFrame + " bytes do not fit a handshake of "
                    + Frame.HANDSHAKE_LIMIT + " and a queue of " + maxQueued);
        }
        if (connectMillis < 1 || handshakeMillis < 1 || pingMillis < 1 || silenceMillis < 2 * pingMillis) {
            throw new IllegalArgumentException("a connection's times must be positive, and its silence two pings");
        }
        if (redialMillis < 1 || maxRedialMillis < redialMillis) {
            throw new IllegalArgumentException(
                    "dialing again after " + redialMillis + " to " + maxRedialMillis + " ms");
        }
    }

    /** The default limits with another largest frame, of which four may be queued. */
    public static LinkLimits of(int maxFrame) {
        long queued = Math.min(Integer.MAX_VALUE, Math.max(64L << 20, 4L * maxFrame));
        return new LinkLimits(maxFrame, (int) queued, 2000, 5000, 1000, 5000, 20, 500);
    }
}
