/**
 * One merged pass over all journals of a run, in order of time, and the measures that come out of it. The same code reads
 * a real run and a predicted one.
 */
@NullMarked
package dev.squall.stats;

import org.jspecify.annotations.NullMarked;
