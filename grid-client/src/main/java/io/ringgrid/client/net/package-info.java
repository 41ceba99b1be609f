/**
 * Connections between members, and from clients to members, over Netty: frames in and out, the handshake, pings,
 * redialing. Members use it as well as clients. Knows nothing of operations. Open
 * {@link io.ringgrid.client.net.Links} first.
 */
@NullMarked
package io.ringgrid.client.net;

import org.jspecify.annotations.NullMarked;
