/** The harness: starts nodes and injectors as child processes, carries a plan out, and stops all of it on any way out. */
@NullMarked
package dev.squall.run;

import org.jspecify.annotations.NullMarked;
