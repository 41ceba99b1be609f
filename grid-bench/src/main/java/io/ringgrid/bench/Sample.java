package io.ringgrid.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One figure as several rounds have measured it: its median, and its spread from the least to the most. Immutable.
 *
 * @param values one for each round, in their order; at least one, all finite
 */
record Sample(List<Double> values) {
    /** Checks and copies. */
    Sample {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a figure without a round");
        }
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("not a figure: " + values);
            }
        }
    }

    static Sample of(double... values) {
        List<Double> list = new ArrayList<>(values.length);
        for (double value : values) {
            list.add(value);
        }
        return new Sample(list);
    }

    /** The middle value; of an even number of rounds the mean of the middle two. */
    double median() {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    double min() {
        return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    double max() {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /**
     * This ÷ the other, round by round: what slows the machine down for a while slows both of one round, so that their
     * ratio is steadier than the ratio of their medians.
     *
     * @throws IllegalArgumentException if they have not the same rounds, or the other one is 0 in one
     */
    Sample dividedBy(Sample other) {
        if (values.size() != other.values.size()) {
            throw new IllegalArgumentException(values.size() + " rounds beside " + other.values.size());
        }
        List<Double> ratios = new ArrayList<>(values.size());
        for (int round = 0; round < values.size(); round++) {
            ratios.add(values.get(round) / other.values.get(round));
        }
        return new Sample(ratios);
    }

    /** All values times this. */
    Sample times(double factor) {
        return new Sample(values.stream().map(value -> value * factor).toList());
    }

    /** Median and spread with this many decimals: {@code 3.1 (2.9–3.3)}; the median alone if there was one round. */
    String text(int decimals) {
        String format = "%,." + decimals + "f";
        String middle = String.format(Locale.ROOT, format, median());
        return values.size() == 1
                ? middle
                : middle + String.format(Locale.ROOT, " (" + format + "–" + format + ")", min(), max());
    }
}
