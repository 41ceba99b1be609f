/**
 * The agreed topology: the record, the register that its voters run, and leases (PROTOCOL.md 2 and 3). Knows nothing of
 * entries, sockets, threads or clocks. Open {@link io.ringgrid.topology.Topology} first.
 */
@NullMarked
package io.ringgrid.topology;

import org.jspecify.annotations.NullMarked;
