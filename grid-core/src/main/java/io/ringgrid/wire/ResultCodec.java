package io.ringgrid.wire;

import io.ringgrid.op.Result;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Result} as bytes. Stateless.
 *
 * <pre>
 *   status 1 | bits 1 | flags 4 | expiry 8 | version 8 | number 8 | reason n4 | value n4, if it has one
 *   parts n4, if it has any
 *
 *   bits: 1 has a value, 2 has parts
 * </pre>
 */
public final class ResultCodec {
    private static final int VALUE = 1;
    private static final int PARTS = 2;
    private static final int PART_BYTES = 34;
    private static final int MAX_DEPTH = 2;

    private ResultCodec() {}

    /** Appends the result. */
    public static void encode(Result result, ByteWriter out) {
        byte[] value = result.value();
        boolean hasParts = !result.parts().isEmpty();
        out.u8(result.status().ordinal()).u8((value == null ? 0 : VALUE) | (hasParts ? PARTS : 0));
        out.i32(result.flags()).i64(result.expiry()).i64(result.version()).i64(result.number());
        out.string(result.reason());
        if (value != null) {
            out.bytes(value);
        }
        if (hasParts) {
            out.i32(result.parts().size());
            result.parts().forEach(part -> encode(part, out));
        }
    }

    /**
     * Reads a result, which then owns its bytes.
     *
     * @throws MalformedFrameException if these bytes are none
     */
    public static Result decode(ByteReader in) {
        return decode(in, 0);
    }

    private static Result decode(ByteReader in, int depth) {
        Result.Status status;
        try {
            status = Result.Status.of(in.u8());
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException("not a result: " + e.getMessage());
        }
        int bits = in.u8();
        if ((bits & ~(VALUE | PARTS)) != 0) {
            throw new MalformedFrameException("not a result: bits " + bits);
        }
        int flags = in.i32();
        long expiry = in.i64();
        long version = in.i64();
        long number = in.i64();
        String reason = in.string();
        byte[] value = (bits & VALUE) != 0 ? in.bytes() : null;
        List<Result> parts = (bits & PARTS) != 0 ? parts(in, depth + 1) : List.of();
        return new Result(status, value, flags, expiry, version, number, reason, parts);
    }

    private static List<Result> parts(ByteReader in, int depth) {
        if (depth > MAX_DEPTH) {
            throw new MalformedFrameException("not a result: parts of parts of parts");
        }
        int count = in.count(PART_BYTES);
        List<Result> parts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            parts.add(decode(in, depth));
        }
        return parts;
    }
}
