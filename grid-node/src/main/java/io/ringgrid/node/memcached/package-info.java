/**
 * memcached's text protocol: bytes to operations, results to bytes, to the letter of memcached 1.6. Knows nothing of the
 * cluster behind the engine. Open {@link io.ringgrid.node.memcached.MemcachedDoor} first, then {@code Command}.
 */
@NullMarked
package io.ringgrid.node.memcached;

import org.jspecify.annotations.NullMarked;
