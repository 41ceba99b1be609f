/**
 * Finds the other members, and hints that one may be dead: the only user of JGroups. What it says decides nothing; roles
 * come from the committed topology alone (PROTOCOL.md 1). Open {@link io.ringgrid.node.cluster.Discovery} first.
 */
@NullMarked
package io.ringgrid.node.cluster;

import org.jspecify.annotations.NullMarked;
