/**
 * Tests of members as processes of their own, started by {@code scripts/grid-node}, killed, stopped and brought back.
 * They need what the package phase makes, so they run after it, by their tag {@code process}. Open
 * {@link io.ringgrid.node.process.MainJobProcessTest} first.
 */
@NullMarked
package io.ringgrid.node.process;

import org.jspecify.annotations.NullMarked;
