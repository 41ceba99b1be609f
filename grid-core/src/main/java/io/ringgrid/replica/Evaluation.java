package io.ringgrid.replica;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Counting;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.store.EntryCursor;
import org.jspecify.annotations.Nullable;

/**
 * What an operation means for an entry: the primary decides once, and ships the result (PROTOCOL.md 4). Pure functions.
 */
final class Evaluation {
    private static final byte[] NONE = new byte[0];

    /**
     * What is to be done.
     *
     * @param effect what becomes of the entry
     * @param value for PUT: its new bytes
     * @param flags for PUT
     * @param expiry for PUT: absolute, 0 = never
     * @param result what the caller hears; the version is filled in when it is known
     */
    record Decision(Effect effect, byte[] value, int flags, long expiry, Result result) {}

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
     */
    static Decision decide(Operation op, @Nullable EntryCursor entry, long line, long wall) {
        return switch (op.kind) {
            case PUT -> put(op, entry, line, wall);
            case REMOVE -> remove(op, entry, line);
            case INCREMENT -> increment(op, entry);
            case TOUCH -> touch(op, entry, line, wall);
            case GET, SIZE, CLEAR -> throw new IllegalArgumentException("not a write on a key: " + op.kind);
        };
    }

    private static Decision nothing(Result result) {
        return new Decision(Effect.NOTHING, NONE, 0, 0, result);
    }

    private static @Nullable Status obstacle(Operation op, @Nullable EntryCursor entry, long line) {
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
            return new Decision(effect, NONE, 0, 0, with(Status.DONE, op, entry, 0));
        }
        return new Decision(Effect.PUT, op.copyValue(), op.flags, expiry, with(Status.DONE, op, entry, expiry));
    }

    private static boolean hasPassed(long expiry, long wall) {
        return expiry != Operation.NEVER && expiry <= wall;
    }

    private static Decision remove(Operation op, @Nullable EntryCursor entry, long line) {
        Status obstacle = entry == null ? Status.MISSING : obstacle(op, entry, line);
        if (obstacle != null) {
            return nothing(with(obstacle, op, entry, 0));
        }
        return new Decision(Effect.REMOVE, NONE, 0, 0, with(Status.DONE, op, entry, 0));
    }

    private static Decision touch(Operation op, @Nullable EntryCursor entry, long line, long wall) {
        Status obstacle = entry == null ? Status.MISSING : obstacle(op, entry, line);
        if (obstacle != null || entry == null) {
            return nothing(Result.of(obstacle == null ? Status.MISSING : obstacle));
        }
        if (op.expiry == Operation.KEEP || op.expiry == entry.expiry) {
            return nothing(new Result(Status.DONE, null, 0, entry.expiry, Version.visible(line, entry.version), 0, ""));
        }
        if (hasPassed(op.expiry, wall)) {
            return new Decision(Effect.REMOVE, NONE, 0, 0, Result.DONE);
        }
        return new Decision(
                Effect.PUT,
                entry.copyValue(),
                entry.flags,
                op.expiry,
                new Result(Status.DONE, null, 0, op.expiry, 0, 0, ""));
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
                Effect.PUT, value, flags, expiry, new Result(Status.DONE, null, flags, expiry, 0, number, ""));
    }
}
