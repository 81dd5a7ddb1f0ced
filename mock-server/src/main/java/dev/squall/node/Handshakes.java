package dev.squall.node;

import dev.squall.plan.Plan;
import dev.squall.protocol.Extension;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Answers requests: when ({@link HandshakeQueue}), with which extensions ({@link Negotiator}), or with a refusal. */
final class Handshakes {

    private static final String EXTENSIONS = "Sec-WebSocket-Extensions";
    private static final int BAD_REQUEST = 400;
    private static final int UPGRADE_REQUIRED = 426;
    private static final int UNAVAILABLE = 503;

    private final Plan plan;
    private final NodeJournal journal;
    private final Negotiator negotiator;
    private final @Nullable HandshakeQueue queue;
    private final AtomicInteger foreign = new AtomicInteger();

    Handshakes(Plan plan, NodeJournal journal) {
        this.plan = plan;
        this.journal = journal;
        this.negotiator = new Negotiator(plan);
        Plan.Capacity capacity = plan.capacity();
        this.queue = capacity == null ? null : new HandshakeQueue(capacity.handshakesPerSecond(), capacity.queue());
    }

    /** A request came. */
    void requested(Worker worker, HttpServerRequest request) {
        if (!request.headers().contains(HttpHeaders.UPGRADE, "websocket", true)) {
            page(request);
            return;
        }
        Channel channel = VertxInternals.channel(request.connection());
        Connection connection = Connection.of(channel);
        Worker.Manner manner = worker.manner();
        if (manner == Worker.Manner.NOT_STARTED) {
            unavailable(request, 1);
            return;
        }
        Identity identity = Identity.parse(request.getHeader(Identity.HEADER), plan);
        connection.asked(identity != null ? identity : Identity.foreign(foreign.incrementAndGet()));
        switch (manner) {
            case BLACK_HOLE -> request.pause();
            case UNAVAILABLE -> refuse(worker, connection, request);
            default -> {
                long wait = queue == null ? 0 : queue.take(System.nanoTime());
                if (wait == HandshakeQueue.FULL) {
                    connection.refused(UNAVAILABLE, "capacity");
                    unavailable(request, 0);
                } else if (wait == 0) {
                    shake(channel, connection, request);
                } else {
                    request.pause(); // Else its end would be gone by the time that toWebSocket looks for it.
                    connection.waitFor(wait, request, () -> shake(channel, connection, request));
                }
            }
        }
    }

    /** Nobody waits any more. */
    void clearQueue() {
        if (queue != null) {
            queue.clear();
        }
    }

    /** Answers 503 because of a restart, with the time until the port listens again. */
    void refuse(Worker worker, Connection connection, HttpServerRequest request) {
        connection.refused(UNAVAILABLE, "restart");
        unavailable(request, worker.retryAfterSeconds());
    }

    private void shake(Channel channel, Connection connection, HttpServerRequest request) {
        List<Extension> offer;
        try {
            String header = request.getHeader(EXTENSIONS);
            offer = header == null ? List.of() : Extension.parseList(header);
        } catch (IllegalArgumentException malformed) {
            connection.refused(BAD_REQUEST, "malformed-extensions");
            close(request.response().setStatusCode(BAD_REQUEST), request, malformed.getMessage() + "\n");
            return;
        }
        Negotiator.Decision decision = negotiator.decide(offer, connection.identity(), journal.micros());
        if (!decision.deflate()) {
            VertxInternals.withholdExtensions(channel);
        }
        connection.negotiating(decision);
        request.toWebSocket().onComplete(socket -> VertxInternals.takeOver(channel), failure -> {
            connection.refused(BAD_REQUEST, "malformed-handshake"); // Vert.x has answered, with the reason.
            request.connection().close();
        });
    }

    private void unavailable(HttpServerRequest request, long retryAfterSeconds) {
        HttpServerResponse response = request.response().setStatusCode(UNAVAILABLE);
        if (retryAfterSeconds > 0) {
            response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(retryAfterSeconds));
        }
        close(response, request, "");
    }

    /** Answers and closes TCP, as the first to do so: it spares the client its port. */
    private static void close(HttpServerResponse response, HttpServerRequest request, String text) {
        response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .end(text)
                .onComplete(written -> request.connection().close());
    }

    private static void page(HttpServerRequest request) {
        HttpServerResponse response = request.response().putHeader(HttpHeaders.CONTENT_TYPE, "text/plain");
        if (request.path() != null && request.path().equals("/")) {
            response.end("A Squall mock server: it echoes WebSocket messages.\n");
        } else {
            response.setStatusCode(UPGRADE_REQUIRED)
                    .putHeader(HttpHeaders.UPGRADE, "websocket")
                    .end("WebSocket only.\n");
        }
    }
}
