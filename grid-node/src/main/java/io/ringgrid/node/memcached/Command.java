package io.ringgrid.node.memcached;

import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Kind;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One of memcached's verbs: its name, how many words its line has (itself included), and what it does. Immutable. */
final class Command {
    private static final int ANY = Integer.MAX_VALUE;

    private static final Command FLUSH_ALL = new Command("flush_all", 1, 3, MemcachedConnection::flushAll);

    private static final Command[] ALL = {
        new Command("get", 2, ANY, connection -> connection.get(false)),
        new Command("gets", 2, ANY, connection -> connection.get(true)),
        new Command("bget", 2, ANY, connection -> connection.get(false)),
        new Command("gat", 2, ANY, connection -> connection.getAndTouch(false)),
        new Command("gats", 2, ANY, connection -> connection.getAndTouch(true)),
        new Command("set", 5, 6, connection -> connection.store(Kind.PUT, Condition.ALWAYS)),
        new Command("add", 5, 6, connection -> connection.store(Kind.PUT, Condition.IF_ABSENT)),
        new Command("replace", 5, 6, connection -> connection.store(Kind.PUT, Condition.IF_PRESENT)),
        new Command("cas", 6, 7, connection -> connection.store(Kind.PUT, Condition.IF_VERSION)),
        new Command("append", 5, 6, connection -> connection.store(Kind.APPEND, Condition.IF_PRESENT)),
        new Command("prepend", 5, 6, connection -> connection.store(Kind.PREPEND, Condition.IF_PRESENT)),
        new Command("incr", 3, 4, connection -> connection.count(false)),
        new Command("decr", 3, 4, connection -> connection.count(true)),
        new Command("delete", 2, 4, MemcachedConnection::delete),
        new Command("touch", 3, 4, MemcachedConnection::touch),
        FLUSH_ALL,
        new Command("verbosity", 2, 3, MemcachedConnection::verbosity),
        new Command("stats", 1, ANY, MemcachedConnection::stats),
        new Command("version", 1, ANY, MemcachedConnection::version),
        new Command("quit", 1, ANY, MemcachedConnection::quit),
    };

    private final byte[] name;
    private final int minWords;
    private final int maxWords;
    private final Consumer<MemcachedConnection> function;

    private Command(String name, int minWords, int maxWords, Consumer<MemcachedConnection> function) {
        this.name = name.getBytes(StandardCharsets.US_ASCII);
        this.minWords = minWords;
        this.maxWords = maxWords;
        this.function = function;
    }

    /** The command that a line's first word names, or null. Names are lower case, as in memcached. */
    static @Nullable Command of(Words words) {
        for (Command command : ALL) {
            if (words.is(0, command.name)) {
                return command;
            }
        }
        return null;
    }

    boolean concernsAllKeys() {
        return this == FLUSH_ALL;
    }

    boolean accepts(int words) {
        return minWords <= words && words <= maxWords;
    }

    void run(MemcachedConnection connection) {
        function.accept(connection);
    }
}
