/**
 * Redis' protocols RESP2 and RESP3: bytes to operations, results to bytes, to the letter of Redis 7.0. Of the cluster behind
 * the engine it knows only who serves which slot ({@code Layout}), to tell Redis Cluster's clients. Open {@link
 * io.ringgrid.node.resp.RespDoor} first, then {@code Commands} and one of its families.
 */
@NullMarked
package io.ringgrid.node.resp;

import org.jspecify.annotations.NullMarked;
