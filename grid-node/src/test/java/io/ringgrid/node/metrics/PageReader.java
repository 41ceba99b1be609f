package io.ringgrid.node.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a page in Prometheus' text format 0.0.4, strictly. Stateless. */
final class PageReader {
    private static final Pattern COMMENT = Pattern.compile("# (HELP|TYPE) ([a-z][a-z0-9_]*) (.+)");
    private static final String LABEL = "[a-z_]+=\"(?:[^\"\\\\\n]|\\\\[\"\\\\n])*\"";
    private static final Pattern SAMPLE = Pattern.compile(
            "([a-z][a-z0-9_]*)(?:\\{" + LABEL + "(?:," + LABEL + ")*\\})? " + "(-?[0-9]+(?:\\.[0-9]+)?(?:E-?[0-9]+)?)");

    private PageReader() {}

    /** Each sample's value by its name and labels, as they are written. */
    static Map<String, Double> read(String page) {
        Map<String, String> types = new HashMap<>();
        Map<String, Double> samples = new HashMap<>();
        String family = "";
        if (!page.endsWith("\n")) {
            throw new AssertionError("the last line has no end");
        }
        for (String line : page.split("\n", -1)) {
            Matcher comment = COMMENT.matcher(line);
            Matcher sample = SAMPLE.matcher(line);
            if (comment.matches() && comment.group(1).equals("HELP")) {
                family = comment.group(2);
            } else if (comment.matches()) {
                require(family.equals(comment.group(2)), "TYPE follows HELP of the same family", line);
                require(comment.group(3).matches("counter|gauge|summary"), "a type that is known", line);
                require(types.put(family, comment.group(3)) == null, "a family once", line);
            } else if (!line.isEmpty()) {
                require(sample.matches(), "a sample", line);
                sample(sample, family, types, samples, line);
            }
        }
        return samples;
    }

    private static void sample(
            Matcher sample, String family, Map<String, String> types, Map<String, Double> samples, String line) {
        String name = sample.group(1);
        String type = types.getOrDefault(family, "none");
        boolean ofFamily = type.equals("summary")
                ? name.equals(family + "_count") || name.equals(family + "_sum")
                : name.equals(family);
        require(ofFamily, "a sample of the family " + family, line);
        require(type.equals("counter") == family.endsWith("_total"), "a counter ends in _total", line);
        double value = Double.parseDouble(sample.group(2));
        require(value >= 0 || type.equals("gauge"), "what only grows is not negative", line);
        require(samples.put(line.substring(0, line.lastIndexOf(' ')), value) == null, "a sample once", line);
    }

    private static void require(boolean holds, String what, String line) {
        if (!holds) {
            throw new AssertionError("expected " + what + ": " + line);
        }
    }
}
