/**
 * The figures of a member as Prometheus reads them. Knows who counts what, and counts nothing itself. Open {@link
 * io.ringgrid.node.metrics.Metrics} first.
 */
@NullMarked
package io.ringgrid.node.metrics;

import org.jspecify.annotations.NullMarked;
