/** Tests of the metrics. */
@NullMarked
package io.ringgrid.node.metrics;

import org.jspecify.annotations.NullMarked;
