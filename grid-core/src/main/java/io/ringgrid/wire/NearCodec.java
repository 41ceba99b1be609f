package io.ringgrid.wire;

import io.ringgrid.near.Invalidation;

/**
 * An {@link Invalidation} as bytes. Stateless.
 *
 * <pre>
 *   kind 1 | map 4 | partition 4 | bits 8
 * </pre>
 */
public final class NearCodec {
    private NearCodec() {}

    /** Appends one. */
    public static void encode(Invalidation what, ByteWriter out) {
        out.u8(what.kind().ordinal()).i32(what.map()).i32(what.partition()).i64(what.bits());
    }

    /**
     * Reads one, to the end of the bytes.
     *
     * @throws MalformedFrameException if these bytes are none
     */
    public static Invalidation decode(ByteReader in) {
        try {
            Invalidation what = new Invalidation(Invalidation.Kind.of(in.u8()), in.i32(), in.i32(), in.i64());
            in.end();
            return what;
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException("not an invalidation: " + e.getMessage());
        }
    }
}
