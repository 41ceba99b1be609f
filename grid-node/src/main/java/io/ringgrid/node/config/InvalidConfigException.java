package io.ringgrid.node.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot work. Its message names every problem, one per line. */
public final class InvalidConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * What is wrong with one setting. Immutable.
     *
     * @param setting its name, such as {@code memcached-port}
     * @param text what is wrong, and what to do
     */
    public record Problem(String setting, String text) {
        @Override
        public String toString() {
            return setting + ": " + text;
        }
    }

    private final transient List<Problem> problems;

    InvalidConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** Every problem, in the order of the settings. */
    public List<Problem> problems() {
        return problems;
    }
}
