package dev.squall.client;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;

/** Netty's, and it tells when bytes came: a stalled connection may have half a frame. */
final class FrameDecoder extends WebSocket13FrameDecoder {

    private final Connection connection;

    FrameDecoder(WebSocketDecoderConfig config, Connection connection) {
        super(config);
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        connection.bytesCame();
        super.channelRead(context, message);
    }
}
