/**
 * The benchmarks that prove the grid beside its peers. A run is one coordinating process, which measures nothing, and a
 * fresh JVM for each contender of each round, which measures one thing and ends: so no heap, no thread and no profile of
 * the compiler is shared. Uses the grid by its public
 * API; of its partitions it knows only to tell which keys are a member's own. Open {@link io.ringgrid.bench.Bench} first, then {@link
 * io.ringgrid.bench.EmbeddedBenchmark}.
 */
@NullMarked
package io.ringgrid.bench;

import org.jspecify.annotations.NullMarked;
