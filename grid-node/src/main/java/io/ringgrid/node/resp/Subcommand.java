package io.ringgrid.node.resp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One of a container command's subcommands. Immutable.
 *
 * @param name in lower case
 * @param arity how many arguments it takes, both names included; if negative, at least so many
 * @param usage and {@code summary} for HELP; a summary of several lines has line feeds
 * @param key which argument is its key; 0 if none is
 */
record Subcommand(String name, int arity, String usage, String summary, int key, Command.Function function) {
    private static final int PRINTED = 128;

    /** A subcommand without a key. */
    Subcommand(String name, int arity, String usage, String summary, Command.Function function) {
        this(name, arity, usage, summary, 0, function);
    }

    private static @Nullable Subcommand named(List<Subcommand> subcommands, Arguments arguments, int argument) {
        for (Subcommand subcommand : subcommands) {
            if (arguments.is(argument, subcommand.name)) {
                return subcommand;
            }
        }
        return null;
    }

    /** What is wrong with the arguments of a container that stands at this argument; null if nothing is. */
    static byte @Nullable [] refusal(String container, List<Subcommand> subcommands, Arguments arguments, int start) {
        Subcommand subcommand = named(subcommands, arguments, start + 1);
        int count = arguments.count() - start;
        if (subcommand != null) {
            return subcommand.accepts(count) ? null : Replies.wrongArity(container + "|" + subcommand.name);
        }
        if (!arguments.is(start + 1, "help")) {
            return Replies.error("ERR unknown subcommand '" + arguments.printed(start + 1, PRINTED) + "'. Try "
                    + container.toUpperCase(Locale.ROOT) + " HELP.");
        }
        return count > 2 ? Replies.wrongArity(container + "|help") : null;
    }

    /** Runs the subcommand that the second argument names, which is not refused. */
    static void run(String container, List<Subcommand> subcommands, RespConnection connection, Arguments arguments) {
        Subcommand subcommand = named(subcommands, arguments, 1);
        if (subcommand == null) {
            help(container, subcommands, connection);
        } else {
            subcommand.function.run(connection, arguments);
        }
    }

    /** Which argument, counted from the container's, is the subcommand's key; 0 if none is. */
    static int key(List<Subcommand> subcommands, Arguments arguments, int start) {
        Subcommand subcommand = arguments.count() > start + 1 ? named(subcommands, arguments, start + 1) : null;
        return subcommand != null && arguments.count() - start > subcommand.key ? subcommand.key : 0;
    }

    boolean accepts(int arguments) {
        return arity >= 0 ? arguments == arity : arguments >= -arity;
    }

    private static void help(String container, List<Subcommand> subcommands, RespConnection connection) {
        List<String> lines = new ArrayList<>();
        lines.add(container.toUpperCase(Locale.ROOT) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
        for (Subcommand subcommand : subcommands) {
            lines.add(subcommand.usage);
            subcommand.summary.lines().forEach(line -> lines.add("    " + line));
        }
        lines.add("HELP");
        lines.add("    Prints this help.");
        connection.answer(Replies.built(out -> {
            Replies.head(out, '*', lines.size());
            lines.forEach(line -> out.writeBytes(Replies.ascii("+" + line + "\r\n")));
        }));
    }
}
