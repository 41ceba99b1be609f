/**
 * Our binary frames, member to member and client to member: encode and decode, nothing else. Open
 * {@link io.ringgrid.wire.ByteReader} first.
 */
@NullMarked
package io.ringgrid.wire;

import org.jspecify.annotations.NullMarked;
