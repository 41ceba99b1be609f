/**
 * Event loops, connections and back-pressure: what every door for people's clients stands on. Knows the engine's answers,
 * and nothing of the doors' protocols. Open {@link io.ringgrid.node.transport.Connection} first.
 */
@NullMarked
package io.ringgrid.node.transport;

import org.jspecify.annotations.NullMarked;
