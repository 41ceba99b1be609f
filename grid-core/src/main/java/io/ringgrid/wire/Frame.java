package io.ringgrid.wire;

/**
 * What every message between two members, or a client and a member, is wrapped in. Stateless. Big-endian:
 *
 * <pre>
 *    0               4      5                               13
 *    +---------------+------+-------------------------------+---------------- - -
 *    | length        | type | correlation                   | body
 *    +---------------+------+-------------------------------+---------------- - -
 * </pre>
 *
 * The length counts what follows it: 9 + the body's. A connection starts with {@link #HELLO}, which is answered by
 * {@link #WELCOME} or {@link #REFUSED}; nothing else may come before, but for the proof of a {@link Secret}. The correlation of a question comes back with its
 * answer; questions on one connection have rising correlations, and one that does not rise is dropped.
 *
 * <pre>
 *   type          from    body
 *   1 HELLO       dialer  {@link Hello}
 *   2 WELCOME     door    {@link Welcome}
 *   3 REFUSED     door    {@link Refused}; the connection is closed
 *   4 REQUEST     dialer  first 1 (see {@link io.ringgrid.route.Fence}) | {@link OperationCodec}
 *   5 ANSWER      door    {@link ResultCodec}
 *   6 TOPOLOGY    door    {@link TopologyCodec}: to clients, after WELCOME and at each change
 *   7 OPEN_MAP    dialer  the map's name as a string
 *   8 MAP         door    {@link ResultCodec}: DONE with the map's id as its number, or why not
 *   9 PING        dialer  nothing
 *  10 PONG        door    wall-clock milliseconds 8, as the member judges expiry | monotonic nanoseconds 8, of its process
 *  11 PEER        member  one member's message to another, opaque here
 *  12 CHALLENGE   door    a nonce 32: with a secret, the answer to HELLO ({@link Secret})
 *  13 PROOF       dialer  the dialer's proof 32, which WELCOME or REFUSED answers
 *  14 INVALIDATED door    {@link NearCodec}; its correlation is its number on this connection, from 1
 *  15 PROBE       dialer  nothing
 *  16 PROBED      door    number 8 of the last INVALIDATED before it | leased 1
 *  17 KEPT        door    ANSWER to a GET with a keeper: number 8, as above | {@link ResultCodec}
 * </pre>
 */
public final class Frame {
    public static final int HELLO = 1;
    public static final int WELCOME = 2;
    public static final int REFUSED = 3;
    public static final int REQUEST = 4;
    public static final int ANSWER = 5;
    public static final int TOPOLOGY = 6;
    public static final int OPEN_MAP = 7;
    public static final int MAP = 8;
    public static final int PING = 9;
    public static final int PONG = 10;
    public static final int PEER = 11;
    public static final int CHALLENGE = 12;
    public static final int PROOF = 13;
    public static final int INVALIDATED = 14;
    public static final int PROBE = 15;
    public static final int PROBED = 16;
    public static final int KEPT = 17;

    /** Bytes before the body. */
    public static final int HEADER = 13;
    /** How large a frame may be before the handshake is complete, in bytes. */
    public static final int HANDSHAKE_LIMIT = 4096;
    /** How large a frame may be unless configured, in bytes: a value of 16 MiB, a key of 64 KiB and what is around. */
    public static final int DEFAULT_LIMIT = (16 << 20) + (64 << 10) + 4096;

    static final int LENGTH = 0;
    static final int TYPE = 4;
    static final int CORRELATION = 5;
    /** What the length counts beside the body. */
    static final int COUNTED = HEADER - TYPE;

    private Frame() {}

    /** Starts a frame; its body is to be written next. Returns what {@link #end} needs. */
    public static int begin(ByteWriter out, int type, long correlation) {
        int start = out.size();
        out.i32(0).u8(type).i64(correlation);
        return start;
    }

    /** Ends the frame that was started last. */
    public static void end(ByteWriter out, int start) {
        out.setI32(start + LENGTH, out.size() - start - TYPE);
    }
}
