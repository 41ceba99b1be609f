package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import org.jspecify.annotations.Nullable;

/** Commands on a key's time to live. Stateless. */
final class Expiries {
    private static final byte[] NX_AND_OTHERS =
            Replies.ascii("-ERR NX and XX, GT or LT options at the same time are not compatible\r\n");
    private static final byte[] GT_AND_LT =
            Replies.ascii("-ERR GT and LT options at the same time are not compatible\r\n");

    private Expiries() {}

    static byte[] invalid(String command) {
        return Replies.error("ERR invalid expire time in '" + command + "' command");
    }

    static void expire(RespConnection connection, Arguments arguments) {
        expire(connection, arguments, "expire", 1000);
    }

    static void pexpire(RespConnection connection, Arguments arguments) {
        expire(connection, arguments, "pexpire", 1);
    }

    private static void expire(RespConnection connection, Arguments arguments, String name, long unitMillis) {
        ExpireOptions options = new ExpireOptions();
        byte[] error = options.read(arguments);
        if (error != null) {
            connection.answer(error);
            return;
        }
        if (!connection.readNumber(2)) {
            connection.answer(Replies.NOT_AN_INTEGER);
            return;
        }
        long given = connection.number();
        long now = connection.wallMillis();
        if (given > Long.MAX_VALUE / unitMillis
                || given < Long.MIN_VALUE / unitMillis
                || given * unitMillis > Long.MAX_VALUE - now) {
            connection.answer(invalid(name));
            return;
        }
        // A moment that has passed removes the entry; 0 and -1 would mean something else to the engine.
        long expiry = Math.max(1, given * unitMillis + now);
        if (options.isNone()) {
            Operation operation = connection.operation(Kind.TOUCH, 1);
            if (operation != null) {
                operation.expiry = expiry;
                connection.submit(Replies::whether, false);
            }
        } else {
            connection.touchIf(options.condition(expiry), expiry);
        }
    }

    static void persist(RespConnection connection, Arguments arguments) {
        connection.touchIf(present -> present != Operation.NEVER, Operation.NEVER);
    }

    static void ttl(RespConnection connection, Arguments arguments) {
        left(connection, 1000);
    }

    static void pttl(RespConnection connection, Arguments arguments) {
        left(connection, 1);
    }

    private static void left(RespConnection connection, long unitMillis) {
        if (connection.operation(Kind.GET, 1) != null) {
            connection.submit((result, out) -> left(result, out, connection.wallMillis(), unitMillis), true);
        }
    }

    private static void left(Result result, ByteBuf out, long now, long unitMillis) {
        switch (result.status()) {
            case MISSING -> Replies.number(out, -2);
            case FOUND -> {
                long millis = Math.max(0, result.expiry() - now);
                Replies.number(out, result.expiry() == Operation.NEVER ? -1 : (millis + unitMillis / 2) / unitMillis);
            }
            default -> Replies.refused(result, out);
        }
    }

    /** {@code [NX | XX | GT | LT]} of EXPIRE and PEXPIRE. */
    private static final class ExpireOptions {
        private boolean ifNone;
        private boolean ifAny;
        private boolean ifGreater;
        private boolean ifLess;

        byte @Nullable [] read(Arguments arguments) {
            for (int at = 3; at < arguments.count(); at++) {
                if (arguments.is(at, "nx")) {
                    ifNone = true;
                } else if (arguments.is(at, "xx")) {
                    ifAny = true;
                } else if (arguments.is(at, "gt")) {
                    ifGreater = true;
                } else if (arguments.is(at, "lt")) {
                    ifLess = true;
                } else {
                    return Replies.error("ERR Unsupported option " + arguments.printed(at, Integer.MAX_VALUE));
                }
            }
            if (ifNone && (ifAny || ifGreater || ifLess)) {
                return NX_AND_OTHERS;
            }
            return ifGreater && ifLess ? GT_AND_LT : null;
        }

        boolean isNone() {
            return !ifNone && !ifAny && !ifGreater && !ifLess;
        }

        /** Without an expiry a key lives for ever: nothing is greater, everything is less. */
        ConditionalTouch.Condition condition(long expiry) {
            return present -> {
                boolean any = present != Operation.NEVER;
                return !(ifNone && any)
                        && !(ifAny && !any)
                        && !(ifGreater && (!any || expiry <= present))
                        && !(ifLess && any && expiry >= present);
            };
        }
    }
}
