package io.ringgrid.node.resp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One of a container command's subcommands. Immutable.
 *
 * @param name in lower case
 * @param arity how many arguments it takes, both names included; if negative, at least so many
 * @param usage and {@code summary} for HELP
 */
record Subcommand(String name, int arity, String usage, String summary, Command.Function function) {
    private static final int PRINTED = 128;

    /** Runs the subcommand that the second argument names. */
    static void run(String container, List<Subcommand> subcommands, RespConnection connection, Arguments arguments) {
        for (Subcommand subcommand : subcommands) {
            if (arguments.is(1, subcommand.name)) {
                if (subcommand.accepts(arguments.count())) {
                    subcommand.function.run(connection, arguments);
                } else {
                    connection.answer(RespConnection.wrongArity(container + "|" + subcommand.name));
                }
                return;
            }
        }
        if (!arguments.is(1, "help")) {
            connection.answer(Replies.error("ERR unknown subcommand '" + arguments.printed(1, PRINTED) + "'. Try "
                    + container.toUpperCase(Locale.ROOT) + " HELP."));
        } else if (arguments.count() > 2) {
            connection.answer(RespConnection.wrongArity(container + "|help"));
        } else {
            help(container, subcommands, connection);
        }
    }

    private boolean accepts(int arguments) {
        return arity >= 0 ? arguments == arity : arguments >= -arity;
    }

    private static void help(String container, List<Subcommand> subcommands, RespConnection connection) {
        List<String> lines = new ArrayList<>();
        lines.add(container.toUpperCase(Locale.ROOT) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
        for (Subcommand subcommand : subcommands) {
            lines.add(subcommand.usage);
            lines.add("    " + subcommand.summary);
        }
        lines.add("HELP");
        lines.add("    Print this help.");
        connection.answer(Server.built(out -> {
            Replies.head(out, '*', lines.size());
            lines.forEach(line -> out.writeBytes(Replies.ascii("+" + line + "\r\n")));
        }));
    }
}
