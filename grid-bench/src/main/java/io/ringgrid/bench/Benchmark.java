package io.ringgrid.bench;

import java.util.List;

/**
 * One benchmark, in its two halves: what the coordinating process plans and tells, and what a JVM of its own measures.
 * Stateless.
 */
interface Benchmark {
    /** The heap of all its JVMs, as {@code -Xmx} takes it. */
    String heap();

    /** What its JVMs get beside heap and collector. */
    default List<String> jvmOptions() {
        return List.of();
    }

    /** How it measures, for the page of results: a paragraph. */
    String method(Plan plan);

    /** One round's trials, in their order. */
    List<Trial> trials(Plan plan);

    /**
     * Measures; in a fresh JVM.
     *
     * @throws Exception if anything goes wrong, or an answer is
     */
    void measure(Trial trial, Figures figures) throws Exception;

    /** The tables. */
    String report(Plan plan, Results results);
}
