package io.ringgrid.node.resp;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Counting;
import io.ringgrid.op.Operation.Kind;

/** Commands on one string. Stateless. */
final class Strings {
    private static final byte[] DECREMENT_OVERFLOW = Replies.ascii("-ERR decrement would overflow\r\n");

    private Strings() {}

    static void get(RespConnection connection, Arguments arguments) {
        Operation operation = connection.operation(Kind.GET, 1);
        if (operation != null) {
            connection.submit(
                    connection.protocol() == 3
                            ? (result, out) -> Replies.value(result, out, 3)
                            : (result, out) -> Replies.value(result, out, 2),
                    true);
        }
    }

    static void type(RespConnection connection, Arguments arguments) {
        if (connection.operation(Kind.GET, 1) != null) {
            connection.submit(Replies::type, true);
        }
    }

    static void set(RespConnection connection, Arguments arguments) {
        SetOptions options = new SetOptions();
        byte[] error = options.read(connection, arguments);
        if (error != null) {
            connection.answer(error);
            return;
        }
        Operation operation = connection.operation(Kind.PUT, 1);
        if (operation == null) {
            return;
        }
        operation.value(arguments.bytes(), arguments.from(2), arguments.length(2));
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
}
