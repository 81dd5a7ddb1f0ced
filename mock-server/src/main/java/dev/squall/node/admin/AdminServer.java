package dev.squall.node.admin;

import dev.squall.node.Control;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The live control's port: an HTTP API and a page, on an event loop of their own. */
public final class AdminServer implements AutoCloseable {

    /** More are closed at once. */
    static final int MAX_CONNECTIONS = 64;

    private static final int IDLE_SECONDS = 30;
    private static final long START_SECONDS = 10;
    private static final long CLOSE_SECONDS = 2;

    private final Vertx vertx;
    private final HttpServer server;
    private int connections;

    private AdminServer(InetAddress address, int port, Control control, Gate gate, Consumer<Throwable> failures)
            throws IOException {
        this.vertx = Vertx.vertx(options());
        Consumer<Throwable> defects = failure -> {
            if (!isOfThePeer(failure)) {
                failures.accept(failure);
            }
        };
        vertx.exceptionHandler(defects::accept);
        Api api = new Api(vertx, control, gate, defects);
        try {
            this.server = vertx.createHttpServer(serverOptions())
                    .connectionHandler(this::accepted)
                    .requestHandler(api.router())
                    .listen(port, address.getHostAddress())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            close();
            throw new IOException(
                    "admin port " + address.getHostAddress() + ":" + port + ": cannot listen (expected: a free port of"
                            + " this machine): "
                            + (e.getCause() == null
                                    ? "not in time"
                                    : e.getCause().getMessage()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new IOException("admin port " + port + ": interrupted", e);
        }
    }

    /**
     * Listens.
     *
     * @param host a name or address of this machine
     * @param port from 0 to 65535; 0: any that is free
     * @param token what a client must present; null: none is asked for, which only a loopback address may do without
     * @param failures takes defects, after which the server must not go on
     * @throws IOException if the host is not known or the port cannot be opened
     * @throws IllegalArgumentException if the token is missing or too weak
     */
    public static AdminServer start(
            String host, int port, @Nullable String token, Control control, Consumer<Throwable> failures)
            throws IOException {
        InetAddress address = InetAddress.getByName(host);
        return new AdminServer(address, port, control, new Gate(address, token), failures);
    }

    /** The port that it listens on. */
    public int port() {
        return server.actualPort();
    }

    private static VertxOptions options() {
        return new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
    }

    private static HttpServerOptions serverOptions() {
        return new HttpServerOptions()
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
    }

    /** On the one loop, so the count needs no lock. */
    @SuppressWarnings("FutureReturnValueIgnored") // A connection that cannot be closed is closed.
    private void accepted(HttpConnection connection) {
        connections++;
        connection.closeHandler(ignored -> connections--);
        if (connections > MAX_CONNECTIONS) {
            connection.close();
        }
    }

    /** A client that went away in the middle of its request is nobody's defect. */
    private static boolean isOfThePeer(Throwable failure) {
        return failure instanceof HttpClosedException || failure instanceof IOException;
    }

    /** Ends every connection and frees the port, within 2 s. */
    @Override
    public void close() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("the admin port did not close within " + CLOSE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
