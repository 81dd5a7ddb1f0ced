package dev.squall.node;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/**
 * Sends every data frame back as it came, fragments as fragments: the innermost handler, behind the extensions. It holds
 * nothing of a connection, so one serves all.
 */
@Sharable
final class Echo extends ChannelInboundHandlerAdapter {

    static final Echo ECHO = new Echo();

    private Echo() {}

    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof WebSocketFrame frame) {
            // The void promise costs no object a message; a failed write comes to exceptionCaught of the connection.
            context.write(frame, context.voidPromise());
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    /** What waits to be written stays bounded. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Connection.of(context.channel()).readWhile(context.channel().isWritable());
    }

    /** An extension could not read a frame: it stands between the connection and this handler. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Connection.of(context.channel()).failed(cause);
    }
}
