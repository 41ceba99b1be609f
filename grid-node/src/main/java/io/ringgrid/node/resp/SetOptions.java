package io.ringgrid.node.resp;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import org.jspecify.annotations.Nullable;

/** The options of SET: {@code [NX | XX] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL]}. Of one command. */
final class SetOptions {
    /** How the expiry is given. */
    private enum Expiry {
        NONE,
        KEEP,
        EX,
        PX,
        EXAT,
        PXAT
    }

    private Condition condition = Condition.ALWAYS;
    private Expiry kind = Expiry.NONE;
    private int expiryArgument;
    private long expiry = Operation.NEVER;
    private boolean wantsOld;

    /** Reads the options; the reply that says what is wrong with them, or null. */
    byte @Nullable [] read(RespConnection connection, Arguments arguments) {
        for (int at = 3; at < arguments.count(); at++) {
            if (arguments.is(at, "nx") && condition != Condition.IF_PRESENT) {
                condition = Condition.IF_ABSENT;
            } else if (arguments.is(at, "xx") && condition != Condition.IF_ABSENT) {
                condition = Condition.IF_PRESENT;
            } else if (arguments.is(at, "get")) {
                wantsOld = true;
            } else {
                Expiry named = expiryKind(arguments, at);
                if (named == Expiry.NONE || (kind != Expiry.NONE && kind != named)) {
                    return Replies.SYNTAX_ERROR;
                }
                kind = named;
                if (named != Expiry.KEEP) {
                    expiryArgument = ++at;
                    if (at == arguments.count()) {
                        return Replies.SYNTAX_ERROR;
                    }
                }
            }
        }
        return readExpiry(connection);
    }

    private static Expiry expiryKind(Arguments arguments, int at) {
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
        return arguments.is(at, "keepttl") ? Expiry.KEEP : Expiry.NONE;
    }

    private byte @Nullable [] readExpiry(RespConnection connection) {
        if (kind == Expiry.NONE || kind == Expiry.KEEP) {
            expiry = kind == Expiry.KEEP ? Operation.KEEP : Operation.NEVER;
            return null;
        }
        if (!connection.readNumber(expiryArgument)) {
            return Replies.NOT_AN_INTEGER;
        }
        long given = connection.number();
        boolean seconds = kind == Expiry.EX || kind == Expiry.EXAT;
        boolean relative = kind == Expiry.EX || kind == Expiry.PX;
        long now = relative ? connection.wallMillis() : 0;
        if (given <= 0 || (seconds && given > Long.MAX_VALUE / 1000)) {
            return Expiries.invalid("set");
        }
        long millis = seconds ? given * 1000 : given;
        if (millis > Long.MAX_VALUE - now) {
            return Expiries.invalid("set");
        }
        expiry = now + millis;
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
