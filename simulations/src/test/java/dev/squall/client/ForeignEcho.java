package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.websockets.WebSocketConnectionCallback;
import io.undertow.websockets.WebSocketProtocolHandshakeHandler;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import io.undertow.websockets.extensions.PerMessageDeflateHandshake;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.Assumptions;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;
import org.xnio.Options;
import org.xnio.SslClientAuthMode;

/** An echo server that we did not write, with permessage-deflate and perhaps TLS, which restarts when told to. */
abstract class ForeignEcho implements AutoCloseable {

    private static final int LARGEST_MESSAGE = 2 << 20;

    /** By which library. */
    enum Kind {
        WS,
        WEBSOCKETS,
        JETTY,
        UNDERTOW
    }

    /**
     * What it secures connections with.
     *
     * @param folder where {@link TestCertificate#write} has put the certificates of both sides
     * @param client whose certificate it demands; null: none
     */
    record Security(Path folder, KeyStore server, @Nullable KeyStore client) {}

    final int port;

    private ForeignEcho() throws IOException {
        port = ScriptedServer.freePort();
    }

    /** Begins to start one; {@code security} null: without TLS. */
    static ForeignEcho start(Kind kind, Path folder, @Nullable Security security) throws Exception {
        return switch (kind) {
            case WS -> new Program(kind, folder, security, "node", "ws.mjs");
            case WEBSOCKETS -> new Program(kind, folder, security, "/usr/bin/python3", "websockets_server.py");
            case JETTY -> new Jetty(security);
            case UNDERTOW -> new OnUndertow(security);
        };
    }

    /** Waits until it listens; skips the test that asks where its runtime is absent, and fails it in CI. */
    void need() throws IOException {}

    /** Tells every client that it restarts, by a Close of {@link #restartCode}. */
    abstract void restart() throws Exception;

    int restartCode() {
        return 1012;
    }

    /** The versions of TLS that its connections had. */
    abstract List<String> versions() throws IOException;

    /** How many TLS handshakes were full and not resumed, by its own account; it demands a certificate. */
    abstract int full() throws IOException;

    @Override
    public abstract void close() throws Exception;

    /** A process that tells of its handshakes in its log. */
    private static final class Program extends ForeignEcho {

        private final Kind kind;
        private final Path log;
        private final Process process;
        private boolean listening;

        Program(Kind kind, Path folder, @Nullable Security security, String program, String file) throws IOException {
            this.kind = kind;
            log = Files.createTempFile(folder, kind.name(), ".log");
            List<String> command = new ArrayList<>(List.of(
                    // Says what is absent, and is never absent itself.
                    "/usr/bin/env",
                    program,
                    Path.of("..", "dist", "src", "test", "servers", file).toString(),
                    "--port=" + port,
                    "--deflate=on",
                    "--restart-downtime=0",
                    "--log=" + log));
            if (security != null) {
                command.add("--certificate=" + security.folder.resolve("server.pem"));
                command.add("--key=" + security.folder.resolve("server.key"));
                if (security.client != null) {
                    command.add("--clients=" + security.folder.resolve("client.pem"));
                }
            }
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        }

        @Override
        void need() throws IOException {
            if (listening) {
                return;
            }
            String said = process.inputReader().readLine();
            listening = "listening".equals(said);
            if (!"true".equals(System.getenv("CI"))) {
                Assumptions.assumeThat(listening)
                        .as("skipped, for this machine has no %s: %s", kind, said)
                        .isTrue();
            }
            assertThat(said).as(kind.toString()).isEqualTo("listening");
        }

        @Override
        void restart() throws IOException {
            process.outputWriter().write("restart\n");
            process.outputWriter().flush();
        }

        @Override
        int restartCode() {
            return kind == Kind.WS ? 1012 : 1001;
        }

        @Override
        List<String> versions() throws IOException {
            return Files.readAllLines(log).stream()
                    .filter(line -> line.startsWith("TLS"))
                    .map(line -> line.substring(0, line.indexOf(' ')))
                    .toList();
        }

        @Override
        int full() throws IOException {
            return (int) Files.readAllLines(log).stream()
                    .filter(line -> line.endsWith(" full"))
                    .count();
        }

        @Override
        public void close() throws Exception {
            process.getOutputStream().close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    /** A server in this process. The JDK does not tell it what was resumed, but asks to judge a certificate where not. */
    private abstract static class OnJdk extends ForeignEcho {

        final List<String> versions = new CopyOnWriteArrayList<>();
        private final AtomicInteger judged = new AtomicInteger();

        OnJdk() throws IOException {}

        final SSLContext context(Security security) throws Exception {
            return security.client == null
                    ? TestCertificate.server(security.server)
                    : TestCertificate.demanding(security.server, security.client, judged);
        }

        @Override
        final List<String> versions() {
            return versions;
        }

        @Override
        final int full() {
            return judged.get();
        }
    }

    private static final class Jetty extends OnJdk {

        /** It outlives the restarts, so that the sessions of its clients do too. */
        private final SslContextFactory.@Nullable Server tls;

        private Server server;

        Jetty(@Nullable Security security) throws Exception {
            if (security == null) {
                tls = null;
            } else {
                tls = new SslContextFactory.Server();
                tls.setSslContext(context(security));
                tls.setNeedClientAuth(security.client != null);
            }
            server = listening();
        }

        private Server listening() throws Exception {
            Server listening = new Server();
            ServerConnector connector =
                    tls == null ? new ServerConnector(listening) : new ServerConnector(listening, tls);
            connector.setHost("127.0.0.1");
            connector.setPort(port);
            listening.addConnector(connector);
            // With a timeout stop() is graceful: the WebSocket container then closes its sessions with 1001.
            listening.setStopTimeout(5000);
            listening.setHandler(WebSocketUpgradeHandler.from(listening, container -> {
                container.setMaxTextMessageSize(LARGEST_MESSAGE);
                container.setMaxBinaryMessageSize(LARGEST_MESSAGE);
                container.addMapping("/", (request, response, callback) -> {
                    note(request);
                    return new Echo();
                });
            }));
            listening.start();
            return listening;
        }

        private void note(ServerUpgradeRequest request) {
            var secured = request.getConnectionMetaData()
                    .getConnection()
                    .getEndPoint()
                    .getSslSessionData();
            if (secured != null) {
                versions.add(secured.sslSession().getProtocol());
            }
        }

        @Override
        void restart() throws Exception {
            server.stop();
            server = listening();
        }

        @Override
        int restartCode() {
            return 1001;
        }

        @Override
        public void close() throws Exception {
            server.stop();
        }

        /** Public, for Jetty calls it by method handles. */
        public static final class Echo extends Session.Listener.AbstractAutoDemanding {

            @Override
            public void onWebSocketText(String message) {
                getSession().sendText(message, Callback.NOOP);
            }

            @Override
            public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
                getSession().sendBinary(payload, callback);
            }
        }
    }

    private static final class OnUndertow extends OnJdk {

        private final Set<WebSocketChannel> connections = ConcurrentHashMap.newKeySet();
        private final Undertow server;

        OnUndertow(@Nullable Security security) throws Exception {
            WebSocketConnectionCallback connected = (exchange, channel) -> {
                connections.add(channel);
                channel.addCloseTask(connections::remove);
                channel.getReceiveSetter().set(new Echo());
                channel.resumeReceives();
            };
            HttpHandler upgrade =
                    new WebSocketProtocolHandshakeHandler(connected).addExtension(new PerMessageDeflateHandshake());
            Undertow.Builder builder = Undertow.builder().setHandler(exchange -> {
                var secured = exchange.getConnection().getSslSessionInfo();
                if (secured != null) {
                    versions.add(secured.getSSLSession().getProtocol());
                }
                upgrade.handleRequest(exchange);
            });
            if (security == null) {
                builder.addHttpListener(port, "127.0.0.1");
            } else {
                builder.addHttpsListener(port, "127.0.0.1", context(security));
            }
            if (security != null && security.client != null) {
                builder.setSocketOption(Options.SSL_CLIENT_AUTH_MODE, SslClientAuthMode.REQUIRED);
            }
            server = builder.build();
            server.start();
        }

        /** Goes on listening: its stop() ends every connection without a Close. */
        @Override
        void restart() {
            connections.forEach(channel -> WebSockets.sendClose(1012, "restart", channel, null));
        }

        @Override
        public void close() {
            server.stop();
        }

        private static final class Echo extends AbstractReceiveListener {

            @Override
            protected void onFullTextMessage(WebSocketChannel to, BufferedTextMessage message) {
                WebSockets.sendText(message.getData(), to, null);
            }

            @Override
            protected void onFullBinaryMessage(WebSocketChannel to, BufferedBinaryMessage message) {
                try (var buffers = message.getData()) {
                    WebSockets.sendBinary(WebSockets.mergeBuffers(buffers.getResource()), to, null);
                }
            }
        }
    }
}
