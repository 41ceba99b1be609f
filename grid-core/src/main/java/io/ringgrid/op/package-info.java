/**
 * The narrow waist: what any door asks for becomes an {@link io.ringgrid.op.Operation}, what it hears back is a
 * {@link io.ringgrid.op.Result}. Knows nothing of members, sockets or protocols. Open {@code Operation} first.
 */
@NullMarked
package io.ringgrid.op;

import org.jspecify.annotations.NullMarked;
