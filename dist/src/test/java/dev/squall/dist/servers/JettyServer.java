package dev.squall.dist.servers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** An echo server on Jetty. */
final class JettyServer extends EchoServer {

    private Server server;

    private JettyServer(String... arguments) throws IOException {
        super(arguments);
    }

    public static void main(String[] arguments) throws Exception {
        new JettyServer(arguments).live();
    }

    @Override
    void start() throws Exception {
        server = new Server();
        // With a timeout stop() is graceful: the WebSocket container then closes its sessions with 1001.
        server.setStopTimeout(10_000);
        ServerConnector connector = new ServerConnector(server);
        connector.setHost(host());
        connector.setPort(port());
        connector.setAcceptQueueSize(BACKLOG);
        server.addConnector(connector);
        server.setHandler(WebSocketUpgradeHandler.from(
                server,
                container -> container.addMapping("/", (request, response, callback) -> {
                    if (!deflates()) {
                        response.setExtensions(List.of());
                    }
                    return new Echo();
                })));
        server.start();
    }

    @Override
    void stop() throws Exception {
        server.stop();
    }

    /** Public, for Jetty calls it by method handles. */
    public final class Echo extends Session.Listener.AbstractAutoDemanding {

        @Override
        public void onWebSocketText(String message) {
            getSession().sendText(message, Callback.NOOP);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            getSession().sendBinary(payload, callback);
        }

        @Override
        public void onWebSocketClose(int code, String reason) {
            closed(code);
        }
    }
}
