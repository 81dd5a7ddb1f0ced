package dev.squall.probe;

import dev.squall.protocol.WebSocketUri;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What to do where the response is not 101. */
final class StatusAdvice {

    private static final String PROXY =
            "a proxy in front of it does not pass Upgrade on (nginx: proxy_http_version 1.1;"
                    + " proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;)";

    private StatusAdvice() {}

    static List<String> of(int status, WebSocketUri url, @Nullable String location) {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> redirect(url, location);
            default -> List.of(text(status));
        };
    }

    private static String text(int status) {
        return switch (status) {
            case 400 ->
                "The server finds fault with the handshake. Often " + PROXY
                        + ", the port wants TLS (wss://), or the server"
                        + " requires an Origin or a subprotocol, of which the probe sends none.";
            case 401, 407 ->
                "It wants credentials, of which the probe sends none. Look whether clients send theirs in the handshake:"
                        + " browsers can send only cookies and what stands in the URL.";
            case 403 ->
                "It forbids this client: often by Origin, which the probe does not send, by address, or because a token is"
                        + " missing.";
            case 404, 410 -> "The path is not an endpoint of this server, or a proxy sends it to the wrong one.";
            case 405, 501 ->
                "The server does not take an upgrade at this path: look at the path, or whether " + PROXY + ".";
            case 426 ->
                "The server wants an upgrade that it does not see: " + PROXY + "; or it wants another version: look at"
                        + " Upgrade and Sec-WebSocket-Version.";
            case 429 -> "Too many requests. Wait as Retry-After says; clients must back off.";
            case 502, 504 -> "The proxy answers, but the server behind it does not: is it started, or restarting?";
            case 503 ->
                "The server is overloaded or restarts. Clients should come back after Retry-After, or after a random delay"
                        + " that grows.";
            default ->
                status >= 500
                        ? "The server failed: its log says why."
                        : status >= 200 && status < 300
                                ? "An ordinary page. Either the path is not a WebSocket endpoint, or " + PROXY + "."
                                : "The server does not upgrade here. Look at the path, and whether " + PROXY + ".";
        };
    }

    private static List<String> redirect(WebSocketUri url, @Nullable String location) {
        String rule = "WebSocket clients do not follow redirects. ";
        if (location == null) {
            return List.of(rule + "It does not say where to (Location is missing): find the right URL.");
        }
        try {
            String http = url.toString().replaceFirst("^ws", "http");
            URI target = URI.create(http).resolve(location.strip());
            WebSocketUri there = WebSocketUri.parse(target.toString().replaceFirst("^(?i)http", "ws"));
            // A quote of a stranger's would end the quotes in the reader's shell.
            return List.of(
                    rule + "Give them the URL that it points to, if it is the right one, and probe that:",
                    "squall probe '" + there.toString().replace("'", "%27") + "'");
        } catch (IllegalArgumentException e) {
            return List.of(rule + "It points to what is no URL for a WebSocket: find the right one.");
        }
    }
}
