package io.ringgrid.wire;

import io.ringgrid.op.Attempt;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.ring.Slots;
import java.util.ArrayList;
import java.util.List;

/**
 * An {@link Operation} as bytes. Stateless.
 *
 * <pre>
 *   kind 1 | condition 1 | counting 1 | bits 1 | map 4 | partition 4 | flags 4 | expiry 8 | idle 8 | version 8
 *   delta 8 | key n4 | value n4 | parts n4, if it is a TRANSACT | attempt 33, if it has one
 *
 *   bits: 1 subtract, 2 wantsOld, 4 has a keeper (a GET that is no part), 8 has an attempt (a write that is no part)
 *
 *   attempt: session 8 | number 8 | below 8 | again 1 | since 8
 * </pre>
 *
 * A TRANSACT has parts, of which some may be one too, whose parts may not.
 */
public final class OperationCodec {
    private static final int SUBTRACT = 1;
    private static final int WANTS_OLD = 2;
    private static final int KEPT = 4;
    private static final int ATTEMPT = 8;

    private static final int PART_BYTES = 56;

    private OperationCodec() {}

    /** Appends the operation. */
    public static void encode(Operation op, ByteWriter out) {
        out.u8(op.kind.ordinal()).u8(op.condition.ordinal()).u8(op.counting.ordinal());
        Attempt attempt = op.attempt;
        out.u8((op.subtract ? SUBTRACT : 0)
                | (op.wantsOld ? WANTS_OLD : 0)
                | (op.keeper != null ? KEPT : 0)
                | (attempt != null ? ATTEMPT : 0));
        out.i32(op.map).i32(op.partition).i32(op.flags);
        out.i64(op.expiry).i64(op.idle).i64(op.version).i64(op.delta);
        out.bytes(op.keyBytes, op.keyOffset, op.keyLength);
        out.bytes(op.valueBytes, op.valueOffset, op.valueLength);
        if (op.kind == Kind.TRANSACT) {
            out.i32(op.parts.size());
            op.parts.forEach(part -> encode(part, out));
        }
        if (attempt != null) {
            out.i64(attempt.session()).i64(attempt.number()).i64(attempt.below());
            out.bool(attempt.again()).i64(attempt.since());
        }
    }

    /**
     * Reads an operation into a cursor, whose key and value then point into the reader's array.
     *
     * @throws MalformedFrameException if these bytes are none
     */
    public static void decode(ByteReader in, Operation into) {
        decode(in, into, 0);
        if (into.kind.isPartOnly()) {
            throw new MalformedFrameException("not an operation: " + into.kind + " is only a part of one");
        }
    }

    private static void decode(ByteReader in, Operation into, int depth) {
        try {
            into.reset(Operation.Kind.of(in.u8()));
            into.condition = Operation.Condition.of(in.u8());
            into.counting = Operation.Counting.of(in.u8());
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException("not an operation: " + e.getMessage());
        }
        int bits = in.u8();
        int either = into.kind == Kind.GET ? KEPT : into.kind.isWrite() ? ATTEMPT : 0;
        if ((bits & ~(SUBTRACT | WANTS_OLD | (depth == 0 ? either : 0))) != 0) {
            throw new MalformedFrameException("not an operation: bits " + bits);
        }
        into.subtract = (bits & SUBTRACT) != 0;
        into.wantsOld = (bits & WANTS_OLD) != 0;
        into.keeper = (bits & KEPT) != 0 ? Operation.Keeper.REMOTE : null;
        into.map = in.i32();
        into.partition = in.i32();
        if (into.map < 0 || into.partition < 0 || into.partition >= Slots.COUNT) {
            throw new MalformedFrameException("not an operation: map " + into.map + ", partition " + into.partition);
        }
        into.flags = in.i32();
        into.expiry = in.i64();
        into.idle = in.i64();
        into.version = in.i64();
        into.delta = in.i64();
        int key = in.skipBytes();
        into.key(in.array(), key, in.position() - key);
        int value = in.skipBytes();
        into.value(in.array(), value, in.position() - value);
        if (into.kind == Kind.TRANSACT) {
            into.parts = parts(in, depth);
        }
        if ((bits & ATTEMPT) != 0) {
            into.attempt = attempt(in);
        }
    }

    private static Attempt attempt(ByteReader in) {
        Attempt attempt = new Attempt(in.i64(), in.i64(), in.i64(), in.bool(), in.i64());
        if (attempt.session() == 0 || attempt.number() < 1 || attempt.below() > attempt.number()) {
            throw new MalformedFrameException("not an operation: " + attempt);
        }
        return attempt;
    }

    private static List<Operation> parts(ByteReader in, int depth) {
        if (depth > 1) {
            throw new MalformedFrameException("not an operation: parts of parts of parts");
        }
        int count = in.count(PART_BYTES);
        List<Operation> parts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Operation part = new Operation();
            decode(in, part, depth + 1);
            if (part.kind.isPartitionWide()) {
                throw new MalformedFrameException("not an operation: " + part.kind + " is no part of one");
            }
            parts.add(part);
        }
        return parts;
    }
}
