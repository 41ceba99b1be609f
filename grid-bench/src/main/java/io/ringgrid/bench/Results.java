package io.ringgrid.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What all rounds have measured, by trial and figure. Not thread-safe. */
final class Results {
    private final Map<Trial, Map<String, List<Double>>> values = new LinkedHashMap<>();

    private final List<Double> loads = new ArrayList<>();

    /** How busy the machine was before a trial. */
    void load(double average) {
        loads.add(average);
    }

    /** The same before all trials. */
    Sample loads() {
        return new Sample(loads);
    }

    void add(Trial trial, Map<String, Double> figures) {
        Map<String, List<Double>> all = values.computeIfAbsent(trial, key -> new LinkedHashMap<>());
        figures.forEach((name, value) ->
                all.computeIfAbsent(name, key -> new ArrayList<>()).add(value));
    }

    /**
     * One figure of all rounds.
     *
     * @throws IllegalArgumentException if it was not measured
     */
    Sample sample(Trial trial, String figure) {
        List<Double> found = values.getOrDefault(trial, Map.of()).get(figure);
        if (found == null) {
            throw new IllegalArgumentException(trial + " has no figure " + figure);
        }
        return new Sample(found);
    }
}
