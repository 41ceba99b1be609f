/**
 * What a member is configured with: one immutable record. Knows nothing of what is done with it. Open {@link
 * io.ringgrid.node.config.NodeConfig} first; a dedicated member's options, environment and file are read by {@link
 * io.ringgrid.node.config.SettingsReader} from the table in {@link io.ringgrid.node.config.Setting}.
 */
@NullMarked
package io.ringgrid.node.config;

import org.jspecify.annotations.NullMarked;
