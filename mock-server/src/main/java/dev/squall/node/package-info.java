/**
 * The mock server, on Vert.x: the right-hand neighbour of {@code plan} and the source of the nodes' journals.
 *
 * <p>{@link dev.squall.node.NodeMain} ties a {@link dev.squall.node.MockServer} to a run. A request goes from {@code
 * Listener} (sockets) to {@code Handshakes} (what to answer: {@code HandshakeQueue} says when, {@code Negotiator} with
 * which extensions) and becomes an open {@code Connection}, which one {@code Worker}, its event loop, looks after. {@code
 * Restarts} is the timetable that closes and opens all of it. Each fault is a class of its own.
 *
 * <p>Vert.x listens, runs the event loops, parses HTTP, shakes hands and negotiates. From the 101 on its own WebSocket
 * handler is taken out: it keeps 13 KB a connection (two queues of 4 KB each, and the request), closes with 1000 where a
 * restart wants 1012, tells an empty Close as 1000, and does not say when a Close was written.
 */
@NullMarked
package dev.squall.node;

import org.jspecify.annotations.NullMarked;
