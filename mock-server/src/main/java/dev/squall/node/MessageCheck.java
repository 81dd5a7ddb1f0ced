package dev.squall.node;

import dev.squall.protocol.CloseCode;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * What a message must be once it is decompressed: not too long, and UTF-8 if it is text. Looks at each fragment as it comes,
 * and leaves out those that hold nothing and end nothing, which Netty's deflater cannot take.
 */
final class MessageCheck extends ChannelInboundHandlerAdapter {

    private final Connection connection;
    private final int limit;
    private final FrameDecoder decoder;
    private final MessageText compressedText = new MessageText();

    // The present message.
    private boolean text;
    private boolean begun;
    private long bytes;

    /**
     * The check of one connection.
     *
     * @param decoder has seen the message as it came, and its text if it was not compressed
     * @param limit the most bytes of a message
     */
    MessageCheck(Connection connection, FrameDecoder decoder, int limit) {
        this.connection = connection;
        this.decoder = decoder;
        this.limit = limit;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof WebSocketFrame frame)) {
            context.fireChannelRead(message);
            return;
        }
        ByteBuf content = frame.content();
        boolean last = frame.isFinalFragment();
        boolean first = !(frame instanceof ContinuationWebSocketFrame);
        if (first) {
            text = frame instanceof TextWebSocketFrame;
            begun = false;
            bytes = 0;
            compressedText.begin();
        }
        bytes += content.readableBytes();
        if (bytes > limit) { // RFC 6455 section 10.4
            frame.release();
            connection.violated(CloseCode.MESSAGE_TOO_BIG, "message of more than " + limit + " bytes");
        } else if (text && decoder.isCompressed() && !compressedText.take(content, -1, last)) {
            frame.release();
            connection.violated(CloseCode.INVALID_PAYLOAD, FrameDecoder.NOT_UTF8);
        } else if (!last && !content.isReadable()) {
            frame.release();
        } else {
            boolean asFirst = !begun && !first;
            begun = true;
            context.fireChannelRead(asFirst ? first(last, content) : frame);
        }
    }

    private WebSocketFrame first(boolean last, ByteBuf content) {
        return text ? new TextWebSocketFrame(last, 0, content) : new BinaryWebSocketFrame(last, 0, content);
    }
}
