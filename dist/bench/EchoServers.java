import dev.squall.node.MockServer;
import dev.squall.plan.Plan;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.util.List;

/**
 * The servers that echo.sh compares, one a process: {@code node PORT} or {@code plain PORT}; {@code bare PORT} is a node
 * without extensions. Each ends with its input.
 */
final class EchoServers {

    private static final String HOST = "127.0.0.1";

    /** What a node has on a machine of two processors. */
    private static final int EVENT_LOOPS = 1;

    public static void main(String... args) throws Exception {
        int port = Integer.parseInt(args[1]);
        switch (args[0]) {
            case "node" -> MockServer.on(HOST, port).start();
            case "bare" -> bare(port).start();
            case "proxy" -> proxy(port, Integer.parseInt(args[2])).start();
            case "forward" -> forward(port, Integer.parseInt(args[2]));
            case "plain" ->
                Vertx.vertx(new VertxOptions().setEventLoopPoolSize(EVENT_LOOPS).setPreferNativeTransport(true))
                        .deployVerticle(new Plain(port))
                        .await();
            default -> throw new IllegalArgumentException(args[0] + " (expected: node | bare | proxy | forward | plain)");
        }
        System.out.println("listening");
        System.in.read();
        System.exit(0);
    }

    /** A node that negotiates no extension, whatever its clients offer. */
    private static MockServer bare(int port) throws IOException {
        Plan.Serving serving = new Plan.Serving(null, 0, HOST, 0);
        Plan.Node node = new Plan.Node(0, HOST, port);
        return MockServer.of(
                Plan.ofServer(
                        0, Plan.WITHOUT_END_MICROS, node, serving, List.of(), null, List.of(), List.of(), List.of()),
                0);
    }

    /** A proxy before the server at another port. */
    private static MockServer proxy(int port, int upstream) throws IOException {
        Plan.Serving serving = new Plan.Serving(null, 0, HOST, 0);
        Plan.Endpoint behind = new Plan.Endpoint(
                "ws://" + HOST + ":" + upstream + "/", HOST, false, 0, new Plan.ForeignRestarts(List.of(), 0, 0, 0));
        Plan plan = Plan.ofServer(
                0,
                Plan.WITHOUT_END_MICROS,
                new Plan.Node(0, HOST, port),
                serving,
                List.of(),
                null,
                List.of(),
                List.of(),
                List.of());
        return MockServer.of(plan.before(new Plan.Relay(behind, null, null)), 0);
    }

    /** What passes bytes on and knows nothing of them: Netty's own example of a proxy, on as many event loops. */
    private static void forward(int port, int to) throws InterruptedException {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EVENT_LOOPS, EpollIoHandler.newFactory());
        new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel client) {
                        Channel server = new Bootstrap()
                                .group(client.eventLoop())
                                .channel(EpollSocketChannel.class)
                                .option(ChannelOption.AUTO_READ, false)
                                .option(ChannelOption.TCP_NODELAY, true)
                                .handler(new Passing(client))
                                .connect(HOST, to)
                                .addListener((ChannelFutureListener) connected -> {
                                    connected.channel().config().setAutoRead(true);
                                    client.config().setAutoRead(true);
                                })
                                .channel();
                        client.pipeline().addLast(new Passing(server));
                    }
                })
                .bind(HOST, port)
                .sync();
    }

    private static final class Passing extends ChannelInboundHandlerAdapter {
        private final Channel other;

        Passing(Channel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            other.write(message, other.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            other.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            other.config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            other.close();
        }
    }

    /** The echo server that Vert.x's documentation leads to, with the extension settings of a node. */
    private static final class Plain extends AbstractVerticle {
        private final int port;

        Plain(int port) {
            this.port = port;
        }

        @Override
        public void start(Promise<Void> started) {
            HttpServerOptions options = new HttpServerOptions()
                    .setMaxWebSocketFrameSize(16 << 20)
                    .setPerFrameWebSocketCompressionSupported(false)
                    .setPerMessageWebSocketCompressionSupported(true)
                    .setWebSocketAllowServerNoContext(true)
                    .setWebSocketPreferredClientNoContext(true);
            vertx.createHttpServer(options)
                    .webSocketHandler(socket -> socket.frameHandler(frame -> {
                        if (!frame.isClose()) {
                            socket.writeFrame(frame);
                        }
                    }))
                    .listen(port, HOST)
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }
}
