/**
 * How clients that are not ours behave, as far as a node's journal tells: rows go in, a {@link
 * dev.squall.behaviour.ClientBehaviour} a client comes out, live within the node and offline from its file. It stands
 * between {@code journal} and {@code stats}; what it says is measured and judged there.
 */
@NullMarked
package dev.squall.behaviour;

import org.jspecify.annotations.NullMarked;
