package dev.squall.node;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/**
 * Sends every data frame back as it came, fragments as fragments: the innermost handler, behind the extensions. A peer that
 * does not read is not read from either; and what waits for all such peers of an event loop is bounded.
 */
final class Echo extends ChannelInboundHandlerAdapter {

    private final Connection connection;
    private final HeldBytes held;

    /** What waits for the peer, as far as it is counted: only if it is much. */
    private int waiting;

    /**
     * The echo of one connection.
     *
     * @param held what its event loop keeps for peers that do not read
     */
    Echo(Connection connection, HeldBytes held) {
        this.connection = connection;
        this.held = held;
    }

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
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
        if (!context.channel().isWritable()) {
            count(context.channel()); // Nothing is read from now on, so it does not grow.
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Channel channel = context.channel();
        connection.readWhile(channel.isWritable());
        if (channel.isWritable()) {
            forget();
        }
    }

    private void count(Channel channel) {
        forget();
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        int bytes = buffer == null ? 0 : (int) Math.min(Integer.MAX_VALUE, buffer.totalPendingWriteBytes());
        if (held.take(bytes)) {
            waiting = bytes;
        } else {
            connection.drop();
        }
    }

    private void forget() {
        held.give(waiting);
        waiting = 0;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        forget();
        context.fireChannelInactive();
    }

    /** An extension could not read a frame: it stands between the connection and this handler. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        connection.failed(cause);
    }
}
