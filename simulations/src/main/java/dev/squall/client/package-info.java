/**
 * The virtual clients: each is one {@link dev.squall.protocol.ConnectionMachine} state and, while it is connected, one
 * WebSocket connection on a Netty event loop. They read the plan and write the journal; who gives them their event loops
 * (the injector through Gatling, or a test) is not known here.
 *
 * <p>A client lives on one event loop, so nothing in here locks. Whatever a hundred thousand clients have each is kept
 * small: no HTTP codec after the handshake, one timer, no object per message beyond the frame.
 */
@NullMarked
package dev.squall.client;

import org.jspecify.annotations.NullMarked;
