package dev.squall.node;

import dev.squall.fault.Match;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a handshake request asked for, as a match of a fault may look at it for as long as the connection lasts: two strings.
 *
 * @param uri path and query
 * @param headers a line for each, its name in lower case, a colon, and its value
 * @param population of a client of ours, else empty
 */
record HandshakeRequest(String uri, String headers, String population) implements Match.Request {

    static HandshakeRequest of(HttpServerRequest request, String population) {
        StringBuilder lines = new StringBuilder();
        for (Map.Entry<String, String> header : request.headers()) {
            lines.append(header.getKey().toLowerCase(Locale.ROOT))
                    .append(':')
                    .append(header.getValue())
                    .append('\n');
        }
        return new HandshakeRequest(request.uri(), lines.toString(), population);
    }

    /** Of a client of ours, where no fault looks at the request's text. */
    static HandshakeRequest of(String population) {
        return new HandshakeRequest("", "", population);
    }

    /** The values of a query parameter; none where the query cannot be decoded. */
    static List<String> query(String uri, String name) {
        try {
            return new QueryStringDecoder(uri).parameters().getOrDefault(name, List.of());
        } catch (IllegalArgumentException malformed) {
            return List.of(); // As %zz: what a client writes must not be able to end the server.
        }
    }

    @Override
    public String path() {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    @Override
    public List<String> header(String name) {
        List<String> values = new ArrayList<>();
        int from = 0;
        for (int end = headers.indexOf('\n'); end >= 0; end = headers.indexOf('\n', from)) {
            if (headers.startsWith(name, from) && headers.charAt(from + name.length()) == ':') {
                values.add(headers.substring(from + name.length() + 1, end).strip());
            }
            from = end + 1;
        }
        return values;
    }

    @Override
    public List<String> query(String name) {
        return query(uri, name);
    }
}
