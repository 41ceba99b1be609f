/**
 * The thin client: the public API over TCP, straight to the owner of each key. Open
 * {@link io.ringgrid.client.GridClient} first.
 */
@NullMarked
package io.ringgrid.client;

import org.jspecify.annotations.NullMarked;
