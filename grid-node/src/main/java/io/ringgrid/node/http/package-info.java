/**
 * Health and the cluster's state over HTTP, for people, probes and monitoring. Knows the engine's {@code Health} and nothing
 * else of the cluster; the figures come as text. Open {@link io.ringgrid.node.http.HttpDoor} first, then {@code Page}.
 */
@NullMarked
package io.ringgrid.node.http;

import org.jspecify.annotations.NullMarked;
