package io.ringgrid.node.metrics;

/**
 * Writes Prometheus' text format, version 0.0.4
 * (https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md). Not thread-safe.
 *
 * <p>A family is begun once; its samples follow it.
 */
final class Exposition {
    private final StringBuilder text = new StringBuilder(8192);
    private String family = "";

    /** Begins a figure that only grows; its name ends in {@code _total}. */
    Exposition counter(String name, String help) {
        return family(name, "counter", help);
    }

    /** Begins a figure that goes up and down. */
    Exposition gauge(String name, String help) {
        return family(name, "gauge", help);
    }

    /** Begins a figure that has a count and a sum. */
    Exposition summary(String name, String help) {
        return family(name, "summary", help);
    }

    private Exposition family(String name, String type, String help) {
        family = name;
        text.append("# HELP ").append(name).append(' ').append(escaped(help, false));
        text.append("\n# TYPE ").append(name).append(' ').append(type).append('\n');
        return this;
    }

    /** Adds a sample of the family: labels are a name and a value, in turn. */
    Exposition sample(long value, String... labels) {
        return line("", Long.toString(value), labels);
    }

    /** Adds a sample of the family. */
    Exposition sample(double value, String... labels) {
        return line("", Double.toString(value), labels);
    }

    /** Adds the two samples of a summary. */
    Exposition sample(long count, double sum, String... labels) {
        return line("_count", Long.toString(count), labels).line("_sum", Double.toString(sum), labels);
    }

    private Exposition line(String suffix, String value, String... labels) {
        text.append(family).append(suffix);
        for (int i = 0; i < labels.length; i += 2) {
            text.append(i == 0 ? '{' : ',').append(labels[i]);
            text.append("=\"").append(escaped(labels[i + 1], true)).append('"');
        }
        text.append(labels.length > 0 ? "} " : " ").append(value).append('\n');
        return this;
    }

    private static String escaped(String value, boolean quoted) {
        String lines = value.replace("\\", "\\\\").replace("\n", "\\n");
        return quoted ? lines.replace("\"", "\\\"") : lines;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
