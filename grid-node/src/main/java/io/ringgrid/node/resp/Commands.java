package io.ringgrid.node.resp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The one table of commands, put together from its families. Immutable. */
final class Commands {
    private static final int SLOTS = 1024;

    private static final List<Command> ALL = all(
            Strings.COMMANDS,
            Keys.COMMANDS,
            Expiries.COMMANDS,
            Keyspace.COMMANDS,
            Transactions.COMMANDS,
            Server.COMMANDS,
            Greeting.COMMANDS,
            Clustering.COMMANDS);

    private static final @Nullable Command[] BY_NAME = index(ALL);

    private Commands() {}

    @SafeVarargs
    private static List<Command> all(List<Command>... families) {
        List<Command> all = new ArrayList<>();
        for (List<Command> family : families) {
            all.addAll(family);
        }
        return List.copyOf(all);
    }

    private static @Nullable Command[] index(List<Command> commands) {
        @Nullable Command[] index = new @Nullable Command[SLOTS];
        for (Command command : commands) {
            int hash = 0;
            for (int i = 0; i < command.name().length(); i++) {
                hash = hash * 31 + command.name().charAt(i);
            }
            int at = hash & (SLOTS - 1);
            while (index[at] != null) {
                at = (at + 1) & (SLOTS - 1);
            }
            index[at] = command;
        }
        return index;
    }

    static List<Command> all() {
        return ALL;
    }

    /** The command that this argument names in whatever case, or null. */
    static @Nullable Command named(Arguments arguments, int argument) {
        int hash = 0;
        for (int i = arguments.from(argument); i < arguments.to(argument); i++) {
            byte b = arguments.bytes()[i];
            hash = hash * 31 + (b >= 'A' && b <= 'Z' ? b + 32 : b);
        }
        for (int at = hash & (SLOTS - 1); ; at = (at + 1) & (SLOTS - 1)) {
            Command command = BY_NAME[at];
            if (command == null || arguments.is(argument, command.name())) {
                return command;
            }
        }
    }
}
