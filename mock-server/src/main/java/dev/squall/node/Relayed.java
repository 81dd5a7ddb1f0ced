package dev.squall.node;

import dev.squall.protocol.CloseCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection and the one that a proxy has for it at the server behind: whatever comes on one goes out on the
 * other, as it came. Both live on one event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What a write fails with comes to exceptionCaught of its channel.
final class Relayed {

    /** How long the server has to end TCP once nobody is there for it any more. */
    private static final long LEAVE_SECONDS = 2;

    private final Connection connection;
    private final Channel client;
    private final Worker worker;
    private final FrameBounds fromClient = new FrameBounds();
    private final FrameBounds fromServer = new FrameBounds();
    private final FromServer fromServerSide = new FromServer();
    private @Nullable Channel server;
    private @Nullable CharSequence accept;
    private @Nullable Runnable whenBetween;
    private boolean reads = true;
    private boolean open;
    private boolean left;

    Relayed(Connection connection, Channel client, Worker worker) {
        this.connection = connection;
        this.client = client;
        this.worker = worker;
    }

    /** The server is dialled. */
    void dialling(Channel channel) {
        server = channel;
    }

    /** It took the client, with this Sec-WebSocket-Accept; its frames come once the client has the answer. */
    void accepted(Channel channel, @Nullable CharSequence itsAccept) {
        server = channel;
        accept = itsAccept;
        Upstream.upgraded(channel, fromServerSide);
    }

    /** As the server said it, right or wrong. */
    @Nullable
    CharSequence accept() {
        return accept;
    }

    /** What reads the client from now on. */
    ChannelInboundHandlerAdapter clientSide() {
        return new FromClient();
    }

    /** The client has the answer. */
    void opened() {
        // Not before HTTP's encoder has gone, which is when all that hear of the answer have heard.
        worker.execute(() -> {
            open = true;
            fromServerSide.begin();
            throttle();
        });
    }

    /** Reads both sides, or neither. */
    void readWhile(boolean wanted) {
        reads = wanted;
        throttle();
    }

    private void throttle() {
        Channel there = server;
        if (there != null && open) {
            client.config().setAutoRead(reads && there.isWritable());
            there.config().setAutoRead(reads && client.isWritable());
        }
    }

    /**
     * Whether a frame of ours may go to the client now. If not, this is done as soon as it may; what waits for that already is
     * forgotten.
     */
    boolean isBetween(Runnable then) {
        if (fromServer.isBetween()) {
            return true;
        }
        whenBetween = then;
        return false;
    }

    /** The client was told Close by us: the server has lost it. */
    void leave() {
        Channel there = server;
        if (there == null || left) {
            return;
        }
        left = true;
        if (fromClient.isBetween() && there.isActive()) {
            there.write(FrameBounds.closeToServer(CloseCode.GOING_AWAY.code()));
        }
        finish(there);
    }

    /** TCP to the client ended. */
    void clientEnded(boolean reset) {
        Channel there = server;
        fromClient.release();
        if (there == null) {
            return;
        }
        left = true;
        if (reset && there.isActive()) {
            there.config().setOption(ChannelOption.SO_LINGER, 0);
            there.close();
        } else {
            finish(there);
        }
    }

    /** Ends our half; the server, which closes TCP first (RFC 6455 section 7.1.1), has a little time for its own. */
    private void finish(Channel there) {
        if (!there.isActive()) {
            there.close();
            return;
        }
        there.flush();
        there.config().setAutoRead(true); // What it still says is dropped, and its end noticed.
        there.eventLoop().schedule(() -> there.close(), LEAVE_SECONDS, TimeUnit.SECONDS);
        if (there instanceof DuplexChannel half && there.pipeline().get("ssl") == null) {
            there.writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener((ChannelFutureListener) flushed -> half.shutdownOutput());
        } else {
            there.close();
        }
    }

    /** From the client to the server. */
    private final class FromClient extends ChannelInboundHandlerAdapter implements FrameBounds.Sink {

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            connection.heard();
            if (message instanceof ByteBuf bytes) {
                fromClient.take(bytes, this);
            } else {
                context.fireChannelRead(message);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            Channel there = server;
            if (there != null && !left) {
                there.flush();
                if (!there.isWritable()) {
                    throttle();
                }
            }
            context.fireChannelReadComplete();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            throttle();
            context.fireChannelWritabilityChanged();
        }

        @Override
        public void bytes(ByteBuf part) {
            Channel there = server;
            if (there == null || left) {
                part.release();
            } else {
                there.write(part, there.voidPromise());
            }
        }

        @Override
        public void close(ByteBuf frame, int code, String reason) {
            if (connection.clientCloses(code, reason)) {
                bytes(frame);
            } else {
                frame.release();
            }
        }

        @Override
        public void message() {
            connection.relayedMessage();
        }

        @Override
        public boolean passesPongs() {
            return true;
        }
    }

    /** From the server to the client. */
    private final class FromServer extends ChannelInboundHandlerAdapter implements FrameBounds.Sink {
        /** What came right behind the server's answer, before the client has that: as much as one read brings. */
        private final Queue<ByteBuf> early = new ArrayDeque<>(0);

        private boolean reset;

        void begin() {
            for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
                fromServer.take(bytes, this);
            }
            client.flush();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof ByteBuf bytes && !open && !left) {
                early.add(bytes);
            } else if (message instanceof ByteBuf bytes && !left) {
                fromServer.take(bytes, this);
                Runnable then = whenBetween;
                if (then != null && fromServer.isBetween()) {
                    whenBetween = null;
                    worker.run(then);
                }
            } else {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            client.flush();
            if (!client.isWritable()) {
                throttle();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            throttle();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
            reset |= failure instanceof IOException;
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fromServer.release();
            early.forEach(ByteBuf::release);
            early.clear();
            if (!left) {
                left = true;
                worker.run(() -> connection.serverEnded(reset));
            }
        }

        @Override
        public void bytes(ByteBuf part) {
            connection.pass(part);
        }

        @Override
        public void close(ByteBuf frame, int code, String reason) {
            connection.serverCloses(frame, code, reason);
        }

        @Override
        public void message() {
            // What the server says is nobody's message to it.
        }

        @Override
        public boolean passesPongs() {
            return connection.answersPings();
        }
    }
}
