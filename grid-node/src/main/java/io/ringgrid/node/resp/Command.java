package io.ringgrid.node.resp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One of Redis' commands, as {@code COMMAND} describes it, and what it does. Immutable.
 *
 * @param name in lower case
 * @param arity how many arguments it takes, its name included; if negative, at least so many
 * @param flags and {@code categories} as in Redis
 * @param firstKey which argument is the first key; 0 if none is
 * @param lastKey which is the last; -1 for the last argument
 * @param keyStep from key to key
 * @param isAlone whether it may neither overtake another command of its connection nor be overtaken
 * @param subcommands of a container; otherwise empty
 */
record Command(
        String name,
        int arity,
        List<String> flags,
        int firstKey,
        int lastKey,
        int keyStep,
        List<String> categories,
        String group,
        String since,
        String summary,
        boolean isAlone,
        List<Subcommand> subcommands,
        Function function) {
    private static final int MAX_NAME = 32;
    private static final List<String> CATEGORIES = List.of(
            "keyspace", "read", "write", "string", "admin", "fast", "slow", "dangerous", "connection", "transaction");

    /** What a command does with its arguments. */
    @FunctionalInterface
    interface Function {
        void run(RespConnection connection, Arguments arguments);
    }

    /**
     * A command without keys.
     *
     * @param words its flags, a bar, and its categories but for those that follow from the flags
     */
    static Command of(
            String name, int arity, String words, String group, String since, String summary, Function function) {
        String[] halves = words.split("\\|", -1);
        List<String> flags = halves[0].isEmpty() ? List.of() : List.of(halves[0].split(" "));
        return new Command(
                name,
                arity,
                flags,
                0,
                0,
                0,
                categories(flags, List.of(halves[1].split(" "))),
                group,
                since,
                summary,
                false,
                List.of(),
                function);
    }

    /** A command whose first argument is its only key. */
    static Command onKey(
            String name, int arity, String words, String group, String since, String summary, Function function) {
        return of(name, arity, words, group, since, summary, function).withKeys(1, 1, 1);
    }

    /** A command that is nothing but its subcommands. */
    static Command container(
            String name, int arity, String words, String group, String since, String summary, List<Subcommand> all) {
        Command command = of(name, arity, words, group, since, summary, (connection, arguments) -> {});
        return command.withSubcommands(all);
    }

    Command withKeys(int first, int last, int step) {
        return with(first, last, step, isAlone, subcommands);
    }

    Command alone() {
        return with(firstKey, lastKey, keyStep, true, subcommands);
    }

    Command withSubcommands(List<Subcommand> all) {
        return with(firstKey, lastKey, keyStep, isAlone, all);
    }

    private Command with(int first, int last, int step, boolean alone, List<Subcommand> all) {
        return new Command(
                name, arity, flags, first, last, step, categories, group, since, summary, alone, all, function);
    }

    private static List<String> categories(List<String> flags, List<String> more) {
        List<String> categories = new ArrayList<>();
        for (String category : CATEGORIES) {
            boolean holds =
                    switch (category) {
                        case "read" -> flags.contains("readonly");
                        case "slow" -> !flags.contains("fast");
                        default -> flags.contains(category) || more.contains(category);
                    };
            if (holds) {
                categories.add("@" + category);
            }
        }
        return categories;
    }

    /** What is wrong with these arguments before anything is done; null if nothing is. */
    byte @Nullable [] refusal(Arguments arguments) {
        boolean accepted = arity >= 0 ? arguments.count() == arity : arguments.count() >= -arity;
        if (!accepted) {
            return Replies.wrongArity(name);
        }
        return subcommands.isEmpty() || arguments.count() == 1
                ? null
                : Subcommand.refusal(name, subcommands, arguments, 0);
    }

    /** Its name, and behind a bar that of its subcommand. */
    String fullName(Arguments arguments) {
        return subcommands.isEmpty() || arguments.count() == 1
                ? name
                : name + "|" + arguments.printed(1, MAX_NAME).toLowerCase(Locale.ROOT);
    }

    void run(RespConnection connection, Arguments arguments) {
        if (subcommands.isEmpty() || arguments.count() == 1) {
            function.run(connection, arguments);
        } else {
            Subcommand.run(name, subcommands, connection, arguments);
        }
    }

    /**
     * Which of the arguments are keys.
     *
     * @param start where the command's name is: 0 unless it is an argument of another command
     */
    int[] keys(Arguments arguments, int start) {
        int first = firstKey;
        int last = lastKey < 0 ? arguments.count() - start + lastKey : lastKey;
        int step = keyStep;
        if (!subcommands.isEmpty()) {
            first = Subcommand.key(subcommands, arguments, start);
            last = first;
            step = 1;
        }
        if (first == 0 || last < first) {
            return new int[0];
        }
        int[] keys = new int[(last - first) / step + 1];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = start + first + i * step;
        }
        return keys;
    }

    /** Whether it changes its connection: it may not run before it is known that EXEC takes place. */
    boolean changesConnection() {
        return name.equals("client") || name.equals("hello");
    }

    /** Whether it may be said before the secret, as Redis' NO_AUTH commands. */
    boolean isOpenToAll() {
        return switch (name) {
            case "auth", "hello", "quit", "reset" -> true;
            default -> false;
        };
    }

    /** Whether MULTI does not keep it for later. */
    boolean isNeverQueued() {
        return switch (name) {
            case "multi", "exec", "discard", "watch", "quit", "reset" -> true;
            default -> false;
        };
    }
}
