package dev.squall.node;

import dev.squall.plan.Expansion;
import dev.squall.plan.Plan;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The port of a node, which a restart closes and opens again while connections of the time before live on. Each opening
 * is a generation with HTTP servers of its own, one an event loop.
 */
final class Listener {

    /** Connections that the kernel may hold until they are accepted; it caps this at net.core.somaxconn. */
    static final int BACKLOG = 65_535;

    /** The longest message that a node takes, decompressed if it is compressed: as long as any that our clients send. */
    static final int MAX_MESSAGE_BYTES = 1 << 20;

    private final Vertx vertx;
    private final ListeningSockets sockets;
    private final List<Worker> workers;
    private final Handshakes handshakes;
    private final InetAddress host;
    private final int port;
    private final Plan.@Nullable Relay relay;

    /** Old generations are kept: Vert.x closes a server that nobody refers to, and with it its connections. */
    private final List<HttpServer> servers = new ArrayList<>();

    private int generation;

    Listener(
            Vertx vertx,
            ListeningSockets sockets,
            List<Worker> workers,
            Handshakes handshakes,
            InetAddress host,
            int port,
            Plan.@Nullable Relay relay) {
        this.vertx = vertx;
        this.sockets = sockets;
        this.workers = workers;
        this.handshakes = handshakes;
        this.host = host;
        this.port = port;
        this.relay = relay;
    }

    /**
     * Opens the port. Completes with the monotonic clock's reading when it was bound; fails with an {@link IOException}
     * that names it.
     */
    CompletableFuture<Long> open() {
        SocketAddress address = address();
        CompletableFuture<Long> opened = new CompletableFuture<>();
        // The first binds; the others then join it on the same address.
        open(workers.get(0), address)
                .compose(bound -> {
                    long nanos = System.nanoTime();
                    return Future.all(workers.stream()
                                    .skip(1)
                                    .map(worker -> open(worker, address))
                                    .toList())
                            .map(all -> nanos);
                })
                .onComplete(
                        opened::complete,
                        failure -> opened.completeExceptionally(
                                new IOException(host.getHostAddress() + ":" + port + ": " + reason(failure), failure)));
        return opened;
    }

    private Future<HttpServer> open(Worker worker, SocketAddress address) {
        return worker.call(() -> {
            HttpServer server = vertx.createHttpServer(options())
                    .connectionHandler(accepted(worker))
                    .requestHandler(request -> handshakes.requested(worker, request));
            synchronized (servers) {
                servers.add(server);
            }
            return server.listen(address);
        });
    }

    private Handler<HttpConnection> accepted(Worker worker) {
        return http -> worker.accepted(VertxInternals.channel(http));
    }

    /**
     * Vert.x shares one listening socket between servers whose host <em>name</em> and port are the same, and goes on
     * sharing a closed one. The name is for it alone, the address is what is bound: so generations do not meet.
     */
    private synchronized SocketAddress address() {
        try {
            String name = "squall-generation-" + generation++;
            return SocketAddress.inetSocketAddress(
                    new InetSocketAddress(InetAddress.getByAddress(name, host.getAddress()), port));
        } catch (IOException e) {
            throw new IllegalStateException(host + " is not an address", e);
        }
    }

    private HttpServerOptions options() {
        HttpServerOptions options = new HttpServerOptions()
                .setAcceptBacklog(BACKLOG)
                .setHttp2ClearTextEnabled(false)
                .setStrictThreadMode(true) // One queue of 4 KB less while a handshake lasts.
                .setRegisterWebSocketWriteHandlers(false)
                .setMaxWebSocketFrameSize(MAX_MESSAGE_BYTES)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(true); // Handshakes takes it away where it is not to be.
        if (relay != null && relay.certificate() != null && relay.key() != null) {
            Expansion expansion = new Expansion(System::getenv);
            options.setSsl(true)
                    .setUseAlpn(false)
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .setCertPath(expansion.expand(relay.certificate()))
                            .setKeyPath(expansion.expand(relay.key())));
        }
        return options;
    }

    /** Closes the port and nothing else; completes when it is free. */
    CompletableFuture<Void> close() {
        return sockets.close();
    }

    private static String reason(@Nullable Throwable failure) {
        String message = failure == null ? "" : String.valueOf(failure.getMessage());
        return message.contains("in use")
                ? IN_USE
                : "cannot listen: " + message + " (expected: an address of this machine)";
    }

    private static final String IN_USE = "port in use (expected: a free port; choose another)";

    /** Whether somebody else has the port. */
    static boolean isInUse(Throwable failure) {
        return String.valueOf(failure.getMessage()).endsWith(IN_USE);
    }
}
