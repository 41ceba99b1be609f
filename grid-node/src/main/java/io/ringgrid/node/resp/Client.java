package io.ringgrid.node.resp;

import java.util.List;

/** {@code CLIENT}: what a connection says of itself. Stateless. */
final class Client {
    static final byte[] BAD_NAME =
            Replies.ascii("-ERR Client names cannot contain spaces, newlines or special characters.\r\n");

    private static final List<Subcommand> SUBCOMMANDS = List.of(
            new Subcommand("id", 2, "ID", "Return the id of the current connection.", Client::id),
            new Subcommand("getname", 2, "GETNAME", "Return the name of the current connection.", Client::getName),
            new Subcommand(
                    "setname",
                    3,
                    "SETNAME <name>",
                    "Assign the name <name> to the current connection.",
                    Client::setName),
            new Subcommand(
                    "setinfo",
                    4,
                    "SETINFO (LIB-NAME|LIB-VER) <value>",
                    "Say which library the client uses.",
                    Client::setInfo));

    private Client() {}

    static void client(RespConnection connection, Arguments arguments) {
        Subcommand.run("client", SUBCOMMANDS, connection, arguments);
    }

    private static void id(RespConnection connection, Arguments arguments) {
        connection.answer(Server.built(out -> Replies.number(out, connection.id())));
    }

    private static void getName(RespConnection connection, Arguments arguments) {
        byte[] name = connection.clientName();
        connection.answer(Server.built(out -> {
            if (name.length == 0) {
                Replies.nil(out, connection.protocol());
            } else {
                Replies.bulk(out, name);
            }
        }));
    }

    private static void setName(RespConnection connection, Arguments arguments) {
        if (isPlain(arguments, 2)) {
            connection.setClientName(arguments.copy(2));
            connection.answer(Replies.OK);
        } else {
            connection.answer(BAD_NAME);
        }
    }

    /** As of Redis 7.2, because its clients send it; nothing here reads it yet, so it is only checked. */
    private static void setInfo(RespConnection connection, Arguments arguments) {
        if (!arguments.is(2, "lib-name") && !arguments.is(2, "lib-ver")) {
            connection.answer(
                    Replies.error("ERR Unrecognized option '" + arguments.printed(2, Integer.MAX_VALUE) + "'"));
        } else if (!isPlain(arguments, 3)) {
            connection.answer(Replies.error("ERR " + arguments.printed(2, Integer.MAX_VALUE)
                    + " cannot contain spaces, newlines or special characters."));
        } else {
            connection.answer(Replies.OK);
        }
    }

    /** Whether an argument is printable ASCII without spaces. */
    static boolean isPlain(Arguments arguments, int argument) {
        for (int at = arguments.from(argument); at < arguments.to(argument); at++) {
            byte b = arguments.bytes()[at];
            if (b < '!' || b > '~') {
                return false;
            }
        }
        return true;
    }
}
