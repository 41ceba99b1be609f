package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Commands on the connection, the member and the cluster. Stateless. */
final class Server {
    static final String REDIS_VERSION = "7.0.15";
    static final String RINGGRID_VERSION = "0.1.0";

    private static final byte[] DB_RANGE = Replies.ascii("-ERR DB index is out of range\r\n");
    private static final byte[] NO_PROTOCOL = Replies.ascii("-NOPROTO unsupported protocol version\r\n");
    private static final byte[] BAD_PROTOCOL =
            Replies.ascii("-ERR Protocol version is not an integer or out of range\r\n");
    private static final byte[] WRONG_PASSWORD =
            Replies.ascii("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    private static final byte[] NO_PASSWORD =
            Replies.ascii("-ERR AUTH <password> called without any password configured"
                    + " for the default user. Are you sure your configuration is correct?\r\n");

    private Server() {}

    static void ping(RespConnection connection, Arguments arguments) {
        if (arguments.count() > 2) {
            connection.answer(RespConnection.wrongArity("ping"));
        } else if (arguments.count() == 2) {
            connection.answer(built(out -> Replies.bulk(out, arguments.copy(1))));
        } else {
            connection.answer(Replies.PONG);
        }
    }

    static void echo(RespConnection connection, Arguments arguments) {
        connection.answer(built(out -> Replies.bulk(out, arguments.copy(1))));
    }

    static void quit(RespConnection connection, Arguments arguments) {
        connection.answer(Replies.OK);
        connection.end();
    }

    static void select(RespConnection connection, Arguments arguments) {
        if (!connection.readNumber(1)) {
            connection.answer(Replies.NOT_AN_INTEGER);
        } else {
            connection.answer(connection.number() == 0 ? Replies.OK : DB_RANGE);
        }
    }

    /** As Redis without a password: user "default" is welcome with any, nobody else is known. */
    static void auth(RespConnection connection, Arguments arguments) {
        if (arguments.count() > 3) {
            connection.answer(Replies.SYNTAX_ERROR);
        } else if (arguments.count() == 2) {
            connection.answer(NO_PASSWORD);
        } else {
            connection.answer(isDefaultUser(arguments, 1) ? Replies.OK : WRONG_PASSWORD);
        }
    }

    private static boolean isDefaultUser(Arguments arguments, int argument) {
        return new String(arguments.copy(argument), StandardCharsets.ISO_8859_1).equals("default");
    }

    /** {@code HELLO [2 | 3 [AUTH user password] [SETNAME name]]}. */
    static void hello(RespConnection connection, Arguments arguments) {
        int protocol = connection.protocol();
        if (arguments.count() > 1) {
            if (!connection.readNumber(1)) {
                connection.answer(BAD_PROTOCOL);
                return;
            }
            if (connection.number() != 2 && connection.number() != 3) {
                connection.answer(NO_PROTOCOL);
                return;
            }
            protocol = (int) connection.number();
        }
        int name = 0;
        for (int at = 2; at < arguments.count(); at++) {
            if (arguments.is(at, "auth") && at + 2 < arguments.count()) {
                if (!isDefaultUser(arguments, at + 1)) {
                    connection.answer(WRONG_PASSWORD);
                    return;
                }
                at += 2;
            } else if (arguments.is(at, "setname") && at + 1 < arguments.count()) {
                name = ++at;
                if (!Client.isPlain(arguments, name)) {
                    connection.answer(Client.BAD_NAME);
                    return;
                }
            } else {
                connection.answer(Replies.error(
                        "ERR Syntax error in HELLO option '" + arguments.printed(at, Integer.MAX_VALUE) + "'"));
                return;
            }
        }
        if (name > 0) {
            connection.setClientName(arguments.copy(name));
        }
        connection.setProtocol(protocol);
        connection.answer(built(out -> greet(connection, out)));
    }

    private static void greet(RespConnection connection, ByteBuf out) {
        boolean map = connection.protocol() == 3;
        Replies.head(out, map ? '%' : '*', map ? 7 : 14);
        Replies.bulk(out, "server");
        Replies.bulk(out, "redis");
        Replies.bulk(out, "version");
        Replies.bulk(out, REDIS_VERSION);
        Replies.bulk(out, "proto");
        Replies.number(out, connection.protocol());
        Replies.bulk(out, "id");
        Replies.number(out, connection.id());
        Replies.bulk(out, "mode");
        Replies.bulk(out, "standalone");
        Replies.bulk(out, "role");
        Replies.bulk(out, "master");
        Replies.bulk(out, "modules");
        Replies.head(out, '*', 0);
    }

    static void info(RespConnection connection, Arguments arguments) {
        byte[] text = connection.info(arguments).getBytes(StandardCharsets.UTF_8);
        connection.answer(built(out -> {
            if (connection.protocol() == 3) {
                Replies.head(out, '=', text.length + 4);
                out.writeBytes(Replies.ascii("txt:")).writeBytes(text).writeBytes(Replies.ascii("\r\n"));
            } else {
                Replies.bulk(out, text);
            }
        }));
    }

    static void dbsize(RespConnection connection, Arguments arguments) {
        connection.countKeys();
    }

    static void flushall(RespConnection connection, Arguments arguments) {
        boolean known = arguments.count() == 1
                || (arguments.count() == 2 && (arguments.is(1, "async") || arguments.is(1, "sync")));
        if (known) {
            connection.removeKeys();
        } else {
            connection.answer(Replies.SYNTAX_ERROR);
        }
    }

    /** A reply that is put together. */
    static byte[] built(Consumer<ByteBuf> writer) {
        ByteBuf buffer = Unpooled.buffer(256);
        writer.accept(buffer);
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }
}
