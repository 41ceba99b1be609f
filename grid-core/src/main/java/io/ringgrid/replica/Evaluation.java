package io.ringgrid.replica;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Counting;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.store.EntryCursor;
import org.jspecify.annotations.Nullable;

/**
 * What an operation means for an entry: the primary decides once, and ships the result (PROTOCOL.md 4). Pure functions.
 */
final class Evaluation {
    private static final byte[] NONE = new byte[0];
    private static final byte[] ZERO = {'0'};

    /**
     * What is to be done.
     *
     * @param effect what becomes of the entry
     * @param value for PUT: its new bytes
     * @param flags for PUT
     * @param expiry for PUT: absolute, 0 = never
     * @param idle for PUT: after how many milliseconds without use it ends, 0 = however long
     * @param result what the caller hears; the version is filled in when it is known
     */
    record Decision(Effect effect, byte[] value, int flags, long expiry, long idle, Result result) {}

    /** What becomes of the entry. */
    enum Effect {
        NOTHING,
        PUT,
        REMOVE
    }

    private Evaluation() {}

    /**
     * Decides a write on one key.
     *
     * @param entry as it is, or null if the key is absent
     * @param line of the partition, to compare versions
     * @param wall now: an expiry up to it has passed
     * @param maxValueBytes beyond which no value may grow
     */
    static Decision decide(Operation op, @Nullable EntryCursor entry, long line, long wall, int maxValueBytes) {
        return switch (op.kind) {
            case PUT -> put(op, entry, line, wall);
            case REMOVE -> remove(op, entry, line);
            case INCREMENT -> increment(op, entry);
            case TOUCH -> touch(op, entry, line, wall);
            case APPEND, PREPEND -> extend(op, entry, line, wall, maxValueBytes);
            case OVERWRITE -> overwrite(op, entry, maxValueBytes);
            case ADD -> add(op, entry);
            case GET, SIZE, CLEAR, SCAN, TRANSACT, CHECK, COPY, RENAME ->
                throw new IllegalArgumentException("not a write on a key: " + op.kind);
        };
    }

    private static Decision nothing(Result result) {
        return new Decision(Effect.NOTHING, NONE, 0, 0, 0, result);
    }

    /** Why the operation's condition does not hold, or null if it does. */
    static @Nullable Status obstacle(Operation op, @Nullable EntryCursor entry, long line) {
        return switch (op.condition) {
            case ALWAYS -> null;
            case IF_ABSENT -> entry == null ? null : Status.EXISTS;
            case IF_PRESENT -> entry == null ? Status.MISSING : null;
            case IF_VERSION -> {
                if (entry == null) {
                    yield Status.MISSING;
                }
                yield Version.visible(line, entry.version) == op.version ? null : Status.EXISTS;
            }
            case IF_LASTING, IF_EXPIRING, IF_LATER, IF_SOONER, IF_EXPIRING_AND_SOONER -> {
                if (entry == null) {
                    yield Status.MISSING;
                }
                yield holds(op.condition, entry.expiry, op.expiry) ? null : Status.EXISTS;
            }
        };
    }

    private static boolean holds(Condition condition, long present, long wanted) {
        boolean lasting = present == Operation.NEVER;
        boolean sooner = wanted != Operation.NEVER && (lasting || wanted < present);
        return switch (condition) {
            case IF_LASTING -> lasting;
            case IF_EXPIRING -> !lasting;
            case IF_LATER -> !lasting && (wanted == Operation.NEVER || wanted > present);
            case IF_SOONER -> sooner;
            case IF_EXPIRING_AND_SOONER -> !lasting && sooner;
            default -> throw new IllegalArgumentException(condition + " is not about an expiry");
        };
    }

    private static Result with(Status status, Operation op, @Nullable EntryCursor entry, long expiry) {
        if (!op.wantsOld || entry == null) {
            return new Result(status, null, 0, expiry, 0, 0, "");
        }
        return new Result(status, entry.copyValue(), entry.flags, expiry, 0, 0, "");
    }

    private static Decision put(Operation op, @Nullable EntryCursor entry, long line, long wall) {
        Status obstacle = obstacle(op, entry, line);
        if (obstacle != null) {
            return nothing(with(obstacle, op, entry, entry == null ? 0 : entry.expiry));
        }
        long expiry = op.expiry;
        if (expiry == Operation.KEEP) {
            expiry = entry == null ? Operation.NEVER : entry.expiry;
        }
        if (hasPassed(expiry, wall)) {
            Effect effect = entry == null ? Effect.NOTHING : Effect.REMOVE;
            return new Decision(effect, NONE, 0, 0, 0, with(Status.DONE, op, entry, 0));
        }
        long idle = op.expiry == Operation.KEEP ? idle(entry) : Math.max(0, op.idle);
        return new Decision(Effect.PUT, op.copyValue(), op.flags, expiry, idle, with(Status.DONE, op, entry, expiry));
    }

    private static long idle(@Nullable EntryCursor entry) {
        return entry == null ? 0 : entry.idle;
    }

    private static boolean hasPassed(long expiry, long wall) {
        return expiry != Operation.NEVER && expiry <= wall;
    }

    private static Decision remove(Operation op, @Nullable EntryCursor entry, long line) {
        Status obstacle = entry == null ? Status.MISSING : obstacle(op, entry, line);
        if (obstacle != null) {
            return nothing(with(obstacle, op, entry, 0));
        }
        return new Decision(Effect.REMOVE, NONE, 0, 0, 0, with(Status.DONE, op, entry, 0));
    }

    private static Decision touch(Operation op, @Nullable EntryCursor entry, long line, long wall) {
        Status obstacle = entry == null ? Status.MISSING : obstacle(op, entry, line);
        if (obstacle != null || entry == null) {
            return nothing(Result.of(obstacle == null ? Status.MISSING : obstacle));
        }
        long expiry = op.expiry == Operation.KEEP ? entry.expiry : op.expiry;
        long idle = op.idle < 0 ? entry.idle : op.idle;
        if (expiry == entry.expiry && idle == entry.idle) {
            byte[] value = op.wantsOld ? entry.copyValue() : null;
            long version = Version.visible(line, entry.version);
            return nothing(
                    new Result(Status.DONE, value, value == null ? 0 : entry.flags, entry.expiry, version, 0, ""));
        }
        if (hasPassed(expiry, wall)) {
            return new Decision(Effect.REMOVE, NONE, 0, 0, 0, with(Status.DONE, op, entry, 0));
        }
        Result result = with(Status.DONE, op, entry, expiry);
        byte[] value = result.value() == null ? entry.copyValue() : result.value();
        return new Decision(Effect.PUT, value, entry.flags, expiry, idle, result);
    }

    private static Decision extend(Operation op, @Nullable EntryCursor entry, long line, long wall, int maxValueBytes) {
        if (entry == null) {
            Decision created = put(op, null, line, wall);
            return created.effect() == Effect.PUT
                    ? extended(created.value(), created.flags(), created.expiry(), created.idle())
                    : created;
        }
        Status obstacle = obstacle(op, entry, line);
        if (obstacle != null) {
            return nothing(Result.of(obstacle));
        }
        long length = (long) entry.valueLength + op.valueLength;
        if (length > maxValueBytes) {
            return nothing(
                    Result.refused(Status.TOO_LARGE, "a value has at most " + maxValueBytes + " bytes, not " + length));
        }
        byte[] value = new byte[(int) length];
        boolean behind = op.kind == Kind.APPEND;
        System.arraycopy(entry.copyValue(), 0, value, behind ? 0 : op.valueLength, entry.valueLength);
        System.arraycopy(op.valueBytes, op.valueOffset, value, behind ? entry.valueLength : 0, op.valueLength);
        return extended(value, entry.flags, entry.expiry, entry.idle);
    }

    private static Decision extended(byte[] value, int flags, long expiry, long idle) {
        return new Decision(
                Effect.PUT, value, flags, expiry, idle, new Result(Status.DONE, null, 0, expiry, 0, value.length, ""));
    }

    private static Decision overwrite(Operation op, @Nullable EntryCursor entry, int maxValueBytes) {
        int before = entry == null ? 0 : entry.valueLength;
        if (op.delta < 0 || op.delta > maxValueBytes - op.valueLength) {
            String reason = "a value has at most " + maxValueBytes + " bytes, not " + op.delta + " and more";
            return nothing(Result.refused(Status.TOO_LARGE, reason));
        }
        int length = Math.max(before, (int) op.delta + op.valueLength);
        byte[] value = new byte[length];
        if (entry != null) {
            System.arraycopy(entry.copyValue(), 0, value, 0, before);
        }
        System.arraycopy(op.valueBytes, op.valueOffset, value, (int) op.delta, op.valueLength);
        return entry == null
                ? extended(value, op.flags, Operation.NEVER, 0)
                : extended(value, entry.flags, entry.expiry, entry.idle);
    }

    private static Decision add(Operation op, @Nullable EntryCursor entry) {
        byte[] present = entry == null ? ZERO : entry.copyValue();
        byte[] more = op.copyValue();
        LongDouble before = LongDouble.parse(present);
        LongDouble added = LongDouble.parse(more);
        if ((before == null && !LongDouble.isInfinite(present)) || (added == null && !LongDouble.isInfinite(more))) {
            return nothing(Result.of(Status.NOT_A_NUMBER));
        }
        if (before == null || added == null) {
            return nothing(Result.of(Status.OVERFLOW));
        }
        LongDouble sum = before.plus(added);
        if (sum == null) {
            return nothing(Result.of(Status.OVERFLOW));
        }
        byte[] text = sum.text();
        int flags = entry == null ? 0 : entry.flags;
        long expiry = entry == null ? Operation.NEVER : entry.expiry;
        return new Decision(
                Effect.PUT, text, flags, expiry, idle(entry), new Result(Status.DONE, text, flags, expiry, 0, 0, ""));
    }

    private static Decision increment(Operation op, @Nullable EntryCursor entry) {
        return op.counting == Counting.SIGNED ? incrementSigned(op, entry) : incrementUnsigned(op, entry);
    }

    private static Decision incrementSigned(Operation op, @Nullable EntryCursor entry) {
        long before = 0;
        if (entry != null) {
            if (!Decimal.isSigned(entry)) {
                return nothing(Result.of(Status.NOT_A_NUMBER));
            }
            before = Decimal.signed(entry);
        }
        long after = before + op.delta;
        if (((before ^ after) & (op.delta ^ after)) < 0) {
            return nothing(Result.of(Status.OVERFLOW));
        }
        return counted(entry, Decimal.ofSigned(after), after);
    }

    private static Decision incrementUnsigned(Operation op, @Nullable EntryCursor entry) {
        if (entry == null) {
            return nothing(Result.MISSING);
        }
        if (!Decimal.isUnsigned(entry)) {
            return nothing(Result.of(Status.NOT_A_NUMBER));
        }
        long before = Decimal.unsigned(entry);
        long after = before + op.delta;
        if (op.subtract) {
            after = Long.compareUnsigned(before, op.delta) <= 0 ? 0 : before - op.delta;
        }
        return counted(entry, Decimal.ofUnsigned(after), after);
    }

    private static Decision counted(@Nullable EntryCursor entry, byte[] value, long number) {
        long expiry = entry == null ? Operation.NEVER : entry.expiry;
        int flags = entry == null ? 0 : entry.flags;
        return new Decision(
                Effect.PUT,
                value,
                flags,
                expiry,
                idle(entry),
                new Result(Status.DONE, null, flags, expiry, 0, number, ""));
    }
}
