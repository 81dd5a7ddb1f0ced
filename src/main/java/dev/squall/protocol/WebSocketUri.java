package dev.squall.protocol;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * A WebSocket URI (RFC 6455 section 3), taken apart for who dials it.
 *
 * @param secure whether it is wss
 * @param host a name or a literal address, lower case, without the brackets of IPv6
 * @param port 1 to 65535
 * @param resource path and query as they stand in the request line
 */
public record WebSocketUri(boolean secure, String host, int port, String resource) {

    /** What an experiment or a command line may hold. */
    public static final String EXPECTED = "a WebSocket URL, as wss://staging.example.com/chat";

    private static final int PLAIN_PORT = 80;
    private static final int SECURE_PORT = 443;
    private static final int LAST_PORT = 65_535;

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is none; the message does not repeat the text, which may hold a secret
     */
    public static WebSocketUri parse(String text) {
        URI uri;
        try {
            uri = new URI(text.strip());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    e.getReason() + " at " + e.getIndex() + " (expected: " + EXPECTED + ")", e);
        }
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (scheme.equals("http") || scheme.equals("https")) {
            throw new IllegalArgumentException(
                    scheme + ": (expected: " + scheme.replace("http", "ws") + ":, with the same host, port and path)");
        }
        if (!scheme.equals("ws") && !scheme.equals("wss")) {
            throw new IllegalArgumentException("not ws: or wss: (expected: " + EXPECTED + ")");
        }
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("no host (expected: " + EXPECTED + ")");
        }
        if (uri.getUserInfo() != null) {
            throw new IllegalArgumentException("a user before the host (expected: none, for RFC 6455 knows none)");
        }
        if (uri.getFragment() != null) {
            // RFC 6455 section 3: fragment identifiers must not be used.
            throw new IllegalArgumentException("a fragment (expected: none; a # in a query is %23)");
        }
        boolean secure = scheme.equals("wss");
        int port = uri.getPort() == -1 ? secure ? SECURE_PORT : PLAIN_PORT : uri.getPort();
        if (port < 1 || port > LAST_PORT) {
            throw new IllegalArgumentException("port " + port + " (expected: 1 to " + LAST_PORT + ")");
        }
        return new WebSocketUri(
                secure, uri.getHost().toLowerCase(Locale.ROOT).replaceAll("^\\[|]$", ""), port, resource(uri));
    }

    /** Path and query; what a request line cannot hold as it stands is percent-encoded. */
    private static String resource(URI uri) {
        String ascii = uri.toASCIIString();
        String rest = ascii.substring(
                ascii.indexOf(uri.getRawAuthority()) + uri.getRawAuthority().length());
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    /** The value of the request's Host header: the port only where it is not the scheme's own (section 4.1). */
    public String authority() {
        String name = host.contains(":") ? "[" + host + "]" : host;
        return port == (secure ? SECURE_PORT : PLAIN_PORT) ? name : name + ":" + port;
    }

    /** Whether the host, as it is written, can only be this machine: localhost or a literal loopback address. */
    public boolean namesLoopback() {
        return host.equals("localhost")
                || host.matches("127(\\.[0-9]{1,3}){3}")
                || host.matches("(0{0,4}:){0,7}:?0{0,3}1");
    }

    @Override
    public String toString() {
        return (secure ? "wss://" : "ws://") + authority() + resource;
    }
}
