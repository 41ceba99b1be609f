/**
 * One partition's entries, and the account of the memory that all partitions of a member share. Knows nothing of
 * replication, ownership or the clock: times are handed in, and nothing is removed that was not asked for. Open
 * {@link io.ringgrid.store.Store} first.
 */
@NullMarked
package io.ringgrid.store;

import org.jspecify.annotations.NullMarked;
