package io.ringgrid.node.resp;

import io.ringgrid.node.glob.Glob;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** {@code CONFIG}: the settings of a member that Redis has a name for. None can be changed while it runs. Stateless. */
final class Config {
    static final List<Subcommand> SUBCOMMANDS = List.of(
            new Subcommand(
                    "get",
                    -3,
                    "GET <pattern>",
                    "Return parameters matching the glob-like <pattern> and their values.",
                    Config::get),
            new Subcommand(
                    "set",
                    -4,
                    "SET <directive> <value>",
                    "Set the configuration <directive> to <value>.",
                    Config::set));

    private Config() {}

    private static Map<String, String> settings(RespConnection connection) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("appendonly", "no");
        settings.put("cluster-enabled", "yes");
        settings.put("databases", Integer.toString(Databases.COUNT));
        settings.put("maxclients", Integer.toString(connection.limits().maxConnections()));
        settings.put("maxmemory", Long.toString(connection.engine().health().maxBytes()));
        settings.put("maxmemory-policy", "allkeys-lru");
        settings.put("port", Integer.toString(connection.port()));
        settings.put("proto-max-bulk-len", Integer.toString(connection.limits().maxValueBytes()));
        settings.put("save", "");
        settings.put("timeout", "0");
        return settings;
    }

    private static void get(RespConnection connection, Arguments arguments) {
        Map<String, String> found = new TreeMap<>();
        settings(connection).forEach((name, value) -> {
            for (int at = 2; at < arguments.count(); at++) {
                if (Glob.matchesIgnoringCase(arguments.copy(at), name.getBytes(StandardCharsets.US_ASCII))) {
                    found.put(name, value);
                }
            }
        });
        connection.answer(Replies.built(out -> {
            Replies.map(out, connection.protocol(), found.size());
            found.forEach((name, value) -> {
                Replies.bulk(out, name);
                Replies.bulk(out, value);
            });
        }));
    }

    private static void set(RespConnection connection, Arguments arguments) {
        if (arguments.count() % 2 != 0) {
            connection.answer(Replies.SYNTAX_ERROR);
            return;
        }
        Map<String, String> settings = settings(connection);
        for (int at = 2; at < arguments.count(); at += 2) {
            String name = arguments.printed(at, Integer.MAX_VALUE);
            if (!settings.containsKey(name.toLowerCase(Locale.ROOT))) {
                connection.answer(
                        Replies.error("ERR Unknown option or number of arguments for CONFIG SET - '" + name + "'"));
                return;
            }
        }
        connection.answer(Replies.error("ERR CONFIG SET failed (possibly related to argument '"
                + arguments.printed(2, Integer.MAX_VALUE) + "') - can't set immutable config"));
    }
}
