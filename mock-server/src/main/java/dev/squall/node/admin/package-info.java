/**
 * The live control of a mock server: an HTTP API and a page on a port and an event loop of their own, above {@link
 * dev.squall.node.Control} and below {@link dev.squall.node.NodeMain}, which starts it where one is asked for.
 *
 * <p>A request goes through {@code Gate} (who may speak) to {@code Api} (what is asked for). {@code openapi.yaml}
 * describes every route, and a test holds the two against each other.
 */
@NullMarked
package dev.squall.node.admin;

import org.jspecify.annotations.NullMarked;
