/**
 * Objects ↔ bytes, so that all doors agree, and typed maps over operations. Knows nothing of members or connections. Open
 * {@link io.ringgrid.codec.TypedMap} first.
 */
@NullMarked
package io.ringgrid.codec;

import org.jspecify.annotations.NullMarked;
