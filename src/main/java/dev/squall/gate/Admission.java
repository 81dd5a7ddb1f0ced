package dev.squall.gate;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who may speak to a server of ours: the bearer of the token; without one, whoever is on this machine. Never a page of
 * another site in a browser of somebody who may.
 */
public final class Admission {

    /** What a request that is refused for want of a token is told, as {@code WWW-Authenticate}. */
    public static final String CHALLENGE = "Bearer realm=\"squall\"";

    /** RFC 6750 section 2.1, and long enough not to be guessed. */
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{16,512}=*");

    /** RFC 9110 section 7.2. */
    private static final Pattern HOST = Pattern.compile("([^:\\[\\]/@]+|\\[[0-9A-Fa-f:.]+])(:\\d{1,5})?");

    private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1]");

    private static final String BEARER = "bearer ";

    private final byte @Nullable [] token;

    /**
     * Why a request is not answered.
     *
     * @param status of HTTP
     * @param header that is at fault
     */
    public record Refusal(int status, String header, String reason) {}

    /**
     * @param name of the server, in messages
     * @param address that it listens on
     * @param token null: none is asked for
     * @throws IllegalArgumentException if other machines reach the address and there is no token, or if it is too weak
     */
    public Admission(String name, InetAddress address, @Nullable String token) {
        if (token == null && !address.isLoopbackAddress()) {
            throw new IllegalArgumentException(name + " token: none (expected: a token, since "
                    + address.getHostAddress() + " can be reached from other machines)");
        }
        if (token != null && !TOKEN.matcher(token).matches()) {
            throw new IllegalArgumentException(
                    name + " token: not shown (expected: 16 to 512 letters, digits or . _ ~ + / -)");
        }
        this.token = token == null ? null : token.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Turns away what a page of another site makes a browser send.
     *
     * @param host the header Host
     * @param origin the header Origin
     */
    public Optional<Refusal> admit(@Nullable String host, @Nullable String origin) {
        Matcher parts = HOST.matcher(host == null ? "" : host);
        if (!parts.matches()) {
            return Optional.of(
                    new Refusal(400, "Host", "missing or malformed (expected: the host and port of this server)"));
        }
        // A name that its owner points here for a moment (DNS rebinding) is no loopback's.
        if (token == null
                && !LOOPBACK.matcher(parts.group(1).toLowerCase(Locale.ROOT)).matches()) {
            return Optional.of(new Refusal(
                    421,
                    "Host",
                    parts.group(1) + " (expected: localhost or a loopback address; else ask for a token)"));
        }
        if (origin != null && !origin.replaceFirst("^https?://", "").equals(host)) {
            return Optional.of(new Refusal(
                    403, "Origin", origin + " (expected: this server's own page, or a client that is none)"));
        }
        return Optional.empty();
    }

    /**
     * Turns away who has no token where one is asked for.
     *
     * @param authorization the header Authorization
     */
    public Optional<Refusal> authorize(@Nullable String authorization) {
        return token == null || MessageDigest.isEqual(token, presented(authorization))
                ? Optional.empty()
                : Optional.of(new Refusal(
                        401, "Authorization", "no valid token (expected: Bearer TOKEN, as the server was told)"));
    }

    private static byte[] presented(@Nullable String header) {
        return header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? header.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8)
                : new byte[0];
    }
}
