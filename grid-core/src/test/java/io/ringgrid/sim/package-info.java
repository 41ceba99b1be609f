/**
 * The simulator and the judge of its histories, for every module's tests. The judge ({@code Linearizability}) knows
 * nothing of the implementation. Open {@code History} first.
 */
@NullMarked
package io.ringgrid.sim;

import org.jspecify.annotations.NullMarked;
