package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.node.transport.ResultSlot;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Commands on keys, whatever they hold. Stateless. */
final class Keys {
    private static final byte[] NO_SUCH_KEY = Replies.ascii("-ERR no such key\r\n");
    private static final byte[] SAME = Replies.ascii("-ERR source and destination objects are the same\r\n");
    private static final byte[] NO_FREQUENCY = Replies.ascii("-ERR An LFU maxmemory policy is not selected,"
            + " access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU"
            + " data will take some time to adjust.\r\n");
    private static final byte[] NO_IDLE_TIME =
            Replies.ascii("-ERR idle time is not tracked: the order of use is, the time of it is not\r\n");
    /** The longest string that Redis keeps in one piece with its head. */
    private static final int MAX_EMBEDDED_BYTES = 44;

    private static final int MAX_INTEGER_BYTES = 20;
    private static final String GROUP = "generic";

    private static final List<Subcommand> OBJECT = List.of(
            new Subcommand(
                    "encoding",
                    3,
                    "ENCODING <key>",
                    "Return the kind of internal representation used in order to store the value\n"
                            + "associated with a <key>.",
                    2,
                    (connection, arguments) -> object(connection, Keys::encoding)),
            new Subcommand(
                    "freq",
                    3,
                    "FREQ <key>",
                    "Return the access frequency index of the <key>. The returned integer is\n"
                            + "proportional to the logarithm of the recent access frequency of the key.",
                    2,
                    (connection, arguments) -> object(connection, (value, out) -> out.writeBytes(NO_FREQUENCY))),
            new Subcommand(
                    "idletime",
                    3,
                    "IDLETIME <key>",
                    "Return the idle time of the <key>, that is the approximated number of\n"
                            + "seconds elapsed since the last access to the key.",
                    2,
                    (connection, arguments) -> object(connection, (value, out) -> out.writeBytes(NO_IDLE_TIME))),
            new Subcommand(
                    "refcount",
                    3,
                    "REFCOUNT <key>",
                    "Return the number of references of the value associated with the specified\n<key>.",
                    2,
                    (connection, arguments) -> object(connection, (value, out) -> Replies.number(out, 1))));

    static final List<Command> COMMANDS = List.of(
            Command.of("del", -2, "write|keyspace", GROUP, "1.0.0", "Delete keys", Keys::del)
                    .withKeys(1, -1, 1),
            Command.of("unlink", -2, "write fast|keyspace", GROUP, "4.0.0", "Delete keys", Keys::del)
                    .withKeys(1, -1, 1),
            Command.of("exists", -2, "readonly fast|keyspace", GROUP, "1.0.0", "Count which keys exist", Keys::exists)
                    .withKeys(1, -1, 1),
            Command.of("touch", -2, "readonly fast|keyspace", GROUP, "3.2.1", "Use keys, and count them", Keys::exists)
                    .withKeys(1, -1, 1),
            Command.onKey("type", 2, "readonly fast|keyspace", GROUP, "1.0.0", "Get the type of a value", Keys::type),
            Command.of("rename", 3, "write|keyspace", GROUP, "1.0.0", "Rename a key", Keys::rename)
                    .withKeys(1, 2, 1),
            Command.of("renamenx", 3, "write fast|keyspace", GROUP, "1.0.0", "Rename if absent", Keys::renamenx)
                    .withKeys(1, 2, 1),
            Command.of("copy", -3, "write denyoom|keyspace", GROUP, "6.2.0", "Copy a key", Keys::copy)
                    .withKeys(1, 2, 1),
            Command.container("object", -2, "|", GROUP, "2.2.3", "Look into a value", OBJECT));

    private Keys() {}

    private static void type(RespConnection connection, Arguments arguments) {
        if (connection.operation(Kind.GET, 1) != null) {
            connection.submit(Replies::type, true);
        }
    }

    private static void del(RespConnection connection, Arguments arguments) {
        connection.askKeys(new KeysSlot(
                Kind.REMOVE,
                1,
                arguments.count() - 1,
                connection.maxReplyBytes(),
                (slot, out) -> count(slot, Status.DONE, out)));
    }

    private static void exists(RespConnection connection, Arguments arguments) {
        connection.askKeys(
                new KeysSlot(Kind.GET, 1, arguments.count() - 1, Long.MAX_VALUE, (slot, out) -> {
                    connection.statistics().countReads(slot);
                    count(slot, Status.FOUND, out);
                }) {
                    @Override
                    Result kept(Result result) {
                        return result.status() == Status.FOUND ? Result.of(Status.FOUND) : result;
                    }
                });
    }

    private static void count(KeysSlot slot, Status counted, ByteBuf out) {
        int count = 0;
        for (int i = 0; i < slot.count(); i++) {
            if (slot.result(i).status() == counted) {
                count++;
            }
        }
        Replies.number(out, count);
    }

    private static void rename(RespConnection connection, Arguments arguments) {
        move(connection, arguments, Kind.RENAME, Condition.ALWAYS, (result, out) -> {
            switch (result.status()) {
                case DONE -> out.writeBytes(Replies.OK);
                case MISSING -> out.writeBytes(NO_SUCH_KEY);
                default -> Replies.refused(result, out);
            }
        });
    }

    private static void renamenx(RespConnection connection, Arguments arguments) {
        move(connection, arguments, Kind.RENAME, Condition.IF_ABSENT, (result, out) -> {
            if (result.status() == Status.MISSING) {
                out.writeBytes(NO_SUCH_KEY);
            } else {
                Replies.whether(result, out);
            }
        });
    }

    private static void move(
            RespConnection connection,
            Arguments arguments,
            Kind kind,
            Condition condition,
            ResultSlot.Encoder encoder) {
        Operation part = twoKeys(connection, arguments, kind);
        if (part != null) {
            part.condition = condition;
            connection.transact(part.copy(), encoder);
        }
    }

    /** What sets the second argument's key to what the first one holds. */
    private static @Nullable Operation twoKeys(RespConnection connection, Arguments arguments, Kind kind) {
        if (connection.operation(kind, 1) == null) {
            return null;
        }
        Operation part = connection.operation(kind, 2);
        if (part == null || !connection.isOneSlot(arguments, 1, 2, 1)) {
            return null;
        }
        part.value(arguments.bytes(), arguments.from(1), arguments.length(1));
        part.delta = part.map;
        return part;
    }

    private static void copy(RespConnection connection, Arguments arguments) {
        boolean replaces = false;
        int database = connection.database();
        for (int at = 3; at < arguments.count(); at++) {
            if (arguments.is(at, "replace")) {
                replaces = true;
            } else if (arguments.is(at, "db") && at + 1 < arguments.count()) {
                at++;
                if (!connection.readNumber(at)) {
                    connection.answer(Replies.NOT_AN_INTEGER);
                    return;
                }
                if (connection.number() < 0 || connection.number() >= Databases.COUNT) {
                    connection.answer(Databases.OUT_OF_RANGE);
                    return;
                }
                database = (int) connection.number();
            } else {
                connection.answer(Replies.SYNTAX_ERROR);
                return;
            }
        }
        boolean elsewhere = database != connection.database();
        if (elsewhere && connection.isCluster()) {
            connection.answer(Replies.ascii("-ERR Copying to another database is not allowed in cluster mode\r\n"));
        } else if (!elsewhere && Arrays.equals(arguments.copy(1), arguments.copy(2))) {
            connection.answer(SAME);
        } else {
            Operation part = twoKeys(connection, arguments, Kind.COPY);
            if (part != null) {
                part.condition = replaces ? Condition.ALWAYS : Condition.IF_ABSENT;
                connection.transactIn(database, part.copy(), Replies::whether);
            }
        }
    }

    /** Writes what is asked of a value that is there. */
    private interface Aspect {
        void write(byte[] value, ByteBuf out);
    }

    private static void object(RespConnection connection, Aspect aspect) {
        int protocol = connection.protocol();
        if (connection.operation(Kind.GET, 2) == null) {
            return;
        }
        connection.submit(
                (result, out) -> {
                    byte[] value = result.value();
                    if (result.status() == Status.MISSING) {
                        Replies.nil(out, protocol);
                    } else if (value == null) {
                        Replies.refused(result, out);
                    } else {
                        aspect.write(value, out);
                    }
                },
                false);
    }

    /** How Redis would keep this value had it been SET. */
    private static void encoding(byte[] value, ByteBuf out) {
        boolean integer = value.length <= MAX_INTEGER_BYTES && new Numbers().read(value, 0, value.length);
        String encoding = integer ? "int" : value.length <= MAX_EMBEDDED_BYTES ? "embstr" : "raw";
        Replies.bulk(out, encoding.getBytes(StandardCharsets.US_ASCII));
    }
}
