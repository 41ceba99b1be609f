/**
 * The public API, the same for an embedded member and a thin client. Open {@link io.ringgrid.Grid} first.
 */
@NullMarked
package io.ringgrid;

import org.jspecify.annotations.NullMarked;
