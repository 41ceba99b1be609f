package io.ringgrid.node.resp;

import java.util.List;
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
        Function function) {
    /** What a command does with its arguments. */
    @FunctionalInterface
    interface Function {
        void run(RespConnection connection, Arguments arguments);
    }

    private static final Command[] ALL = {
        key("get", 2, "readonly fast", "string", "1.0.0", "Get the value of a key", Strings::get),
        key("set", -3, "write denyoom", "string", "1.0.0", "Set the string value of a key", Strings::set),
        key("incr", 2, "write denyoom fast", "string", "1.0.0", "Add one to a number", Strings::incr),
        key("decr", 2, "write denyoom fast", "string", "1.0.0", "Subtract one from a number", Strings::decr),
        key("incrby", 3, "write denyoom fast", "string", "1.0.0", "Add to a number", Strings::incrBy),
        key("decrby", 3, "write denyoom fast", "string", "1.0.0", "Subtract from a number", Strings::decrBy),
        keys("mget", -2, 1, "readonly fast", "string", "1.0.0", "Get the values of keys", Keys::mget),
        keys("mset", -3, 2, "write denyoom", "string", "1.0.1", "Set the values of keys, one by one", Keys::mset),
        keys("del", -2, 1, "write", "generic", "1.0.0", "Delete keys", Keys::del),
        keys("exists", -2, 1, "readonly fast", "generic", "1.0.0", "Count which keys exist", Keys::exists),
        key("expire", -3, "write fast", "generic", "1.0.0", "Set a time to live in seconds", Expiries::expire),
        key("pexpire", -3, "write fast", "generic", "2.6.0", "Set a time to live in ms", Expiries::pexpire),
        key("ttl", 2, "readonly fast", "generic", "1.0.0", "Get the time to live in seconds", Expiries::ttl),
        key("pttl", 2, "readonly fast", "generic", "2.6.0", "Get the time to live in ms", Expiries::pttl),
        key("persist", 2, "write fast", "generic", "2.2.0", "Remove the time to live", Expiries::persist),
        key("type", 2, "readonly fast", "generic", "1.0.0", "Get the type of a value", Strings::type),
        other("dbsize", 1, "readonly fast", "server", "1.0.0", "Count the cluster's keys", Server::dbsize),
        other("flushall", -1, "write", "server", "1.0.0", "Remove the cluster's keys", Server::flushall),
        other("info", -1, "loading stale", "server", "1.0.0", "Figures of this member", Server::info),
        other("command", -1, "loading stale", "server", "2.8.13", "Describe the commands", Describe::command),
        other("ping", -1, "fast", "connection", "1.0.0", "Ping the member", Server::ping),
        other("echo", 2, "loading stale fast", "connection", "1.0.0", "Echo a text", Server::echo),
        other("hello", -1, "noscript loading stale fast", "connection", "6.0.0", "Choose RESP2 or 3", Server::hello),
        other("auth", -2, "noscript loading stale fast", "connection", "1.0.0", "Say a password", Server::auth),
        other("select", 2, "loading stale fast", "connection", "1.0.0", "Select database 0", Server::select),
        other("client", -2, "noscript loading stale", "connection", "2.4.0", "This connection", Client::client),
        other("quit", -1, "noscript loading stale fast", "connection", "1.0.0", "End the connection", Server::quit),
    };

    private static Command key(
            String name, int arity, String flags, String group, String since, String summary, Function function) {
        return of(name, arity, flags, new int[] {1, 1, 1}, group, since, summary, function);
    }

    private static Command keys(
            String name,
            int arity,
            int keyStep,
            String flags,
            String group,
            String since,
            String summary,
            Function function) {
        return of(name, arity, flags, new int[] {1, -1, keyStep}, group, since, summary, function);
    }

    private static Command other(
            String name, int arity, String flags, String group, String since, String summary, Function function) {
        return of(name, arity, flags, new int[] {0, 0, 0}, group, since, summary, function);
    }

    private static Command of(
            String name,
            int arity,
            String flags,
            int[] keys,
            String group,
            String since,
            String summary,
            Function function) {
        List<String> words = List.of(flags.split(" "));
        return new Command(
                name,
                arity,
                words,
                keys[0],
                keys[1],
                keys[2],
                categories(words, keys[0] > 0, group),
                group,
                since,
                summary,
                function);
    }

    private static List<String> categories(List<String> flags, boolean hasKeys, String group) {
        String speed = flags.contains("fast") ? "@fast" : "@slow";
        String subject = group.equals("generic") ? "@keyspace" : "@" + group;
        if (flags.contains("readonly")) {
            return List.of("@read", hasKeys ? subject : "@keyspace", speed);
        }
        if (flags.contains("write")) {
            return List.of("@write", hasKeys ? subject : "@keyspace", speed);
        }
        return group.equals("connection") ? List.of(subject, speed) : List.of(speed);
    }

    static List<Command> all() {
        return List.of(ALL);
    }

    /** The command that the first argument names in whatever case, or null. */
    static @Nullable Command of(Arguments arguments) {
        return named(arguments, 0);
    }

    /** The command that this argument names, or null. */
    static @Nullable Command named(Arguments arguments, int argument) {
        for (Command command : ALL) {
            if (arguments.is(argument, command.name)) {
                return command;
            }
        }
        return null;
    }

    boolean accepts(int arguments) {
        return arity >= 0 ? arguments == arity : arguments >= -arity;
    }

    /** Whether it may neither overtake another command of its connection nor be overtaken. */
    boolean concernsAllKeys() {
        return name.equals("dbsize") || name.equals("flushall");
    }
}
