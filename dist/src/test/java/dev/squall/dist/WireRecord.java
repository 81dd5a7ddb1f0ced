package dev.squall.dist;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What a server's bytes say, read on their way to the clients by nobody who knows Squall: which Close each connection got
 * first, or how TCP ended without one. It passes everything on, ends of TCP and resets, too.
 */
final class WireRecord implements AutoCloseable {

    private static final int CLOSE = 8;
    private static final byte[] HEADER_END = {'\r', '\n', '\r', '\n'};

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Map<String, Integer> seen = new TreeMap<>();
    private final Channel listening;
    private final int server;

    /** {@code server}: the port that it stands before. */
    WireRecord(int server) throws InterruptedException, IOException {
        this.server = server;
        this.listening = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel client) {
                        join(client);
                    }
                })
                .bind("127.0.0.1", Remains.freePort())
                .sync()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** How many connections ended how, by the server: a close code, eof or reset. */
    synchronized Map<String, Integer> seen() {
        return new TreeMap<>(seen);
    }

    private synchronized void count(String how) {
        seen.merge(how, 1, Integer::sum);
    }

    private void join(SocketChannel client) {
        new Bootstrap()
                .group(client.eventLoop())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel upstream) {
                        Frames ofClient = new Frames(4);
                        upstream.pipeline().addLast(new Half(client, new Frames(0), ofClient));
                        client.pipeline().addLast(new Half(upstream, ofClient, null));
                    }
                })
                .connect("127.0.0.1", server)
                .addListener(connected -> {
                    if (connected.isSuccess()) {
                        client.config().setAutoRead(true);
                        ((ChannelFuture) connected).channel().config().setAutoRead(true);
                    } else {
                        reset(client); // As the server would have refused it.
                    }
                });
    }

    private static void reset(Channel channel) {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.close();
    }

    /** One direction. */
    private final class Half extends ChannelInboundHandlerAdapter {
        private final Channel other;
        private final Frames frames;
        private final Frames ofClient;
        private boolean reset;

        /** {@code ofClient}: what the client says, if this is the server's direction; else null. */
        Half(Channel other, Frames frames, Frames ofClient) {
            this.other = other;
            this.frames = frames;
            this.ofClient = ofClient;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            frames.take((ByteBuf) message);
            if (ofClient != null && frames.closed && !ofClient.closed) {
                frames.first = true;
            }
            other.writeAndFlush(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
            reset = true;
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            // Who is ended by its client is not ended by the server.
            boolean left = ofClient != null && ofClient.closed && !frames.first;
            if (ofClient != null && frames.upgraded && other.isActive() && !left) {
                count(frames.closed ? String.valueOf(frames.code) : reset ? "reset" : "eof");
            }
            if (reset) {
                reset(other);
            } else {
                other.close();
            }
        }
    }

    /** The frames of one side (RFC 6455 section 5.2) behind its part of the handshake. */
    private static final class Frames {
        private final byte[] head = new byte[14];
        private final int mask;
        private int matched;
        private int have;
        private long payload;
        private boolean inClose;
        private int codeBytes;
        private boolean upgraded;
        private boolean closed;
        private boolean first;
        private int code;

        /** {@code mask}: how long the masking key is. */
        Frames(int mask) {
            this.mask = mask;
        }

        void take(ByteBuf bytes) {
            for (int i = bytes.readerIndex(); i < bytes.writerIndex(); i++) {
                take(bytes.getByte(i));
            }
        }

        private void take(byte next) {
            if (matched < HEADER_END.length) {
                matched = next == HEADER_END[matched] ? matched + 1 : next == '\r' ? 1 : 0;
                upgraded = matched == HEADER_END.length;
            } else if (payload > 0) {
                payload--;
                if (inClose && codeBytes < 2) {
                    code = code << 8 | next & 0xff;
                    codeBytes++;
                }
            } else {
                head[have++] = next;
                int length = have < 2 ? 0 : head[1] & 0x7f;
                int needed = have < 2 ? 2 : mask + (length == 127 ? 10 : length == 126 ? 4 : 2);
                if (have >= 2 && have == needed) {
                    begin(length);
                }
            }
        }

        private void begin(int length) {
            payload = 0;
            for (int i = 2; i < have - mask; i++) {
                payload = payload << 8 | head[i] & 0xff;
            }
            payload = have - mask == 2 ? length : payload;
            have = 0;
            inClose = !closed && (head[0] & 0x0f) == CLOSE;
            closed |= inClose;
            code = inClose && payload == 0 ? 1005 : code;
        }
    }

    @Override
    public void close() {
        listening.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
