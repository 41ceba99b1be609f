package io.ringgrid.node.cli;

import io.ringgrid.client.GridClient;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** One command of the tool; its call returns the exit status. */
abstract class Subcommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable GridTool tool;

    @Spec
    private @Nullable CommandSpec spec;

    private GridTool tool() {
        if (tool == null) {
            throw new IllegalStateException("not parsed yet");
        }
        return tool;
    }

    /** This command, as it was parsed. */
    final CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("not parsed yet");
        }
        return spec;
    }

    /** A client of the cluster that the options name. */
    final GridClient connect() {
        return tool().options().connect();
    }

    /** Whether the answer is for programs. */
    final boolean isJson() {
        return tool().options().json;
    }

    /** Where answers go. */
    final PrintWriter out() {
        return spec().commandLine().getOut();
    }

    /** Where complaints go. */
    final PrintWriter err() {
        return spec().commandLine().getErr();
    }

    /** Answers with these bytes and the end of a line. */
    final void raw(byte[] bytes) {
        out().flush();
        tool().out().write(bytes, 0, bytes.length);
        tool().out().println();
    }
}
