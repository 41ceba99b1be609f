package io.ringgrid.node.resp;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import org.jspecify.annotations.Nullable;

/**
 * The options of SET, {@code [NX | XX] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL]}, and of GETEX, {@code [EX s | PX ms |
 * EXAT s | PXAT ms | PERSIST]}. Of one command.
 */
final class SetOptions {
    /** How the expiry is given. */
    private enum Expiry {
        NONE,
        KEEP,
        PERSIST,
        EX,
        PX,
        EXAT,
        PXAT
    }

    private final String command;
    private Condition condition = Condition.ALWAYS;
    private Expiry kind = Expiry.NONE;
    private int expiryArgument;
    private long expiry = Operation.NEVER;
    private boolean wantsOld;

    /** The options of this command. */
    SetOptions(String command) {
        this.command = command;
    }

    /** Reads the options from this argument on; the reply that says what is wrong with them, or null. */
    byte @Nullable [] read(RespConnection connection, Arguments arguments, int first) {
        boolean sets = command.equals("set");
        for (int at = first; at < arguments.count(); at++) {
            if (sets && arguments.is(at, "nx") && condition != Condition.IF_PRESENT) {
                condition = Condition.IF_ABSENT;
            } else if (sets && arguments.is(at, "xx") && condition != Condition.IF_ABSENT) {
                condition = Condition.IF_PRESENT;
            } else if (sets && arguments.is(at, "get")) {
                wantsOld = true;
            } else {
                Expiry named = expiryKind(arguments, at, sets);
                if (named == Expiry.NONE || (kind != Expiry.NONE && kind != named)) {
                    return Replies.SYNTAX_ERROR;
                }
                kind = named;
                if (named != Expiry.KEEP && named != Expiry.PERSIST) {
                    expiryArgument = ++at;
                    if (at == arguments.count()) {
                        return Replies.SYNTAX_ERROR;
                    }
                }
            }
        }
        return readExpiry(connection);
    }

    private static Expiry expiryKind(Arguments arguments, int at, boolean sets) {
        if (arguments.is(at, "ex")) {
            return Expiry.EX;
        }
        if (arguments.is(at, "px")) {
            return Expiry.PX;
        }
        if (arguments.is(at, "exat")) {
            return Expiry.EXAT;
        }
        if (arguments.is(at, "pxat")) {
            return Expiry.PXAT;
        }
        if (sets) {
            return arguments.is(at, "keepttl") ? Expiry.KEEP : Expiry.NONE;
        }
        return arguments.is(at, "persist") ? Expiry.PERSIST : Expiry.NONE;
    }

    private byte @Nullable [] readExpiry(RespConnection connection) {
        return switch (kind) {
            case NONE, PERSIST -> null;
            case KEEP -> {
                expiry = Operation.KEEP;
                yield null;
            }
            case EX -> readTime(connection, expiryArgument, 1000);
            case PX -> readTime(connection, expiryArgument, 1);
            case EXAT -> readTime(connection, expiryArgument, 1000, 0);
            case PXAT -> readTime(connection, expiryArgument, 1, 0);
        };
    }

    /** Reads a time from now on; the reply that says what is wrong with it, or null. */
    byte @Nullable [] readTime(RespConnection connection, int argument, long unitMillis) {
        return readTime(connection, argument, unitMillis, connection.wallMillis());
    }

    private byte @Nullable [] readTime(RespConnection connection, int argument, long unitMillis, long base) {
        if (!connection.readNumber(argument)) {
            return Replies.NOT_AN_INTEGER;
        }
        long given = connection.number();
        if (given <= 0 || given > Long.MAX_VALUE / unitMillis || given * unitMillis > Long.MAX_VALUE - base) {
            return Expiries.invalid(command);
        }
        expiry = base + given * unitMillis;
        return null;
    }

    Condition condition() {
        return condition;
    }

    long expiry() {
        return expiry;
    }

    boolean wantsOld() {
        return wantsOld;
    }
}
