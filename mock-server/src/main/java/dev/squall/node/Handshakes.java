package dev.squall.node;

import dev.squall.plan.HandshakeQueue;
import dev.squall.plan.Plan;
import dev.squall.plan.WhenFull;
import dev.squall.protocol.Extension;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers requests: when ({@link HandshakeQueue}), with which extensions ({@link Negotiator}), or with a refusal. */
final class Handshakes {

    private static final String EXTENSIONS = "Sec-WebSocket-Extensions";
    private static final String PROTOCOLS = "Sec-WebSocket-Protocol";
    private static final int BAD_REQUEST = 400;
    private static final int UPGRADE_REQUIRED = 426;
    private static final int UNAVAILABLE = 503;
    private static final int GATEWAY_TIMEOUT = 504;

    private final Plan plan;
    private final FaultBoard faults;
    private final Identities identities;
    private final Negotiator negotiator;
    private final @Nullable Upstream upstream;
    private final @Nullable HandshakeQueue queue;

    /** {@code upstream}: the server behind, which is asked each time; null: there is none. */
    Handshakes(Plan plan, FaultBoard faults, @Nullable Upstream upstream) {
        this.plan = plan;
        this.upstream = upstream;
        this.faults = faults;
        this.identities = new Identities(plan);
        this.negotiator = new Negotiator(plan);
        Plan.Capacity capacity = plan.capacity();
        this.queue = capacity == null ? null : new HandshakeQueue(capacity, System.nanoTime());
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
            refused(request, UNAVAILABLE, 1);
            return;
        }
        Identity identity = identities.of(request);
        connection.asked(
                identity,
                faults.keepsRequests()
                        ? HandshakeRequest.of(request, identity.population())
                        : HandshakeRequest.of(identity.population()));
        switch (manner) {
            case BLACK_HOLE -> request.pause();
            case UNAVAILABLE -> refuse(worker, connection, request);
            default -> answer(worker, channel, connection, request);
        }
    }

    private void answer(Worker worker, Channel channel, Connection connection, HttpServerRequest request) {
        Objection objection = Objection.to(request);
        if (objection != null) {
            connection.refused(objection.status(), "malformed-handshake");
            close(
                    request.response()
                            .setStatusCode(objection.status())
                            .putHeader(Objection.VERSION_HEADER, Objection.VERSION),
                    request,
                    objection.text());
            return;
        }
        Set<String> offered;
        try {
            String header = request.getHeader(EXTENSIONS);
            offered = header == null ? Set.of() : Negotiator.names(Extension.parseList(header));
        } catch (IllegalArgumentException malformed) {
            connection.refused(BAD_REQUEST, "malformed-extensions");
            close(request.response().setStatusCode(BAD_REQUEST), request, malformed.getMessage() + "\n");
            return;
        }
        FaultBoard.Handshake struck = faults.handshake(connection, offered);
        after(1000 * struck.answer().delayMicros(), connection, request, () -> {
            if (struck.answer().isRefusal()) {
                connection.refused(struck.answer().status(), "fault");
                refused(request, struck.answer().status(), struck.answer().retryAfterSeconds());
                return;
            }
            long wait = queue == null ? 0 : queue.take(System.nanoTime());
            if (wait == HandshakeQueue.FULL) {
                turnAway(worker, channel, connection, request, offered, struck);
            } else {
                after(wait, connection, request, () -> shake(worker, channel, connection, request, offered, struck));
            }
        });
    }

    /** Goes on at once, or after this time, unless TCP ends or the node restarts before. */
    private static void after(long nanos, Connection connection, HttpServerRequest request, Runnable turn) {
        if (nanos == 0) {
            turn.run();
        } else {
            request.pause(); // Else its end would be gone by the time that shake looks for it.
            connection.waitFor(nanos, request, turn);
        }
    }

    /** The queue has no place for it. */
    private void turnAway(
            Worker worker,
            Channel channel,
            Connection connection,
            HttpServerRequest request,
            Set<String> offered,
            FaultBoard.Handshake struck) {
        Plan.Capacity capacity = plan.capacity();
        switch (capacity == null ? WhenFull.UNAVAILABLE : capacity.whenFull()) {
            case UNAVAILABLE -> {
                connection.refused(UNAVAILABLE, WhenFull.REASON);
                refused(request, UNAVAILABLE, 0);
            }
            case TRY_AGAIN_LATER -> {
                connection.turnAway();
                shake(worker, channel, connection, request, offered, struck);
            }
            case HANG -> request.pause();
        }
    }

    /** The node begins to listen: nobody waits, and what stands behind the handshake is cold. */
    void listening() {
        if (queue != null) {
            queue.restart(System.nanoTime());
        }
    }

    /** Answers 503 because of a restart, with the time until the port listens again. */
    void refuse(Worker worker, Connection connection, HttpServerRequest request) {
        connection.refused(UNAVAILABLE, "restart");
        refused(request, UNAVAILABLE, worker.retryAfterSeconds());
    }

    private void shake(
            Worker worker,
            Channel channel,
            Connection connection,
            HttpServerRequest request,
            Set<String> offered,
            FaultBoard.Handshake struck) {
        Negotiator.Decision decision = negotiator.decide(offered, struck);
        if (upstream != null) {
            relay(upstream, worker, channel, connection, request, decision, struck);
            return;
        }
        if (!decision.deflate()) {
            VertxInternals.withholdExtensions(channel);
        }
        connection.negotiating(decision, new ResponseHeaders(struck.answer(), request.getHeader(PROTOCOLS)));
        request.end().onSuccess(ended -> upgrade(worker, connection, request));
        request.resume();
    }

    /** Asks the server behind, and answers as it does. */
    private void relay(
            Upstream behind,
            Worker worker,
            Channel channel,
            Connection connection,
            HttpServerRequest request,
            Negotiator.Decision decision,
            FaultBoard.Handshake struck) {
        request.pause(); // Else its end would be gone by the time that the answer is there.
        Relayed relayed = new Relayed(connection, channel, worker);
        connection.relay(relayed, 1000 * plan.limits().handshakeMicros(), request, () -> {
            relayed.clientEnded(false);
            connection.refused(GATEWAY_TIMEOUT, "upstream-timeout");
            refused(request, GATEWAY_TIMEOUT, 0);
        });
        Upstream.Outcome outcome = new Upstream.Outcome() {
            @Override
            public void accepted(Channel server, HttpResponse answer) {
                if (!connection.isStillAsking()) {
                    server.close();
                    return;
                }
                relayed.accepted(server, answer.headers().get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT));
                connection.negotiating(decision, new ResponseHeaders(struck.answer(), null));
                request.end()
                        .onSuccess(ended ->
                                worker.run(() -> VertxInternals.relay(request, worker, relayed, answer.headers())));
                request.resume();
            }

            @Override
            public void refused(HttpResponse answer, byte[] body) {
                if (connection.isStillAsking()) {
                    connection.refused(answer.status().code(), "upstream");
                    HttpServerResponse response =
                            request.response().setStatusCode(answer.status().code());
                    answer.headers().forEach(header -> {
                        if (Upstream.isEndToEnd(header.getKey())) {
                            response.headers().add(header.getKey(), header.getValue());
                        }
                    });
                    response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                            .end(Buffer.buffer(body))
                            .onComplete(written -> request.connection().close());
                }
            }

            @Override
            public void failed(int status, String why) {
                if (connection.isStillAsking()) {
                    connection.refused(status, why);
                    Handshakes.refused(request, status, 0);
                }
            }
        };
        relayed.dialling(behind.dial(channel.eventLoop(), request, decision.withheld(), guarded(worker, outcome)));
    }

    /** What it throws is told: Netty would keep it to itself. */
    private static Upstream.Outcome guarded(Worker worker, Upstream.Outcome outcome) {
        return new Upstream.Outcome() {
            @Override
            public void accepted(Channel server, HttpResponse answer) {
                worker.run(() -> outcome.accepted(server, answer));
            }

            @Override
            public void refused(HttpResponse answer, byte[] body) {
                worker.run(() -> outcome.refused(answer, body));
            }

            @Override
            public void failed(int status, String why) {
                worker.run(() -> outcome.failed(status, why));
            }
        };
    }

    private static void upgrade(Worker worker, Connection connection, HttpServerRequest request) {
        try {
            VertxInternals.upgrade(request, worker);
        } catch (WebSocketHandshakeException malformed) {
            connection.refused(BAD_REQUEST, "malformed-handshake");
            if (request.response().ended()) {
                request.connection().close(); // Vert.x has answered, with the reason.
            } else {
                close(request.response().setStatusCode(BAD_REQUEST), request, malformed.getMessage() + "\n");
            }
        }
    }

    private static void refused(HttpServerRequest request, int status, long retryAfterSeconds) {
        HttpServerResponse response = request.response().setStatusCode(status);
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
            close(response, request, "A Squall mock server: it echoes WebSocket messages.\n");
        } else {
            response.setStatusCode(UPGRADE_REQUIRED).putHeader(HttpHeaders.UPGRADE, "websocket");
            close(response, request, "WebSocket only.\n");
        }
    }
}
