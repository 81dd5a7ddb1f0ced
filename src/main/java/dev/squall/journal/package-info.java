/**
 * What happened, one row an event: the only truth of a run. Children write journals; the merged pass of {@code stats}
 * reads them.
 */
@NullMarked
package dev.squall.journal;

import org.jspecify.annotations.NullMarked;
