/**
 * The near-cache: what a process keeps of a map's entries as objects, and how the members tell it what has changed. Its
 * two sides meet in {@link io.ringgrid.near.Invalidation}. Knows nothing of threads, clocks, sockets or frames. Open
 * {@link io.ringgrid.near.NearCache} first, then {@link io.ringgrid.near.Feeds}.
 */
@NullMarked
package io.ringgrid.near;

import org.jspecify.annotations.NullMarked;
