/**
 * The native door: our own frames, from clients and from other members, on one port. Knows operations and the engine,
 * and nothing of what members say to each other. Open {@link io.ringgrid.node.binary.NativeDoor} first.
 */
@NullMarked
package io.ringgrid.node.binary;

import org.jspecify.annotations.NullMarked;
