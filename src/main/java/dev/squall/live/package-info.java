/**
 * A run as it goes on, for those who look at it from outside: a page with its event stream, Prometheus, OpenTelemetry.
 *
 * <p>Each is an {@code Onlooker}: the harness's thread tells it how the run stands, once a second, and never waits for it.
 */
@NullMarked
package dev.squall.live;

import org.jspecify.annotations.NullMarked;
