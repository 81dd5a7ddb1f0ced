package dev.squall.plan;

import java.util.List;

/**
 * What a population's handshake requests have beyond what RFC 6455 asks for. Values are as the experiment spells them:
 * references to secrets are not expanded, and {@code #{client}} and the like ({@link Template#OF_A_CLIENT}) not yet
 * replaced.
 *
 * @param query parameters put behind those of the URL
 * @param headers in order
 * @param cookies one Cookie header
 * @param subprotocols in order of preference; the server may choose one
 */
public record Request(List<Pair> query, List<Pair> headers, List<Pair> cookies, List<String> subprotocols) {

    /** A name and its value. */
    public record Pair(String name, String value) {}

    /** Nothing beyond what RFC 6455 asks for. */
    public static final Request PLAIN = new Request(List.of(), List.of(), List.of(), List.of());

    public Request {
        query = List.copyOf(query);
        headers = List.copyOf(headers);
        cookies = List.copyOf(cookies);
        subprotocols = List.copyOf(subprotocols);
        query.forEach(pair -> RequestField.QUERY.checkName(pair.name()));
        headers.forEach(pair -> RequestField.HEADER.checkName(pair.name()));
        cookies.forEach(pair -> RequestField.COOKIE.checkName(pair.name()));
        subprotocols.forEach(RequestField::checkToken);
    }

    /** Whether it has this header, in whatever letters. */
    public boolean hasHeader(String name) {
        return headers.stream().anyMatch(pair -> pair.name().equalsIgnoreCase(name));
    }
}
