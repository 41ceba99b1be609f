/** Patterns for keys and names, as Redis has them. Knows nothing of where they are from. Open {@link io.ringgrid.node.glob.Glob}. */
@NullMarked
package io.ringgrid.node.glob;

import org.jspecify.annotations.NullMarked;
