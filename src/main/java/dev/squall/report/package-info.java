/** What people and scripts read after a run: everything here is made again from the run directory alone. */
@NullMarked
package dev.squall.report;

import org.jspecify.annotations.NullMarked;
