/** Tests of the command line. */
@NullMarked
package io.ringgrid.node.cli;

import org.jspecify.annotations.NullMarked;
