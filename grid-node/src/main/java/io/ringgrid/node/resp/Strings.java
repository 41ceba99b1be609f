package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Counting;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Commands on strings. Stateless. */
final class Strings {
    private static final byte[] DECREMENT_OVERFLOW = Replies.ascii("-ERR decrement would overflow\r\n");
    private static final byte[] OFFSET_RANGE = Replies.ascii("-ERR offset is out of range\r\n");
    private static final byte[] NOT_A_FLOAT = Replies.ascii("-ERR value is not a valid float\r\n");
    private static final byte[] INFINITE = Replies.ascii("-ERR increment would produce NaN or Infinity\r\n");
    /** Redis' limit of a string: beyond it, whatever our own limit is, nothing is asked of the key. */
    private static final long MAX_STRING_BYTES = 512 << 20;

    private static final String READ = "readonly fast|string";
    private static final String GROUP = "string";

    static final List<Command> COMMANDS = List.of(
            Command.onKey("get", 2, READ, GROUP, "1.0.0", "Get the value of a key", Strings::get),
            Command.onKey("set", -3, "write denyoom|string", GROUP, "1.0.0", "Set a value", Strings::set),
            Command.onKey(
                    "getset", 3, "write denyoom fast|string", GROUP, "1.0.0", "Set and get a value", Strings::getset),
            Command.onKey("getdel", 2, "write fast|string", GROUP, "6.2.0", "Get and delete a value", Strings::getdel),
            Command.onKey("getex", -2, "write fast|string", GROUP, "6.2.0", "Get and set its expiry", Strings::getex),
            Command.onKey(
                    "setex", 4, "write denyoom|string", GROUP, "2.0.0", "Set with a time in seconds", Strings::setex),
            Command.onKey(
                    "psetex", 4, "write denyoom|string", GROUP, "2.6.0", "Set with a time in ms", Strings::psetex),
            Command.onKey("setnx", 3, "write denyoom fast|string", GROUP, "1.0.0", "Set if absent", Strings::setnx),
            Command.onKey("incr", 2, "write denyoom fast|string", GROUP, "1.0.0", "Add one", Strings::incr),
            Command.onKey("decr", 2, "write denyoom fast|string", GROUP, "1.0.0", "Subtract one", Strings::decr),
            Command.onKey("incrby", 3, "write denyoom fast|string", GROUP, "1.0.0", "Add a number", Strings::incrBy),
            Command.onKey(
                    "decrby", 3, "write denyoom fast|string", GROUP, "1.0.0", "Subtract a number", Strings::decrBy),
            Command.onKey(
                    "incrbyfloat",
                    3,
                    "write denyoom fast|string",
                    GROUP,
                    "2.6.0",
                    "Add a decimal fraction",
                    Strings::incrByFloat),
            Command.onKey("append", 3, "write denyoom fast|string", GROUP, "2.0.0", "Append text", Strings::append),
            Command.onKey("strlen", 2, READ, GROUP, "2.2.0", "Get the length of a value", Strings::strlen),
            Command.onKey("getrange", 4, "readonly|string", GROUP, "2.4.0", "Get a part", Strings::getrange),
            Command.onKey("setrange", 4, "write denyoom|string", GROUP, "2.2.0", "Set a part", Strings::setrange),
            Command.of("mget", -2, READ, GROUP, "1.0.0", "Get the values of keys", Strings::mget)
                    .withKeys(1, -1, 1),
            Command.of("mset", -3, "write denyoom|string", GROUP, "1.0.1", "Set the values of keys", Strings::mset)
                    .withKeys(1, -1, 2),
            Command.of(
                            "msetnx",
                            -3,
                            "write denyoom|string",
                            GROUP,
                            "1.0.1",
                            "Set keys if all are absent",
                            Strings::msetnx)
                    .withKeys(1, -1, 2));

    private Strings() {}

    static void get(RespConnection connection, Arguments arguments) {
        if (connection.operation(Kind.GET, 1) != null) {
            connection.submit(
                    connection.protocol() == 3
                            ? (result, out) -> Replies.value(result, out, 3)
                            : (result, out) -> Replies.value(result, out, 2),
                    true);
        }
    }

    private static void strlen(RespConnection connection, Arguments arguments) {
        if (connection.operation(Kind.GET, 1) != null) {
            connection.submit(Replies::length, true);
        }
    }

    private static void getrange(RespConnection connection, Arguments arguments) {
        if (!connection.readNumber(2)) {
            connection.answer(Replies.NOT_AN_INTEGER);
            return;
        }
        long first = connection.number();
        if (!connection.readNumber(3)) {
            connection.answer(Replies.NOT_AN_INTEGER);
            return;
        }
        long last = connection.number();
        if (connection.operation(Kind.GET, 1) != null) {
            connection.submit((result, out) -> range(result, out, first, last), true);
        }
    }

    /** From the first byte to the last, both included; negative ones count from the end. */
    private static void range(Result result, ByteBuf out, long first, long last) {
        byte[] value = result.value();
        if (result.status() == Status.MISSING) {
            Replies.bulk(out, new byte[0]);
        } else if (result.status() != Status.FOUND || value == null) {
            Replies.refused(result, out);
        } else if (first < 0 && last < 0 && first > last) {
            Replies.bulk(out, new byte[0]);
        } else {
            long from = Math.max(0, first < 0 ? first + value.length : first);
            long to = Math.min(value.length - 1L, Math.max(0, last < 0 ? last + value.length : last));
            int length = (int) Math.max(0, to - from + 1);
            Replies.head(out, '$', length);
            out.writeBytes(value, length == 0 ? 0 : (int) from, length);
            out.writeByte('\r').writeByte('\n');
        }
    }

    static void set(RespConnection connection, Arguments arguments) {
        SetOptions options = new SetOptions("set");
        byte[] error = options.read(connection, arguments, 3);
        if (error != null) {
            connection.answer(error);
            return;
        }
        Operation operation = put(connection, arguments, 2);
        if (operation == null) {
            return;
        }
        operation.condition = options.condition();
        operation.expiry = options.expiry();
        operation.wantsOld = options.wantsOld();
        int protocol = connection.protocol();
        connection.submit(
                options.wantsOld()
                        ? (result, out) -> Replies.old(result, out, protocol)
                        : (result, out) -> Replies.stored(result, out, protocol),
                false);
    }

    private static @Nullable Operation put(RespConnection connection, Arguments arguments, int valueArgument) {
        Operation operation = connection.operation(Kind.PUT, 1);
        return operation == null
                ? null
                : operation.value(arguments.bytes(), arguments.from(valueArgument), arguments.length(valueArgument));
    }

    private static void getset(RespConnection connection, Arguments arguments) {
        Operation operation = put(connection, arguments, 2);
        if (operation != null) {
            operation.wantsOld = true;
            int protocol = connection.protocol();
            connection.submit((result, out) -> Replies.old(result, out, protocol), false);
        }
    }

    private static void getdel(RespConnection connection, Arguments arguments) {
        Operation operation = connection.operation(Kind.REMOVE, 1);
        if (operation != null) {
            operation.wantsOld = true;
            int protocol = connection.protocol();
            connection.submit((result, out) -> Replies.old(result, out, protocol), false);
        }
    }

    private static void getex(RespConnection connection, Arguments arguments) {
        SetOptions options = new SetOptions("getex");
        byte[] error = options.read(connection, arguments, 2);
        if (error != null && error != Replies.SYNTAX_ERROR && connection.operation(Kind.GET, 1) != null) {
            // Redis looks at the key before it looks at the time.
            int protocol = connection.protocol();
            connection.submit(
                    (result, out) -> {
                        if (result.status() == Status.FOUND) {
                            out.writeBytes(error);
                        } else {
                            Replies.value(result, out, protocol);
                        }
                    },
                    true);
        } else if (error != null) {
            connection.answer(error);
        } else if (arguments.count() == 2) {
            get(connection, arguments);
        } else {
            Operation operation = connection.operation(Kind.TOUCH, 1);
            if (operation != null) {
                operation.expiry = options.expiry();
                operation.wantsOld = true;
                int protocol = connection.protocol();
                connection.submit((result, out) -> Replies.old(result, out, protocol), false);
            }
        }
    }

    private static void setex(RespConnection connection, Arguments arguments) {
        setWithTime(connection, arguments, "setex", 1000);
    }

    private static void psetex(RespConnection connection, Arguments arguments) {
        setWithTime(connection, arguments, "psetex", 1);
    }

    private static void setWithTime(RespConnection connection, Arguments arguments, String name, long unitMillis) {
        SetOptions options = new SetOptions(name);
        byte[] error = options.readTime(connection, 2, unitMillis);
        if (error != null) {
            connection.answer(error);
            return;
        }
        Operation operation = put(connection, arguments, 3);
        if (operation != null) {
            operation.expiry = options.expiry();
            connection.submit((result, out) -> Replies.stored(result, out, 2), false);
        }
    }

    private static void setnx(RespConnection connection, Arguments arguments) {
        Operation operation = put(connection, arguments, 2);
        if (operation != null) {
            operation.condition = Condition.IF_ABSENT;
            connection.submit(Replies::whether, false);
        }
    }

    static void incr(RespConnection connection, Arguments arguments) {
        add(connection, 1);
    }

    static void decr(RespConnection connection, Arguments arguments) {
        add(connection, -1);
    }

    static void incrBy(RespConnection connection, Arguments arguments) {
        if (connection.readNumber(2)) {
            add(connection, connection.number());
        } else {
            connection.answer(Replies.NOT_AN_INTEGER);
        }
    }

    static void decrBy(RespConnection connection, Arguments arguments) {
        if (!connection.readNumber(2)) {
            connection.answer(Replies.NOT_AN_INTEGER);
        } else if (connection.number() == Long.MIN_VALUE) {
            connection.answer(DECREMENT_OVERFLOW);
        } else {
            add(connection, -connection.number());
        }
    }

    private static void add(RespConnection connection, long delta) {
        Operation operation = connection.operation(Kind.INCREMENT, 1);
        if (operation != null) {
            operation.delta = delta;
            operation.counting = Counting.SIGNED;
            operation.expiry = Operation.KEEP;
            operation.condition = Condition.ALWAYS;
            connection.submit(Replies::counted, false);
        }
    }

    private static void incrByFloat(RespConnection connection, Arguments arguments) {
        Operation operation = connection.operation(Kind.ADD, 1);
        if (operation != null) {
            operation.value(arguments.bytes(), arguments.from(2), arguments.length(2));
            connection.submit(Strings::added, false);
        }
    }

    private static void added(Result result, ByteBuf out) {
        byte[] sum = result.value();
        switch (result.status()) {
            case NOT_A_NUMBER -> out.writeBytes(NOT_A_FLOAT);
            case OVERFLOW -> out.writeBytes(INFINITE);
            default -> {
                if (result.status() == Status.DONE && sum != null) {
                    Replies.bulk(out, sum);
                } else {
                    Replies.refused(result, out);
                }
            }
        }
    }

    private static void append(RespConnection connection, Arguments arguments) {
        Operation operation = connection.operation(Kind.APPEND, 1);
        if (operation != null) {
            operation.value(arguments.bytes(), arguments.from(2), arguments.length(2));
            connection.submit(Replies::size, false);
        }
    }

    private static void setrange(RespConnection connection, Arguments arguments) {
        if (!connection.readNumber(2)) {
            connection.answer(Replies.NOT_AN_INTEGER);
            return;
        }
        long offset = connection.number();
        int length = arguments.length(3);
        if (offset < 0) {
            connection.answer(OFFSET_RANGE);
        } else if (length == 0) {
            strlen(connection, arguments);
        } else if (offset > MAX_STRING_BYTES - length) {
            connection.answer(Replies.TOO_LARGE);
        } else {
            Operation operation = connection.operation(Kind.OVERWRITE, 1);
            if (operation != null) {
                operation.value(arguments.bytes(), arguments.from(3), length);
                operation.delta = offset;
                connection.submit(Replies::size, false);
            }
        }
    }

    private static void mget(RespConnection connection, Arguments arguments) {
        int protocol = connection.protocol();
        connection.askKeys(new KeysSlot(Kind.GET, 1, arguments.count() - 1, connection.maxReplyBytes(), (slot, out) -> {
            Replies.head(out, '*', slot.count());
            for (int i = 0; i < slot.count(); i++) {
                connection.statistics().countRead(slot.result(i));
                Replies.value(slot.result(i), out, protocol);
            }
        }));
    }

    private static void mset(RespConnection connection, Arguments arguments) {
        if (arguments.count() % 2 == 0) {
            connection.answer(Replies.wrongArity("mset"));
            return;
        }
        connection.askKeys(new KeysSlot(
                Kind.PUT,
                2,
                arguments.count() / 2,
                connection.maxReplyBytes(),
                (slot, out) -> out.writeBytes(Replies.OK)));
    }

    private static void msetnx(RespConnection connection, Arguments arguments) {
        if (arguments.count() % 2 == 0) {
            connection.answer(Replies.wrongArity("msetnx"));
            return;
        }
        List<Operation> parts = new ArrayList<>();
        for (Kind kind : List.of(Kind.CHECK, Kind.PUT)) {
            for (int at = 1; at < arguments.count(); at += 2) {
                Operation part = connection.operation(kind, at);
                if (part == null) {
                    return;
                }
                if (kind == Kind.PUT) {
                    part.value(arguments.bytes(), arguments.from(at + 1), arguments.length(at + 1));
                } else {
                    part.condition = Condition.IF_ABSENT;
                }
                parts.add(part.copy());
            }
        }
        if (connection.isOneSlot(arguments, 1, arguments.count() - 2, 2)) {
            connection.transact(parts, Replies::whether);
        }
    }
}
