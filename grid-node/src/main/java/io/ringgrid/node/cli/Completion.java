package io.ringgrid.node.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** Prints what bash completes the tool's commands and options by. */
@Command(
        name = "completion",
        description = "Prints a script that makes bash complete commands and options.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  source <(scripts/grid completion)"})
final class Completion extends Subcommand {
    @Override
    public Integer call() {
        out().println(AutoComplete.bash("grid", spec().root().commandLine()));
        return GridTool.DONE;
    }
}
