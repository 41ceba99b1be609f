/**
 * Connections: those to the other members, and what the doors share, answers in order and back-pressure. Knows nothing of
 * any protocol's words. Open {@link io.ringgrid.node.transport.PeerLinks} for members, and {@link
 * io.ringgrid.node.transport.Connection} for doors.
 */
@NullMarked
package io.ringgrid.node.transport;

import org.jspecify.annotations.NullMarked;
