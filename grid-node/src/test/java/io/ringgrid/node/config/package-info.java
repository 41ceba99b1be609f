/** Tests of the configuration. */
@NullMarked
package io.ringgrid.node.config;

import org.jspecify.annotations.NullMarked;
