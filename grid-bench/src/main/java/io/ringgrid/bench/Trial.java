package io.ringgrid.bench;

import java.util.List;

/**
 * What one JVM measures: equal trials of all rounds make one {@link Sample} of each figure. Immutable.
 *
 * @param contender whom
 * @param arguments what else the benchmark's measuring half wants to know
 */
record Trial(Contender contender, List<String> arguments) {
    /** Copies. */
    Trial {
        arguments = List.copyOf(arguments);
    }

    static Trial of(Contender contender, Object... arguments) {
        return new Trial(
                contender, List.of(arguments).stream().map(String::valueOf).toList());
    }

    int intArgument(int index) {
        return Integer.parseInt(arguments.get(index));
    }

    double doubleArgument(int index) {
        return Double.parseDouble(arguments.get(index));
    }

    @Override
    public String toString() {
        return contender + " " + String.join(" ", arguments);
    }
}
