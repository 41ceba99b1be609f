/** Writes JSON, for pages and for the command line. Knows nothing of what it says. Open {@link io.ringgrid.node.json.Json}. */
@NullMarked
package io.ringgrid.node.json;

import org.jspecify.annotations.NullMarked;
