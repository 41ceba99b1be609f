package io.ringgrid.node.resp;

import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Partition;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Commands on the member and the cluster. Stateless. */
final class Server {
    static final String REDIS_VERSION = "7.0.15";
    static final String RINGGRID_VERSION = "0.1.0";

    private static final byte[] NO_DEBUG = Replies.ascii("-ERR DEBUG command not allowed. If the enable-debug-command"
            + " option is set to \"local\", you can run it from a local connection, otherwise you need to set this option"
            + " in the configuration file, and then restart the server.\r\n");
    private static final byte[] BAD_TIMEOUT = Replies.ascii("-ERR timeout is not an integer or out of range\r\n");
    private static final byte[] NEGATIVE_TIMEOUT = Replies.ascii("-ERR timeout is negative\r\n");
    private static final String GROUP = "server";

    static final List<Command> COMMANDS = List.of(
            Command.of("info", -1, "loading stale|dangerous", GROUP, "1.0.0", "Figures of this member", Server::info),
            Command.of("command", -1, "loading stale|connection", GROUP, "2.8.13", "Describe commands", Describe::all)
                    .withSubcommands(Describe.SUBCOMMANDS),
            Command.container("config", -2, "|", GROUP, "2.0.0", "Settings of this member", Config.SUBCOMMANDS),
            Command.of("time", 1, "loading stale fast|", GROUP, "2.6.0", "Get the time", Server::time),
            Command.of(
                    "role",
                    1,
                    "noscript loading stale fast|admin dangerous",
                    GROUP,
                    "2.8.12",
                    "Get the role",
                    Server::role),
            Command.of(
                    "debug",
                    -2,
                    "admin noscript loading stale|dangerous",
                    GROUP,
                    "1.0.0",
                    "Refused here",
                    (connection, arguments) -> connection.answer(NO_DEBUG)),
            Command.of("wait", 3, "noscript|connection", "generic", "3.0.0", "Wait for backups", Server::waitForCopies)
                    .alone());

    private Server() {}

    private static void info(RespConnection connection, Arguments arguments) {
        byte[] text = connection.info(arguments).getBytes(StandardCharsets.UTF_8);
        connection.answer(Replies.built(out -> Replies.text(out, text, connection.protocol())));
    }

    private static void time(RespConnection connection, Arguments arguments) {
        long millis = connection.wallMillis();
        connection.answer(Replies.built(out -> {
            Replies.head(out, '*', 2);
            Replies.bulk(out, Long.toString(millis / 1000));
            Replies.bulk(out, Long.toString(millis % 1000 * 1000));
        }));
    }

    /** Every member is primary of something, and no stream of a whole member has an offset. */
    private static void role(RespConnection connection, Arguments arguments) {
        connection.answer(Replies.built(out -> {
            Replies.head(out, '*', 3);
            Replies.bulk(out, "master");
            Replies.number(out, 0);
            Replies.head(out, '*', 0);
        }));
    }

    /**
     * What was answered before is on all in-sync copies already: there is nothing to wait for. The number is that of the
     * partition which has the fewest.
     */
    private static void waitForCopies(RespConnection connection, Arguments arguments) {
        if (!connection.readNumber(1)) {
            connection.answer(Replies.NOT_AN_INTEGER);
        } else if (!connection.readNumber(2)) {
            connection.answer(BAD_TIMEOUT);
        } else if (connection.number() < 0) {
            connection.answer(NEGATIVE_TIMEOUT);
        } else {
            Topology topology = connection.engine().topology();
            int fewest = Integer.MAX_VALUE;
            for (Partition partition : topology == null ? List.<Partition>of() : topology.partitions()) {
                fewest = Math.min(fewest, Math.max(0, partition.inSync().size() - 1));
            }
            int backups = fewest == Integer.MAX_VALUE ? 0 : fewest;
            connection.answer(Replies.built(out -> Replies.number(out, backups)));
        }
    }
}
