/** Who may speak to an HTTP server of ours, whichever library serves it. */
@NullMarked
package dev.squall.gate;

import org.jspecify.annotations.NullMarked;
