package io.ringgrid.wire;

/**
 * How a member answers a {@link Hello} that it does not accept, before it closes the connection. Immutable.
 *
 * @param reason for people; the body is this string
 */
public record Refused(String reason) implements Reply {
    @Override
    public int type() {
        return Frame.REFUSED;
    }

    @Override
    public void encode(ByteWriter out) {
        out.string(reason);
    }

    /**
     * Reads one.
     *
     * @throws MalformedFrameException if these bytes are none
     */
    public static Refused decode(ByteReader in) {
        return new Refused(in.string());
    }
}
