package dev.squall.plan;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP proxy that clients reach their server through (CONNECT, RFC 9110 section 9.3.6).
 *
 * @param host a name or a literal address, without the brackets of IPv6
 * @param port 1 to 65535
 * @param user of Basic authentication; null: none
 * @param password the user's, perhaps empty
 */
public record Proxy(String host, int port, @Nullable String user, String password) {

    /** What an experiment may hold. */
    public static final String EXPECTED =
            "an HTTP proxy, as http://proxy.example.com:3128 or http://user:${env:PASSWORD}@proxy.example.com:3128,"
                    + " user and password percent-encoded";

    private static final int LAST_PORT = 65_535;

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is none; the message does not repeat the text, which may hold a secret
     */
    public static Proxy parse(String text) {
        URI uri;
        try {
            uri = new URI(text.strip());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("no URL (expected: " + EXPECTED + ")", e);
        }
        boolean bare = uri.getRawPath() == null
                || uri.getRawPath().isEmpty()
                || uri.getRawPath().equals("/");
        if (!"http".equalsIgnoreCase(uri.getScheme()) || !bare || uri.getRawQuery() != null) {
            throw new IllegalArgumentException("not http://HOST:PORT (expected: " + EXPECTED + ")");
        }
        if (uri.getHost() == null || uri.getPort() < 1 || uri.getPort() > LAST_PORT) {
            throw new IllegalArgumentException("no host or no port (expected: " + EXPECTED + ")");
        }
        String user = uri.getUserInfo();
        int colon = user == null ? -1 : user.indexOf(':');
        return new Proxy(
                uri.getHost().replaceAll("^\\[|]$", ""),
                uri.getPort(),
                user == null || colon < 0 ? user : user.substring(0, colon),
                user == null || colon < 0 ? "" : user.substring(colon + 1));
    }

    /** Whom nobody must see is left out. */
    @Override
    public String toString() {
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
