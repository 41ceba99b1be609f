/**
 * How an operation gets to the primary of its partition: whom to ask, when to ask again, when to give up. Members and
 * clients share it. Knows nothing of threads, clocks or sockets. Open {@link io.ringgrid.route.Router} first.
 */
@NullMarked
package io.ringgrid.route;

import org.jspecify.annotations.NullMarked;
