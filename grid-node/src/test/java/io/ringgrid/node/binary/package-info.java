/** The native door and the thin client against each other, with members that have no replication behind them. */
@NullMarked
package io.ringgrid.node.binary;

import org.jspecify.annotations.NullMarked;
