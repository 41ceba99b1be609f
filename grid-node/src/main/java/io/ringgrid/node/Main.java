package io.ringgrid.node;

import io.ringgrid.node.config.BadSettingsException;
import io.ringgrid.node.config.NodeConfig;
import io.ringgrid.node.config.Setting;
import io.ringgrid.node.config.SettingsReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code scripts/grid-node}: one dedicated member, until SIGTERM or SIGINT, on which it leaves gracefully. */
public final class Main {
    private static final int WRONG_USE = 2;
    private static final String CONFIG = "--config";

    private Main() {}

    /** Runs a member. Exit status 0 after a graceful end, 1 if it cannot start, 2 if it was called wrongly. */
    public static void main(String[] args) throws InterruptedException {
        System.exit(run(args));
    }

    private static int run(String... args) throws InterruptedException {
        CommandLine command = new CommandLine(options()).setUnmatchedArgumentsAllowed(true);
        NodeConfig config;
        try {
            ParseResult parsed = command.parseArgs(args);
            if (CommandLine.printHelpIfRequested(parsed)) {
                return 0;
            }
            config = config(parsed);
        } catch (ParameterException | BadSettingsException e) {
            String.valueOf(e.getMessage()).lines().forEach(problem -> System.err.println("grid-node: " + problem));
            System.err.println("See scripts/grid-node --help.");
            return WRONG_USE;
        }
        GridNode node;
        try {
            node = GridNode.start(config);
        } catch (UncheckedIOException e) {
            System.err.println(
                    "grid-node: " + e.getMessage() + "\nIs another process using this port? Choose another.");
            return 1;
        }
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(node::close, "ringgrid-shutdown"));
        ended.await();
        return 0;
    }

    /** What these options, the environment, and the file that they name ask for. */
    static NodeConfig read(String... args) {
        return config(
                new CommandLine(options()).setUnmatchedArgumentsAllowed(true).parseArgs(args));
    }

    private static CommandSpec options() {
        CommandSpec spec = CommandSpec.create()
                .name("grid-node")
                .version("RingGrid 0.1.0")
                .mixinStandardHelpOptions(true)
                .addOption(OptionSpec.builder(CONFIG)
                        .type(Path.class)
                        .paramLabel("<file>")
                        .description("settings in YAML, such as config/grid.yaml")
                        .build());
        spec.usageMessage()
                .description("Runs one member of a RingGrid cluster; SIGTERM makes it leave gracefully.")
                .sortOptions(false)
                .footer(
                        "",
                        "Each option is also read from the environment, such as GRID_HTTP_PORT, and from the file, such"
                                + " as http-port: 8080. The command line goes before the environment, that before the"
                                + " file.");
        for (Setting setting : Setting.values()) {
            String usual = setting.usual() == null || setting.usual().isEmpty() ? "none" : setting.usual();
            spec.addOption(OptionSpec.builder("--" + setting.key())
                    .type(String.class)
                    .arity(setting.isFlag() ? "0..1" : "1")
                    .fallbackValue("true")
                    .paramLabel("<" + (setting.isFlag() ? "true|false" : setting.key()) + ">")
                    .description(setting.description() + " (" + usual + ")")
                    .build());
        }
        return spec;
    }

    private static NodeConfig config(ParseResult parsed) {
        Map<String, String> options = new LinkedHashMap<>();
        for (OptionSpec option : parsed.matchedOptionsSet()) {
            if (!option.longestName().equals(CONFIG)) {
                options.put(option.longestName().substring(2), option.getValue());
            }
        }
        unknown(parsed.unmatched(), options);
        String variable = System.getenv("GRID_CONFIG");
        @Nullable Path file = variable == null || variable.isEmpty() ? null : Path.of(variable);
        return SettingsReader.read(options, System.getenv(), parsed.matchedOptionValue(CONFIG, file));
    }

    /** Adds what is no option, so that it is told with the other problems; the values of such are passed over. */
    private static void unknown(List<String> unmatched, Map<String, String> options) {
        boolean hasValue = false;
        for (String word : unmatched) {
            if (word.startsWith("--")) {
                int equals = word.indexOf('=');
                options.put(word.substring(2, equals < 0 ? word.length() : equals), "");
                hasValue = equals < 0;
            } else if (hasValue) {
                hasValue = false;
            } else {
                throw new ParameterException(
                        new CommandLine(options()), "'" + word + "' is no option; options begin with two hyphens");
            }
        }
    }
}
