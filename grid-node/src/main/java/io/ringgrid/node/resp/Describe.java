package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.node.glob.Glob;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code COMMAND}: describes the table of {@link Commands}, no more and no less. Stateless. */
final class Describe {
    static final List<Subcommand> SUBCOMMANDS = List.of(
            new Subcommand("count", 2, "COUNT", "Return the number of commands.", Describe::count),
            new Subcommand("info", -2, "INFO [<command-name> ...]", "Return details about commands.", Describe::info),
            new Subcommand(
                    "docs", -2, "DOCS [<command-name> ...]", "Return documentation of commands.", Describe::docs),
            new Subcommand("list", -2, "LIST", "Return a list of all commands in this Redis server.", Describe::list),
            new Subcommand(
                    "getkeys",
                    -4,
                    "GETKEYS <full-command>",
                    "Return the keys from a full Redis command.",
                    Describe::getKeys));

    private static final byte[] INVALID_COMMAND = Replies.ascii("-ERR Invalid command specified\r\n");
    private static final byte[] NO_KEYS = Replies.ascii("-ERR The command has no key arguments\r\n");
    private static final byte[] INVALID_COUNT =
            Replies.ascii("-ERR Invalid number of arguments specified for command\r\n");

    private Describe() {}

    /** {@code COMMAND} alone. */
    static void all(RespConnection connection, Arguments arguments) {
        info(connection, arguments);
    }

    private static void getKeys(RespConnection connection, Arguments arguments) {
        Command command = Commands.named(arguments, 2);
        int count = arguments.count() - 2;
        if (command == null) {
            connection.answer(INVALID_COMMAND);
        } else if (command.firstKey() == 0 && command.subcommands().isEmpty()) {
            connection.answer(NO_KEYS);
        } else if (command.arity() >= 0 ? count != command.arity() : count < -command.arity()) {
            connection.answer(INVALID_COUNT);
        } else {
            int[] keys = command.keys(arguments, 2);
            connection.answer(
                    keys.length == 0
                            ? NO_KEYS
                            : Replies.built(out -> {
                                Replies.head(out, '*', keys.length);
                                for (int key : keys) {
                                    Replies.bulk(out, arguments.copy(key));
                                }
                            }));
        }
    }

    /** {@code COMMAND LIST [FILTERBY (MODULE name | ACLCAT category | PATTERN pattern)]}. */
    private static void list(RespConnection connection, Arguments arguments) {
        Predicate<Command> filter = command -> true;
        if (arguments.count() == 5 && arguments.is(2, "filterby")) {
            byte[] wanted = arguments.copy(4);
            if (arguments.is(3, "module")) {
                filter = command -> false;
            } else if (arguments.is(3, "aclcat")) {
                String category = "@" + arguments.printed(4, Integer.MAX_VALUE).toLowerCase(Locale.ROOT);
                filter = command -> command.categories().contains(category);
            } else if (arguments.is(3, "pattern")) {
                filter = command -> Glob.matchesIgnoringCase(wanted, Replies.ascii(command.name()));
            } else {
                connection.answer(Replies.SYNTAX_ERROR);
                return;
            }
        } else if (arguments.count() > 2) {
            connection.answer(Replies.SYNTAX_ERROR);
            return;
        }
        List<Command> listed = Commands.all().stream().filter(filter).toList();
        connection.answer(Replies.built(out -> {
            Replies.head(out, '*', listed.size());
            listed.forEach(command -> Replies.bulk(out, command.name()));
        }));
    }

    private static void count(RespConnection connection, Arguments arguments) {
        connection.answer(
                Replies.built(out -> Replies.number(out, Commands.all().size())));
    }

    /** The commands that are asked for, null where there is none of that name; all if none are named. */
    private static List<@Nullable Command> asked(Arguments arguments) {
        List<@Nullable Command> asked = new ArrayList<>();
        for (int i = 2; i < arguments.count(); i++) {
            asked.add(Commands.named(arguments, i));
        }
        if (arguments.count() <= 2) {
            asked.addAll(Commands.all());
        }
        return asked;
    }

    private static void info(RespConnection connection, Arguments arguments) {
        List<@Nullable Command> asked = asked(arguments);
        int protocol = connection.protocol();
        connection.answer(Replies.built(out -> {
            Replies.head(out, '*', asked.size());
            for (Command command : asked) {
                if (command != null) {
                    info(command, out, protocol);
                } else {
                    Replies.nil(out, protocol);
                }
            }
        }));
    }

    private static void info(Command command, ByteBuf out, int protocol) {
        char set = protocol == 3 ? '~' : '*';
        Replies.head(out, '*', 10);
        Replies.bulk(out, command.name());
        Replies.number(out, command.arity());
        names(out, set, command.flags());
        Replies.number(out, command.firstKey());
        Replies.number(out, command.lastKey());
        Replies.number(out, command.keyStep());
        names(out, set, command.categories());
        // Tips, key specifications, subcommands: nothing is said of them.
        Replies.head(out, set, 0);
        Replies.head(out, set, 0);
        Replies.head(out, set, 0);
    }

    private static void names(ByteBuf out, char type, List<String> names) {
        Replies.head(out, type, names.size());
        names.forEach(name -> out.writeBytes(Replies.ascii("+" + name + "\r\n")));
    }

    private static void docs(RespConnection connection, Arguments arguments) {
        List<Command> known = new ArrayList<>();
        for (Command command : asked(arguments)) {
            if (command != null) {
                known.add(command);
            }
        }
        boolean map = connection.protocol() == 3;
        connection.answer(Replies.built(out -> {
            Replies.head(out, map ? '%' : '*', map ? known.size() : 2 * known.size());
            for (Command command : known) {
                Replies.bulk(out, command.name());
                Replies.head(out, map ? '%' : '*', map ? 3 : 6);
                Replies.bulk(out, "summary");
                Replies.bulk(out, command.summary());
                Replies.bulk(out, "since");
                Replies.bulk(out, command.since());
                Replies.bulk(out, "group");
                Replies.bulk(out, command.group());
            }
        }));
    }
}
