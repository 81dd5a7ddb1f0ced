package dev.squall.node.admin;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who may speak to the API: the bearer of the token; without one, whoever is on this machine. Never a page of another
 * site in a browser of somebody who may.
 */
final class Gate {

    /** RFC 6750 section 2.1, and long enough not to be guessed. */
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{16,512}=*");

    private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[?::1]?");

    private static final String BEARER = "bearer ";

    private final byte @Nullable [] token;

    /**
     * @param token null: none is asked for
     * @throws IllegalArgumentException if other machines reach the address and there is no token, or if it is too weak
     */
    Gate(InetAddress address, @Nullable String token) {
        if (token == null && !address.isLoopbackAddress()) {
            throw new IllegalArgumentException("admin token: none (expected: a token, since " + address.getHostAddress()
                    + " can be reached from other machines)");
        }
        if (token != null && !TOKEN.matcher(token).matches()) {
            throw new IllegalArgumentException(
                    "admin token: not shown (expected: 16 to 512 letters, digits or . _ ~ + / -)");
        }
        this.token = token == null ? null : token.getBytes(StandardCharsets.US_ASCII);
    }

    /** Turns away what a page of another site makes a browser send. */
    void admit(RoutingContext context) {
        HttpServerRequest request = context.request();
        HostAndPort host = request.authority();
        if (host == null) {
            throw new Refusal(400, "Host", "missing or malformed (expected: the host and port of this server)");
        }
        // A name that its owner points here for a moment (DNS rebinding) is neither of these.
        if (token == null
                && !LOOPBACK.matcher(host.host().toLowerCase(Locale.ROOT)).matches()) {
            throw new Refusal(
                    421, "Host", host.host() + " (expected: localhost or a loopback address; else ask for a token)");
        }
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin != null && !origin.replaceFirst("^https?://", "").equals(request.getHeader(HttpHeaders.HOST))) {
            throw new Refusal(403, "Origin", origin + " (expected: this server's own page, or a client that is none)");
        }
        context.next();
    }

    /** Turns away who has no token where one is asked for. */
    void authorize(RoutingContext context) {
        if (token != null && !MessageDigest.isEqual(token, presented(context.request()))) {
            context.response().putHeader("WWW-Authenticate", "Bearer realm=\"squall\"");
            throw new Refusal(401, "Authorization", "no valid token (expected: Bearer TOKEN, as the server was told)");
        }
        context.next();
    }

    private static byte[] presented(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        boolean bearer = header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length());
        return bearer ? header.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8) : new byte[0];
    }
}
