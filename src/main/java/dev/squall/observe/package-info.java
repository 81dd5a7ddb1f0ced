/** Polls what stands beside the run: Prometheus, JSON, an HTTP status. */
@NullMarked
package dev.squall.observe;

import org.jspecify.annotations.NullMarked;
