/**
 * The harness: starts nodes and injectors as child processes, carries a plan out, and stops all of it on any way out; and
 * before that the checkup of the machine, whether it can carry the plan at all.
 */
@NullMarked
package dev.squall.run;

import org.jspecify.annotations.NullMarked;
