package dev.squall.injector;

import dev.squall.client.Fleet;
import dev.squall.client.Identity;
import dev.squall.gatling.GatlingRun;
import dev.squall.journal.JournalWriter;
import dev.squall.journal.LatencyLog;
import dev.squall.plan.Message;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Extension;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.role.RunClock;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A little of everything before the run: a few clients against a server in this process dial, talk, compress, leave with
 * 1010, are sent away with 1012 and return. The first arrivals of a cold process would come a tenth of a second late,
 * while its classes load.
 */
final class Rehearsal {

    private static final String HOST = "127.0.0.1";
    private static final int CLIENTS = 30;
    private static final long ARRIVE_MICROS = 150_000;
    private static final long DURATION_MICROS = 600_000;
    private static final long LIMIT_MICROS = 2_000_000;
    private static final long LIMIT_SECONDS = 10;
    private static final int MESSAGES_UNTIL_CLOSE = 4;

    private Rehearsal() {}

    /** Takes less than a second; afterwards nothing is left of it but warm code. */
    static void run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("squall-rehearsal");
        Path rows = folder.resolve("rows.csv");
        Path values = folder.resolve("values.hlog");
        EventLoopGroup loops = GatlingRun.eventLoops(1);
        EventLoopGroup serverLoops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (JournalWriter journal = new JournalWriter(rows);
                LatencyLog latencies = new LatencyLog(values)) {
            Channel server = listen(serverLoops);
            Plan plan = plan(((InetSocketAddress) server.localAddress()).getPort());
            Fleet fleet = new Fleet(
                    plan,
                    0,
                    new Identity("squall/rehearsal", "rehearsal"),
                    journal::add,
                    latencies::series,
                    GatlingRun.sockets());
            enter(fleet, loops);
            fleet.start(new RunClock(System.nanoTime()), late -> {});
            CompletableFuture.anyOf(fleet.ended(), fleet.defect()).get(LIMIT_SECONDS, TimeUnit.SECONDS);
            Throwable defect = fleet.defect().getNow(null);
            if (defect != null) {
                throw new IllegalStateException("a client broke at rehearsal", defect);
            }
        } catch (TimeoutException | ExecutionException e) {
            // Many injectors start at once on few processors: this one begins less warm, which its stalls will show.
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(LIMIT_SECONDS, TimeUnit.SECONDS);
            serverLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(LIMIT_SECONDS, TimeUnit.SECONDS);
            Files.deleteIfExists(rows);
            Files.deleteIfExists(values);
            Files.deleteIfExists(folder);
        }
    }

    private static void enter(Fleet fleet, EventLoopGroup loops)
            throws InterruptedException, ExecutionException, TimeoutException {
        var loop = loops.next();
        for (Map.Entry<String, Integer> population : fleet.populations().entrySet()) {
            for (int i = 0; i < population.getValue(); i++) {
                int ordinal = i;
                loop.execute(() -> fleet.enter(population.getKey(), ordinal, loop, () -> {}));
            }
        }
        fleet.entered().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private static Plan plan(int port) {
        ReconnectPolicy soon = new ReconnectPolicy("rehearsal", 0, 50_000, 2, 100_000, Jitter.FULL, false, 5, 0);
        Message often = new Message(20_000, 64);
        List<String> deflate = List.of(Extension.PERMESSAGE_DEFLATE);
        return new Plan(
                Plan.SCHEMA,
                "rehearsal",
                1,
                DURATION_MICROS,
                1,
                List.of(new Plan.Node(0, HOST, port)),
                null,
                null,
                deflate,
                null,
                List.of(
                        new Population(
                                0, "plain", CLIENTS, ARRIVE_MICROS, List.of(), List.of(), On1010.STOP, often, soon),
                        new Population(
                                1, "deflate", CLIENTS, ARRIVE_MICROS, deflate, deflate, On1010.STOP, often, soon),
                        new Population(
                                2,
                                "strict",
                                CLIENTS,
                                ARRIVE_MICROS,
                                List.of("x-rehearsal"),
                                List.of("x-rehearsal"),
                                On1010.RETRY_WITHOUT,
                                null,
                                soon)),
                List.of(),
                List.of(),
                new Plan.Limits(LIMIT_MICROS, LIMIT_MICROS, LIMIT_MICROS, LIMIT_MICROS),
                List.of(),
                0);
    }

    private static Channel listen(EventLoopGroup loops) throws InterruptedException {
        return new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpServerCodec(),
                                        new HttpObjectAggregator(4096),
                                        new WebSocketServerCompressionHandler(0),
                                        new WebSocketServerProtocolHandler("/", null, true),
                                        new Counterpart());
                    }
                })
                .bind(new InetSocketAddress(HOST, 0))
                .sync()
                .channel();
    }

    /** Echoes, and after a few messages sends the client away. */
    private static final class Counterpart extends SimpleChannelInboundHandler<WebSocketFrame> {
        private int messages;

        @Override
        @SuppressWarnings("FutureReturnValueIgnored")
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            messages++;
            context.writeAndFlush(
                    messages < MESSAGES_UNTIL_CLOSE
                            ? frame.retain()
                            : new CloseWebSocketFrame(CloseCode.SERVICE_RESTART.code(), "rehearsal"));
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored")
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(); // A client that has ended already.
        }
    }
}
