/**
 * Runs a member's replicas: threads, timers and the node's clock; delivers the core's effects. Knows nothing of the
 * doors' protocols. Open {@link io.ringgrid.node.engine.Engine} first.
 */
@NullMarked
package io.ringgrid.node.engine;

import org.jspecify.annotations.NullMarked;
