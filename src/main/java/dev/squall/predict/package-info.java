/**
 * A run without sockets: a plan's clients and nodes on virtual time. The plan, the connection machine, the policies and the
 * {@link dev.squall.stats.Measures} are those of a run; the server is a {@link dev.squall.predict.Model}. {@code
 * cli -> predict -> stats, plan, profile}.
 */
@NullMarked
package dev.squall.predict;

import org.jspecify.annotations.NullMarked;
