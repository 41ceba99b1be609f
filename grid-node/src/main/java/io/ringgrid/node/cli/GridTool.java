package io.ringgrid.node.cli;

import io.ringgrid.GridException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;

/**
 * {@code scripts/grid}: one command, and its end. Exit status 0 if it did what was asked for, 1 if there is no such entry (or
 * the condition does not hold), 2 if it was called wrongly, 3 if the cluster could not do it.
 */
@Command(
        name = "grid",
        description = "Talks to a RingGrid cluster.",
        mixinStandardHelpOptions = true,
        version = "RingGrid 0.1.0",
        subcommands = {
            EntryCommands.Get.class,
            EntryCommands.Put.class,
            EntryCommands.Del.class,
            EntryCommands.Incr.class,
            EntryCommands.Ttl.class,
            EntryCommands.Scan.class,
            ClusterCommands.Cluster.class,
            ClusterCommands.Members.class,
            ClusterCommands.Status.class,
            ClusterCommands.Ping.class,
            Bench.class,
            Completion.class,
            HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit status: 0 done, 1 not found, 2 called wrongly, 3 the cluster could not do it.",
            "",
            "Examples:",
            "  scripts/grid put greeting hello --ttl 1h",
            "  scripts/grid get greeting",
            "  scripts/grid --contact 10.0.0.1:7654 --secret-file secret cluster",
            "  scripts/grid status --json",
            "  source <(scripts/grid completion)      completion for bash"
        })
public final class GridTool {
    static final int DONE = 0;
    static final int NOT_FOUND = 1;
    static final int WRONG_USE = 2;
    static final int FAILED = 3;

    @Mixin
    private final ToolOptions options = new ToolOptions();

    private final PrintStream out;

    private GridTool(PrintStream out) {
        this.out = out;
    }

    /** What was given beside the command. */
    ToolOptions options() {
        return options;
    }

    /** Where answers go, as bytes. */
    PrintStream out() {
        return out;
    }

    /** Runs one command and ends with its status. */
    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        int status = run(out, System.err, args);
        out.flush();
        System.exit(status);
    }

    /** Runs one command; returns its status. */
    public static int run(PrintStream out, PrintStream err, String... args) {
        CommandLine command = command(out);
        command.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        command.setExecutionExceptionHandler((failure, failed, parsed) -> {
            if (failure instanceof WrongUseException) {
                err.println("grid: " + failure.getMessage());
                return WRONG_USE;
            }
            if (failure instanceof GridException) {
                err.println("grid: " + failure.getMessage());
                return FAILED;
            }
            err.println("grid: this is a fault of the tool, please report it");
            failure.printStackTrace(err);
            return FAILED;
        });
        int status = command.execute(args);
        out.flush();
        return status;
    }

    /** The commands, which print there. */
    static CommandLine command(PrintStream out) {
        CommandLine command = new CommandLine(new GridTool(out));
        command.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        return command;
    }
}
