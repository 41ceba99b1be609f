/**
 * One partition's stream: primary, backup, takeover, filling (PROTOCOL.md 4 to 6 and 9), and {@link
 * io.ringgrid.replica.LocalMember}, which puts a process's replicas and its register together. Knows nothing of sockets,
 * threads or clocks. Open {@link io.ringgrid.replica.Replica} first.
 */
@NullMarked
package io.ringgrid.replica;

import org.jspecify.annotations.NullMarked;
