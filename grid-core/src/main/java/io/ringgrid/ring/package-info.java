/**
 * Key → slot → partition → owners: the consistent-hash ring, and how the next table is planned, as pure functions. Knows
 * nothing of entries, messages or time. Open {@link io.ringgrid.ring.Planner} first.
 */
@NullMarked
package io.ringgrid.ring;

import org.jspecify.annotations.NullMarked;
