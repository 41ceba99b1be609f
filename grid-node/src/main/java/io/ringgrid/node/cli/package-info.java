/**
 * {@code scripts/grid}: the grid from a shell. A client like any other: it knows the members only through {@code GridClient}.
 * Open {@link io.ringgrid.node.cli.GridTool} first.
 */
@NullMarked
package io.ringgrid.node.cli;

import org.jspecify.annotations.NullMarked;
