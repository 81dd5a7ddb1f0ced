package dev.squall.node;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * Why a request for an upgrade is no handshake, where Vert.x would take it for one.
 *
 * @param status the answer
 * @param text its body
 */
record Objection(int status, String text) {

    static final String VERSION = "13";

    static final String VERSION_HEADER = "Sec-WebSocket-Version";

    private static final Objection BODY = new Objection(400, "A handshake has no body.\n");
    private static final Objection OTHER_VERSION = new Objection(426, "Sec-WebSocket-Version: " + VERSION + " only.\n");

    /** The objection to this request; null if there is none. */
    static @Nullable Objection to(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if ((length != null && !length.equals("0")) || request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            return BODY; // Its end would be waited for.
        }
        // RFC 6455 section 4.2.1; Netty also speaks the drafts.
        return VERSION.equals(request.getHeader(VERSION_HEADER)) ? null : OTHER_VERSION;
    }
}
