/**
 * What will happen in a run, as a pure function of (experiment, seed): what children are given, and what the judge holds
 * a run against. A plan has no row per client: whatever differs between clients is computed from the seed where it is
 * needed.
 */
@NullMarked
package dev.squall.plan;

import org.jspecify.annotations.NullMarked;
