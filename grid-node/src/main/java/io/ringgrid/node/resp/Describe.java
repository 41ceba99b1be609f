package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code COMMAND}: describes {@link Command}'s table, no more and no less. Stateless. */
final class Describe {
    private static final List<Subcommand> SUBCOMMANDS = List.of(
            new Subcommand("count", 2, "COUNT", "Return the number of commands.", Describe::count),
            new Subcommand("info", -2, "INFO [<command-name> ...]", "Return details about commands.", Describe::info),
            new Subcommand(
                    "docs", -2, "DOCS [<command-name> ...]", "Return documentation of commands.", Describe::docs));

    private Describe() {}

    static void command(RespConnection connection, Arguments arguments) {
        if (arguments.count() == 1) {
            info(connection, arguments);
        } else {
            Subcommand.run("command", SUBCOMMANDS, connection, arguments);
        }
    }

    private static void count(RespConnection connection, Arguments arguments) {
        connection.answer(Server.built(out -> Replies.number(out, Command.all().size())));
    }

    /** The commands that are asked for, null where there is none of that name; all if none are named. */
    private static List<@Nullable Command> asked(Arguments arguments) {
        List<@Nullable Command> asked = new ArrayList<>();
        for (int i = 2; i < arguments.count(); i++) {
            asked.add(Command.named(arguments, i));
        }
        if (arguments.count() <= 2) {
            asked.addAll(Command.all());
        }
        return asked;
    }

    private static void info(RespConnection connection, Arguments arguments) {
        List<@Nullable Command> asked = asked(arguments);
        int protocol = connection.protocol();
        connection.answer(Server.built(out -> {
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
        connection.answer(Server.built(out -> {
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
