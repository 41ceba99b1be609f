/** Connections between members. */
@NullMarked
package io.ringgrid.node.transport;

import org.jspecify.annotations.NullMarked;
