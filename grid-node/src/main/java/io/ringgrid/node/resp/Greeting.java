package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Commands on the connection itself. Stateless. */
final class Greeting {
    private static final byte[] NO_PROTOCOL = Replies.ascii("-NOPROTO unsupported protocol version\r\n");
    private static final byte[] BAD_PROTOCOL =
            Replies.ascii("-ERR Protocol version is not an integer or out of range\r\n");
    private static final byte[] NO_AUTH =
            Replies.ascii("-NOAUTH HELLO must be called with the client already authenticated, otherwise the"
                    + " HELLO AUTH <user> <pass> option can be used to authenticate the client and select the"
                    + " RESP protocol version at the same time\r\n");
    private static final byte[] WRONG_PASSWORD =
            Replies.ascii("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    private static final byte[] NO_PASSWORD =
            Replies.ascii("-ERR AUTH <password> called without any password configured"
                    + " for the default user. Are you sure your configuration is correct?\r\n");
    private static final byte[] RESET = Replies.ascii("+RESET\r\n");
    private static final String HELLO_WORDS = "noscript loading stale fast no_auth allow_busy|connection";
    private static final String GROUP = "connection";

    static final List<Command> COMMANDS = List.of(
            Command.of("ping", -1, "fast|connection", GROUP, "1.0.0", "Ping the member", Greeting::ping),
            Command.of("echo", 2, "loading stale fast|connection", GROUP, "1.0.0", "Echo a text", Greeting::echo),
            Command.of("hello", -1, HELLO_WORDS, GROUP, "6.0.0", "Choose RESP2 or 3", Greeting::hello),
            Command.of("auth", -2, HELLO_WORDS, GROUP, "1.0.0", "Say a password", Greeting::auth),
            Command.of("reset", 1, HELLO_WORDS, GROUP, "6.2.0", "Begin anew", Greeting::reset)
                    .alone(),
            Command.of("quit", -1, HELLO_WORDS, GROUP, "1.0.0", "End the connection", Greeting::quit),
            Command.container("client", -2, "|", GROUP, "2.4.0", "Connections", Client.SUBCOMMANDS));

    private Greeting() {}

    private static void ping(RespConnection connection, Arguments arguments) {
        if (arguments.count() > 2) {
            connection.answer(Replies.wrongArity("ping"));
        } else if (arguments.count() == 2) {
            byte[] text = arguments.copy(1);
            connection.answer(Replies.built(out -> Replies.bulk(out, text)));
        } else {
            connection.answer(Replies.PONG);
        }
    }

    private static void echo(RespConnection connection, Arguments arguments) {
        connection.answer(Replies.built(out -> Replies.bulk(out, arguments.copy(1))));
    }

    private static void quit(RespConnection connection, Arguments arguments) {
        connection.answer(Replies.OK);
        connection.end();
    }

    private static void reset(RespConnection connection, Arguments arguments) {
        connection.reset();
        connection.answer(RESET);
    }

    /** As Redis with {@code requirepass}, or without: then user "default" is welcome with any. Nobody else is known. */
    private static void auth(RespConnection connection, Arguments arguments) {
        if (arguments.count() > 3) {
            connection.answer(Replies.SYNTAX_ERROR);
        } else if (arguments.count() == 2 && !connection.asksForSecret()) {
            connection.answer(NO_PASSWORD);
        } else {
            boolean isKnown = arguments.count() == 2 || isDefaultUser(arguments, 1);
            boolean isRight = isKnown && connection.authorize(arguments.count() - 1);
            connection.answer(isRight ? Replies.OK : WRONG_PASSWORD);
        }
    }

    private static boolean isDefaultUser(Arguments arguments, int argument) {
        return new String(arguments.copy(argument), StandardCharsets.ISO_8859_1).equals("default");
    }

    /** {@code HELLO [2 | 3 [AUTH user password] [SETNAME name]]}. */
    private static void hello(RespConnection connection, Arguments arguments) {
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
                if (!isDefaultUser(arguments, at + 1) || !connection.authorize(at + 2)) {
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
        if (!connection.isAuthorized()) {
            connection.answer(NO_AUTH);
            return;
        }
        if (name > 0) {
            connection.profile().name = arguments.copy(name);
        }
        connection.setProtocol(protocol);
        connection.answer(Replies.built(out -> greet(connection, out)));
    }

    private static void greet(RespConnection connection, ByteBuf out) {
        Replies.map(out, connection.protocol(), 7);
        Replies.bulk(out, "server");
        Replies.bulk(out, "redis");
        Replies.bulk(out, "version");
        Replies.bulk(out, Server.REDIS_VERSION);
        Replies.bulk(out, "proto");
        Replies.number(out, connection.protocol());
        Replies.bulk(out, "id");
        Replies.number(out, connection.profile().id);
        Replies.bulk(out, "mode");
        Replies.bulk(out, connection.isCluster() ? "cluster" : "standalone");
        Replies.bulk(out, "role");
        Replies.bulk(out, "master");
        Replies.bulk(out, "modules");
        Replies.head(out, '*', 0);
    }
}
