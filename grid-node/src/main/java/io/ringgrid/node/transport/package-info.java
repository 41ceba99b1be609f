/**
 * A member's connections to the other members. Knows nothing of what the messages mean. Open
 * {@link io.ringgrid.node.transport.PeerLinks} first.
 */
@NullMarked
package io.ringgrid.node.transport;

import org.jspecify.annotations.NullMarked;
