import dev.squall.node.MockServer;
import dev.squall.plan.Plan;
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
            case "plain" ->
                Vertx.vertx(new VertxOptions().setEventLoopPoolSize(EVENT_LOOPS).setPreferNativeTransport(true))
                        .deployVerticle(new Plain(port))
                        .await();
            default -> throw new IllegalArgumentException(args[0] + " (expected: node | bare | plain)");
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
