/**
 * Puts a member together: core, engine, discovery and doors. Open {@link io.ringgrid.node.GridNode} first.
 */
@NullMarked
package io.ringgrid.node;

import org.jspecify.annotations.NullMarked;
