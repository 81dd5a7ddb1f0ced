package dev.squall.node.admin;

import dev.squall.gate.Admission;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Who may speak to the API. */
final class Gate {

    private final Admission admission;

    /**
     * @param token null: none is asked for
     * @throws IllegalArgumentException if other machines reach the address and there is no token, or if it is too weak
     */
    Gate(InetAddress address, @Nullable String token) {
        admission = new Admission("admin", address, token);
    }

    /** Turns away what a page of another site makes a browser send. */
    void admit(RoutingContext context) {
        HttpServerRequest request = context.request();
        admission
                .admit(request.getHeader(HttpHeaders.HOST), request.getHeader(HttpHeaders.ORIGIN))
                .ifPresent(refusal -> {
                    throw refused(refusal);
                });
        context.next();
    }

    /** Turns away who has no token where one is asked for. */
    void authorize(RoutingContext context) {
        admission
                .authorize(context.request().getHeader(HttpHeaders.AUTHORIZATION))
                .ifPresent(refusal -> {
                    context.response().putHeader("WWW-Authenticate", Admission.CHALLENGE);
                    throw refused(refusal);
                });
        context.next();
    }

    private static Refusal refused(Admission.Refusal refusal) {
        return new Refusal(refusal.status(), refusal.header(), refusal.reason());
    }
}
