package dev.squall.node;

import dev.squall.plan.Identification;
import dev.squall.plan.Plan;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Says whose a handshake is: one of the plan's clients', or somebody's who named himself in the way the plan says. Any thread. */
final class Identities {

    /** Clients that are told apart; who comes later is nobody. */
    static final int MOST_CLIENTS = 100_000;

    /** Longer keys are cut. */
    static final int MOST_KEY_CHARACTERS = 100;

    private final Plan plan;
    private final @Nullable Identification identification;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger clients = new AtomicInteger();
    private final ConcurrentHashMap<String, Integer> numbers = new ConcurrentHashMap<>();

    Identities(Plan plan) {
        this.plan = plan;
        Plan.Serving serving = plan.serving();
        this.identification = serving == null ? null : serving.identify();
    }

    Identity of(HttpServerRequest request) {
        Identity ours = Identity.parse(request.getHeader(Identity.HEADER), plan);
        if (ours != null) {
            return ours;
        }
        int connection = connections.incrementAndGet();
        String key = identification == null ? null : key(request, identification);
        String cut = key == null ? "" : key.substring(0, Math.min(key.length(), MOST_KEY_CHARACTERS));
        if (cut.isEmpty() || (clients.get() >= MOST_CLIENTS && !numbers.containsKey(cut))) {
            return Identity.foreign(connection);
        }
        return Identity.named(numbers.computeIfAbsent(cut, first -> clients.getAndIncrement()), cut, connection);
    }

    private static @Nullable String key(HttpServerRequest request, Identification by) {
        return switch (by.by()) {
            case QUERY -> first(HandshakeRequest.query(request.uri(), by.name()));
            case HEADER -> request.getHeader(by.name());
            case COOKIE -> cookie(request.getHeader(HttpHeaders.COOKIE), by.name());
            case SUBPROTOCOL -> subprotocol(request.getHeader("Sec-WebSocket-Protocol"));
            case ADDRESS -> request.remoteAddress().hostAddress();
        };
    }

    private static @Nullable String first(List<String> values) {
        return values.isEmpty() ? null : values.get(0);
    }

    private static @Nullable String cookie(@Nullable String header, String name) {
        return header == null
                ? null
                : ServerCookieDecoder.LAX.decode(header).stream()
                        .filter(cookie -> cookie.name().equals(name))
                        .map(Cookie::value)
                        .findFirst()
                        .orElse(null);
    }

    private static @Nullable String subprotocol(@Nullable String header) {
        return header == null ? null : header.split(",", 2)[0].strip();
    }
}
