package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Commands on a key's time to live. Stateless. */
final class Expiries {
    private static final byte[] NX_AND_OTHERS =
            Replies.ascii("-ERR NX and XX, GT or LT options at the same time are not compatible\r\n");
    private static final byte[] GT_AND_LT =
            Replies.ascii("-ERR GT and LT options at the same time are not compatible\r\n");
    private static final String WRITE = "write fast|keyspace";
    private static final String READ = "readonly fast|keyspace";
    private static final String GROUP = "generic";

    static final List<Command> COMMANDS = List.of(
            Command.onKey(
                    "expire",
                    -3,
                    WRITE,
                    GROUP,
                    "1.0.0",
                    "Set a time to live in seconds",
                    (c, a) -> expire(c, a, "expire", 1000, true)),
            Command.onKey(
                    "pexpire",
                    -3,
                    WRITE,
                    GROUP,
                    "2.6.0",
                    "Set a time to live in ms",
                    (c, a) -> expire(c, a, "pexpire", 1, true)),
            Command.onKey(
                    "expireat",
                    -3,
                    WRITE,
                    GROUP,
                    "1.2.0",
                    "Set the second of expiry",
                    (c, a) -> expire(c, a, "expireat", 1000, false)),
            Command.onKey(
                    "pexpireat",
                    -3,
                    WRITE,
                    GROUP,
                    "2.6.0",
                    "Set the millisecond of expiry",
                    (c, a) -> expire(c, a, "pexpireat", 1, false)),
            Command.onKey("persist", 2, WRITE, GROUP, "2.2.0", "Remove the time to live", Expiries::persist),
            Command.onKey(
                    "ttl", 2, READ, GROUP, "1.0.0", "Get the time to live in seconds", (c, a) -> tell(c, 1000, true)),
            Command.onKey("pttl", 2, READ, GROUP, "2.6.0", "Get the time to live in ms", (c, a) -> tell(c, 1, true)),
            Command.onKey(
                    "expiretime", 2, READ, GROUP, "7.0.0", "Get the second of expiry", (c, a) -> tell(c, 1000, false)),
            Command.onKey(
                    "pexpiretime",
                    2,
                    READ,
                    GROUP,
                    "7.0.0",
                    "Get the millisecond of expiry",
                    (c, a) -> tell(c, 1, false)));

    private Expiries() {}

    static byte[] invalid(String command) {
        return Replies.error("ERR invalid expire time in '" + command + "' command");
    }

    private static void expire(
            RespConnection connection, Arguments arguments, String name, long unitMillis, boolean isRelative) {
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
        long base = isRelative ? connection.wallMillis() : 0;
        if (given > Long.MAX_VALUE / unitMillis
                || given < Long.MIN_VALUE / unitMillis
                || given * unitMillis > Long.MAX_VALUE - base) {
            connection.answer(invalid(name));
            return;
        }
        Operation operation = connection.operation(Kind.TOUCH, 1);
        if (operation != null) {
            // A moment that has passed removes the entry; 0 and -1 would mean something else to the engine.
            operation.expiry = Math.max(1, given * unitMillis + base);
            operation.condition = options.condition();
            connection.submit(Replies::whether, false);
        }
    }

    private static void persist(RespConnection connection, Arguments arguments) {
        Operation operation = connection.operation(Kind.TOUCH, 1);
        if (operation != null) {
            operation.expiry = Operation.NEVER;
            operation.condition = Condition.IF_EXPIRING;
            connection.submit(Replies::whether, false);
        }
    }

    private static void tell(RespConnection connection, long unitMillis, boolean isRelative) {
        if (connection.operation(Kind.GET, 1) != null) {
            connection.submit(
                    (result, out) -> tell(result, out, isRelative ? connection.wallMillis() : 0, unitMillis), true);
        }
    }

    private static void tell(Result result, ByteBuf out, long base, long unitMillis) {
        switch (result.status()) {
            case MISSING -> Replies.number(out, -2);
            case FOUND -> {
                long millis = Math.max(0, result.expiry() - base);
                Replies.number(out, result.expiry() == Operation.NEVER ? -1 : (millis + unitMillis / 2) / unitMillis);
            }
            default -> Replies.refused(result, out);
        }
    }

    /** {@code [NX | XX | GT | LT]} of EXPIRE and its like. */
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

        Condition condition() {
            if (ifNone) {
                return Condition.IF_LASTING;
            }
            if (ifGreater) {
                return Condition.IF_LATER;
            }
            if (ifLess) {
                return ifAny ? Condition.IF_EXPIRING_AND_SOONER : Condition.IF_SOONER;
            }
            return ifAny ? Condition.IF_EXPIRING : Condition.ALWAYS;
        }
    }
}
