/**
 * Functions that remember their results, in one JVM or in a map of the grid. Knows the public API alone. Open
 * {@link io.ringgrid.memoize.Memoize} first.
 */
@NullMarked
package io.ringgrid.memoize;

import org.jspecify.annotations.NullMarked;
