/**
 * Redis' protocols RESP2 and RESP3: bytes to operations, results to bytes, to the letter of Redis 7.0. Knows nothing of the
 * cluster behind the engine. Open {@link io.ringgrid.node.resp.RespDoor} first, then {@code Command}.
 */
@NullMarked
package io.ringgrid.node.resp;

import org.jspecify.annotations.NullMarked;
