package io.ringgrid.wire;

import io.ringgrid.op.Result;

/**
 * A {@link Result} as bytes. Stateless.
 *
 * <pre>
 *   status 1 | has value 1 | flags 4 | expiry 8 | version 8 | number 8 | reason n4 | value n4, if it has one
 * </pre>
 */
public final class ResultCodec {
    private ResultCodec() {}

    /** Appends the result. */
    public static void encode(Result result, ByteWriter out) {
        byte[] value = result.value();
        out.u8(result.status().ordinal()).bool(value != null);
        out.i32(result.flags()).i64(result.expiry()).i64(result.version()).i64(result.number());
        out.string(result.reason());
        if (value != null) {
            out.bytes(value);
        }
    }

    /**
     * Reads a result, which then owns its bytes.
     *
     * @throws MalformedFrameException if these bytes are none
     */
    public static Result decode(ByteReader in) {
        Result.Status status;
        try {
            status = Result.Status.of(in.u8());
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException("not a result: " + e.getMessage());
        }
        boolean hasValue = in.bool();
        int flags = in.i32();
        long expiry = in.i64();
        long version = in.i64();
        long number = in.i64();
        String reason = in.string();
        return new Result(status, hasValue ? in.bytes() : null, flags, expiry, version, number, reason);
    }
}
