package io.ringgrid.node.resp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code CLIENT}: this connection, and the others of this member. Stateless. */
final class Client {
    static final byte[] BAD_NAME =
            Replies.ascii("-ERR Client names cannot contain spaces, newlines or special characters.\r\n");
    private static final byte[] NO_SUCH_CLIENT = Replies.ascii("-ERR No such client\r\n");
    private static final byte[] BAD_ID = Replies.ascii("-ERR client-id should be greater than 0\r\n");
    private static final byte[] INVALID_ID = Replies.ascii("-ERR Invalid client ID\r\n");

    static final List<Subcommand> SUBCOMMANDS = List.of(
            new Subcommand("id", 2, "ID", "Return the ID of the current connection.", Client::id),
            new Subcommand("getname", 2, "GETNAME", "Return the name of the current connection.", Client::getName),
            new Subcommand("info", 2, "INFO", "Return information about the current client connection.", Client::info),
            new Subcommand("kill", -3, "KILL <option> ...", """
                    Kill connections. Options are:
                    * ADDR (<ip:port>|<unixsocket>:0)
                      Kill connections made from the specified address
                    * LADDR (<ip:port>|<unixsocket>:0)
                      Kill connections made to specified local address
                    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)
                      Kill connections by type.
                    * USER <username>
                      Kill connections authenticated by <username>.
                    * SKIPME (YES|NO)
                      Skip killing current connection (default: yes).
                    * ID <client-id>
                      Kill connections by client id.""", Client::kill),
            new Subcommand("list", -2, "LIST [options ...]", """
                    Return information about client connections. Options:
                    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)
                      Return clients of specified type.
                    * ID <client-id> [<client-id> ...]
                      Return clients of specified IDs only.""", Client::list),
            new Subcommand(
                    "no-evict",
                    3,
                    "NO-EVICT (ON|OFF)",
                    "Protect current client connection from eviction.",
                    Client::noEvict),
            new Subcommand(
                    "reply",
                    3,
                    "REPLY (ON|OFF|SKIP)",
                    "Control the replies sent to the current connection.",
                    Client::reply),
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

    private static void id(RespConnection connection, Arguments arguments) {
        connection.answer(Replies.built(out -> Replies.number(out, connection.profile().id)));
    }

    private static void getName(RespConnection connection, Arguments arguments) {
        byte[] name = connection.profile().name;
        connection.answer(Replies.built(out -> {
            if (name.length == 0) {
                Replies.nil(out, connection.protocol());
            } else {
                Replies.bulk(out, name);
            }
        }));
    }

    private static void setName(RespConnection connection, Arguments arguments) {
        if (isPlain(arguments, 2)) {
            connection.profile().name = arguments.copy(2);
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

    private static void noEvict(RespConnection connection, Arguments arguments) {
        boolean on = arguments.is(2, "on");
        if (on || arguments.is(2, "off")) {
            connection.profile().noEvict = on;
            connection.answer(Replies.OK);
        } else {
            connection.answer(Replies.SYNTAX_ERROR);
        }
    }

    private static void reply(RespConnection connection, Arguments arguments) {
        if (arguments.is(2, "on")) {
            connection.setSilent(false);
            connection.answer(Replies.OK);
        } else if (arguments.is(2, "off")) {
            connection.setSilent(true);
        } else if (arguments.is(2, "skip")) {
            connection.skipNextReply();
        } else {
            connection.answer(Replies.SYNTAX_ERROR);
        }
    }

    private static void info(RespConnection connection, Arguments arguments) {
        answerLines(connection, List.of(connection));
    }

    private static void answerLines(RespConnection connection, List<RespConnection> shown) {
        StringBuilder text = new StringBuilder();
        for (RespConnection each : shown) {
            text.append(each.profile().line(connection.wallMillis()));
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        connection.answer(Replies.built(out -> Replies.text(out, bytes, connection.protocol())));
    }

    private static byte @Nullable [] unknownType(Arguments arguments, int argument) {
        for (String type : List.of("normal", "master", "replica", "slave", "pubsub")) {
            if (arguments.is(argument, type)) {
                return null;
            }
        }
        return Replies.error("ERR Unknown client type '" + arguments.printed(argument, Integer.MAX_VALUE) + "'");
    }

    private static void list(RespConnection connection, Arguments arguments) {
        List<RespConnection> shown = new ArrayList<>(connection.clients().all());
        boolean byType = arguments.count() == 4 && arguments.is(2, "type");
        boolean byId = arguments.count() > 3 && arguments.is(2, "id");
        if (byType) {
            byte[] error = unknownType(arguments, 3);
            if (error != null) {
                connection.answer(error);
                return;
            }
            shown.removeIf(each -> !arguments.is(3, "normal"));
        } else if (byId) {
            List<Long> ids = new ArrayList<>();
            for (int at = 3; at < arguments.count(); at++) {
                if (!connection.readNumber(at)) {
                    connection.answer(INVALID_ID);
                    return;
                }
                ids.add(connection.number());
            }
            shown.removeIf(each -> !ids.contains(each.profile().id));
        } else if (arguments.count() > 2) {
            connection.answer(Replies.SYNTAX_ERROR);
            return;
        }
        answerLines(connection, shown);
    }

    private static void kill(RespConnection connection, Arguments arguments) {
        if (arguments.count() == 3) {
            String address = arguments.printed(2, Integer.MAX_VALUE);
            int killed = kill(connection, each -> each.profile().address.equals(address), false);
            connection.answer(killed > 0 ? Replies.OK : NO_SUCH_CLIENT);
            return;
        }
        if (arguments.count() % 2 != 0) {
            connection.answer(Replies.SYNTAX_ERROR);
            return;
        }
        List<Predicate<RespConnection>> filters = new ArrayList<>();
        boolean skipsMe = true;
        for (int at = 2; at < arguments.count(); at += 2) {
            String value = arguments.printed(at + 1, Integer.MAX_VALUE);
            if (arguments.is(at, "id")) {
                if (!connection.readNumber(at + 1) || connection.number() < 1) {
                    connection.answer(BAD_ID);
                    return;
                }
                long id = connection.number();
                filters.add(each -> each.profile().id == id);
            } else if (arguments.is(at, "type")) {
                byte[] error = unknownType(arguments, at + 1);
                if (error != null) {
                    connection.answer(error);
                    return;
                }
                boolean normal = value.toLowerCase(Locale.ROOT).equals("normal");
                filters.add(each -> normal);
            } else if (arguments.is(at, "addr")) {
                filters.add(each -> each.profile().address.equals(value));
            } else if (arguments.is(at, "laddr")) {
                filters.add(each -> each.profile().localAddress.equals(value));
            } else if (arguments.is(at, "user")) {
                if (!value.equals("default")) {
                    connection.answer(Replies.error("ERR No such user '" + value + "'"));
                    return;
                }
            } else if (arguments.is(at, "skipme") && (arguments.is(at + 1, "yes") || arguments.is(at + 1, "no"))) {
                skipsMe = arguments.is(at + 1, "yes");
            } else {
                connection.answer(Replies.SYNTAX_ERROR);
                return;
            }
        }
        int killed = kill(connection, each -> filters.stream().allMatch(filter -> filter.test(each)), skipsMe);
        connection.answer(Replies.built(out -> Replies.number(out, killed)));
    }

    private static int kill(RespConnection connection, Predicate<RespConnection> filter, boolean skipsMe) {
        int killed = 0;
        for (RespConnection each : connection.clients().all()) {
            boolean me = each.profile().id == connection.profile().id;
            if (!filter.test(each) || (me && skipsMe)) {
                continue;
            }
            killed++;
            if (me) {
                connection.end();
            } else {
                each.kill();
            }
        }
        return killed;
    }
}
