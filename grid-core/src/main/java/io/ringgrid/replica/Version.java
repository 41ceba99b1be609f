package io.ringgrid.replica;

/**
 * An entry's version: (line, epoch, seq), stamped once (PROTOCOL.md 4). Stateless.
 *
 * <p>Inside a line, one long keeps epoch and seq so that its order is theirs:
 *
 * <pre>
 *   0 | epoch 20 bits | seq 43 bits
 * </pre>
 *
 * A million changes of roles, eight million million writes per partition; nothing wraps silently. Outside, the line is
 * mixed in by a bijection on 63 bits, so that two versions of a line are never equal, those of different lines nearly
 * never, and nobody is tempted to read an order from them. Clients that parse it as a signed number can.
 */
public final class Version {
    static final int SEQ_BITS = 43;
    static final long MAX_SEQ = (1L << SEQ_BITS) - 1;
    static final int MAX_EPOCH = (1 << 20) - 1;
    private static final long MASK = Long.MAX_VALUE;

    private Version() {}

    /**
     * Epoch and seq in one.
     *
     * @throws IllegalStateException if one of them is beyond its range
     */
    static long pack(int epoch, long seq) {
        if (epoch > MAX_EPOCH || seq > MAX_SEQ) {
            throw new IllegalStateException("version out of range: epoch " + epoch + " seq " + seq);
        }
        return ((long) epoch << SEQ_BITS) | seq;
    }

    static long seq(long packed) {
        return packed & MAX_SEQ;
    }

    /** What callers see; never 0. */
    static long visible(long line, long packed) {
        long x = (packed ^ line) & MASK;
        x = (x * 0x9E3779B97F4A7C15L) & MASK;
        x ^= x >>> 32;
        x = (x * 0xD6E8FEB86659FD93L) & MASK;
        x ^= x >>> 29;
        return x == 0 ? MASK : x;
    }
}
