package io.ringgrid.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringgrid.Grid;
import io.ringgrid.client.GridClient;
import io.ringgrid.codec.Failures;
import io.ringgrid.node.glob.Glob;
import io.ringgrid.node.json.Json;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands on entries. Each but scan is one operation on one key, as any door's is. */
final class EntryCommands {
    private EntryCommands() {}

    /** What they have in common. */
    abstract static class EntryCommand extends Subcommand {
        @Option(
                names = "--map",
                paramLabel = "<name>",
                defaultValue = Grid.DEFAULT_MAP,
                description = "which map (${DEFAULT-VALUE}, which memcached and Redis see)")
        private String map = Grid.DEFAULT_MAP;

        final String map() {
            return map;
        }

        /** What these bytes are as UTF-8, or null if they are something else. */
        static @Nullable String text(byte[] bytes) {
            try {
                return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            } catch (CharacterCodingException binary) {
                return null;
            }
        }

        static Operation operation(Kind kind, String key) {
            byte[] bytes = key.getBytes(UTF_8);
            return new Operation().reset(kind).key(bytes, 0, bytes.length);
        }

        /** What became of it: done, found, or an expected refusal; anything else is a failure. */
        final Result execute(GridClient grid, Operation op, Status... expected) {
            Result result = grid.execute(map, op);
            if (!List.of(expected).contains(result.status())) {
                throw Failures.of("key '" + new String(op.copyKey(), UTF_8) + "'", result);
            }
            return result;
        }

        final int notFound(String key) {
            return refused(key, "not found: " + key);
        }

        final int refused(String key, String reason) {
            if (isJson()) {
                out().println(new Json()
                        .open('{')
                        .name("key")
                        .value(key)
                        .name("found")
                        .value(false)
                        .close('}'));
            }
            err().println("grid: " + reason);
            return GridTool.NOT_FOUND;
        }

        final int say(String human, Json json) {
            out().println(isJson() ? json.close('}') : human);
            return GridTool.DONE;
        }
    }

    @Command(
            name = "get",
            description = "Shows a value.",
            mixinStandardHelpOptions = true,
            footer = {"", "Examples:", "  scripts/grid get greeting", "  scripts/grid get page --map pages > page.html"
            })
    static final class Get extends EntryCommand {
        @Parameters(paramLabel = "<key>", description = "the key, as UTF-8")
        private String key = "";

        @Override
        public Integer call() throws IOException {
            try (GridClient grid = connect()) {
                Result result = execute(grid, operation(Kind.GET, key), Status.FOUND, Status.MISSING);
                byte[] value = result.value();
                if (value == null) {
                    return notFound(key);
                }
                if (!isJson()) {
                    // Bytes, whatever they are: a pipe gets exactly the value and the end of a line.
                    raw(value);
                    return GridTool.DONE;
                }
                Json json = new Json()
                        .open('{')
                        .name("key")
                        .value(key)
                        .name("found")
                        .value(true);
                String text = text(value);
                if (text != null) {
                    json.name("value").value(text);
                } else {
                    json.name("base64").value(Base64.getEncoder().encodeToString(value));
                }
                json.name("version").value(result.version());
                json.name("flags").value(Integer.toUnsignedLong(result.flags()));
                return say("", json);
            }
        }
    }

    @Command(
            name = "put",
            description = "Sets a value.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  scripts/grid put greeting hello",
                "  scripts/grid put session:7 '{\"user\":1}' --ttl 30m",
                "  scripts/grid put lock me --if-absent --ttl 10s      status 1 if there is one",
                "  scripts/grid put page - < page.html                 the value from standard input"
            })
    static final class Put extends EntryCommand {
        @Parameters(index = "0", paramLabel = "<key>", description = "the key, as UTF-8")
        private String key = "";

        @Parameters(index = "1", paramLabel = "<value>", description = "the value, as UTF-8; - reads standard input")
        private String value = "";

        @Option(
                names = "--ttl",
                paramLabel = "<time>",
                description = "when it ends: 500ms, 30s, 5m, 2h or 7d; else never")
        private @Nullable String ttl;

        @Option(names = "--if-absent", description = "only if there is no entry")
        private boolean ifAbsent;

        @Option(names = "--if-version", paramLabel = "<version>", description = "only if the entry has this version")
        private @Nullable Long version;

        @Override
        public Integer call() throws IOException {
            if (ifAbsent && version != null) {
                throw new WrongUseException("an entry cannot be absent and have a version: choose one of the two");
            }
            long ttlMillis = ttl == null ? 0 : millis(ttl);
            byte[] bytes = value.equals("-") ? System.in.readAllBytes() : value.getBytes(UTF_8);
            try (GridClient grid = connect()) {
                Operation op = operation(Kind.PUT, key).value(bytes, 0, bytes.length);
                op.expiry = ttl == null ? Operation.NEVER : grid.wallMillis() + ttlMillis;
                if (ifAbsent) {
                    op.condition = Condition.IF_ABSENT;
                } else if (version != null) {
                    op.condition = Condition.IF_VERSION;
                    op.version = version;
                }
                Result result = execute(grid, op, Status.DONE, Status.EXISTS, Status.MISSING);
                return switch (result.status()) {
                    case DONE ->
                        say(
                                "stored, version " + result.version(),
                                new Json()
                                        .open('{')
                                        .name("key")
                                        .value(key)
                                        .name("version")
                                        .value(result.version()));
                    case EXISTS ->
                        refused(
                                key,
                                ifAbsent
                                        ? "not stored: there is an entry already"
                                        : "not stored: it has another version");
                    default -> notFound(key);
                };
            }
        }

        /** A duration with its unit. */
        static long millis(String text) {
            String lower = text.toLowerCase(Locale.ROOT);
            if (!lower.matches("[1-9][0-9]{0,8}(ms|s|m|h|d)")) {
                throw new WrongUseException("'" + text + "' is no duration; write it as 500ms, 30s, 5m, 2h or 7d");
            }
            long number = Long.parseLong(lower.replaceAll("[a-z]", ""));
            return number
                    * switch (lower.replaceAll("[0-9]", "")) {
                        case "ms" -> 1L;
                        case "s" -> 1000L;
                        case "m" -> 60_000L;
                        case "h" -> 3_600_000L;
                        default -> 86_400_000L;
                    };
        }
    }

    @Command(
            name = "del",
            description = "Removes entries; status 1 if one of them was not there.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  scripts/grid del greeting session:7"})
    static final class Del extends EntryCommand {
        @Parameters(paramLabel = "<key>", arity = "1..*", description = "the keys, as UTF-8")
        private List<String> keys = List.of();

        @Override
        public Integer call() {
            int removed = 0;
            try (GridClient grid = connect()) {
                for (String key : keys) {
                    Result result = execute(grid, operation(Kind.REMOVE, key), Status.DONE, Status.MISSING);
                    removed += result.status() == Status.DONE ? 1 : 0;
                }
            }
            say(
                    "removed " + removed + " of " + keys.size(),
                    new Json()
                            .open('{')
                            .name("removed")
                            .value(removed)
                            .name("asked")
                            .value(keys.size()));
            return removed == keys.size() ? GridTool.DONE : GridTool.NOT_FOUND;
        }
    }

    @Command(
            name = "incr",
            description = "Adds to a decimal number, a missing one counting from 0, and shows the sum.",
            mixinStandardHelpOptions = true,
            footer = {"", "Examples:", "  scripts/grid incr visits", "  scripts/grid incr stock -- -3"})
    static final class Incr extends EntryCommand {
        @Parameters(index = "0", paramLabel = "<key>", description = "the key, as UTF-8")
        private String key = "";

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "<delta>",
                defaultValue = "1",
                description = "what to add (${DEFAULT-VALUE}); a negative one behind --")
        private long delta = 1;

        @Override
        public Integer call() {
            try (GridClient grid = connect()) {
                Operation op = operation(Kind.INCREMENT, key);
                op.delta = delta;
                op.expiry = Operation.KEEP;
                Result result = execute(grid, op, Status.DONE);
                return say(
                        Long.toString(result.number()),
                        new Json()
                                .open('{')
                                .name("key")
                                .value(key)
                                .name("value")
                                .value(result.number()));
            }
        }
    }

    @Command(
            name = "ttl",
            description = "Shows how long an entry still lives, in milliseconds; 'never' if it does not expire.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  scripts/grid ttl session:7"})
    static final class Ttl extends EntryCommand {
        @Parameters(paramLabel = "<key>", description = "the key, as UTF-8")
        private String key = "";

        @Override
        public Integer call() {
            try (GridClient grid = connect()) {
                Result result = execute(grid, operation(Kind.GET, key), Status.FOUND, Status.MISSING);
                if (result.status() == Status.MISSING) {
                    return notFound(key);
                }
                boolean never = result.expiry() == Operation.NEVER;
                long millis = Math.max(0, result.expiry() - grid.wallMillis());
                Json json = new Json()
                        .open('{')
                        .name("key")
                        .value(key)
                        .name("expires")
                        .value(!never);
                if (!never) {
                    json.name("ttlMillis").value(millis);
                }
                return say(never ? "never" : Long.toString(millis), json);
            }
        }
    }

    @Command(
            name = "scan",
            description = {
                "Lists the keys of a map, in no order, each on a line.",
                "A key that is there all the while is listed once; one that is set or removed meanwhile may come or not."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  scripts/grid scan",
                "  scripts/grid scan --match 'session:*' --limit 10",
                "  scripts/grid scan --map pages --json      [{\"key\":\"a\"},{\"base64\":\"/w==\"}]"
            })
    static final class Scan extends EntryCommand {
        @Option(
                names = "--match",
                paramLabel = "<pattern>",
                description = "only keys like this, as in Redis: * ? [abc] [^a-z] \\x")
        private @Nullable String pattern;

        @Option(names = "--limit", paramLabel = "<n>", description = "at most so many; else all")
        private long limit = Long.MAX_VALUE;

        @Override
        public Integer call() {
            if (limit < 1) {
                throw new WrongUseException("--limit must be at least 1, not " + limit);
            }
            byte[] wanted = pattern == null ? null : pattern.getBytes(UTF_8);
            try (GridClient grid = connect()) {
                long listed = 0;
                for (byte[] key : grid.map(map(), byte[].class, byte[].class).keys()) {
                    if (wanted != null && !Glob.matches(wanted, key)) {
                        continue;
                    }
                    list(key, listed == 0);
                    listed++;
                    // Whoever reads may have seen enough: head, for example.
                    if (listed == limit || out().checkError()) {
                        break;
                    }
                }
                if (isJson()) {
                    out().println(listed == 0 ? "[]" : "]");
                }
            }
            return GridTool.DONE;
        }

        /** A map may have more keys than this tool has memory: each is shown as it comes. */
        private void list(byte[] key, boolean isFirst) {
            if (!isJson()) {
                raw(key);
                return;
            }
            String text = text(key);
            Json json = new Json().open('{');
            if (text != null) {
                json.name("key").value(text);
            } else {
                json.name("base64").value(Base64.getEncoder().encodeToString(key));
            }
            out().print((isFirst ? "[" : ",") + json.close('}'));
        }
    }
}
