/**
 * What a member is configured with: one immutable tree of records. Knows nothing of what is done with it. Open {@link
 * io.ringgrid.node.config.NodeConfig} first.
 */
@NullMarked
package io.ringgrid.node.config;

import org.jspecify.annotations.NullMarked;
