package dev.squall.client;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;

/** Netty's, which has no state: one for all connections. */
@Sharable
final class FrameEncoder extends WebSocket13FrameEncoder {

    static final FrameEncoder SHARED = new FrameEncoder();

    private FrameEncoder() {
        super(true); // RFC 6455 section 5.3: a client masks.
    }
}
