package dev.squall.node;

import dev.squall.fault.Answer;
import dev.squall.protocol.Extension;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a 101 has besides what was negotiated, put in as it goes out.
 *
 * @param answer what faults make of it
 * @param subprotocols the offered ones, as in the header; null: none
 */
record ResponseHeaders(Answer answer, @Nullable String subprotocols) {

    void addTo(HttpHeaders headers) {
        if (subprotocols != null && !headers.contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            // The first is the client's favourite (RFC 6455 section 4.1), and a browser leaves where none is chosen.
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocols.split(",", 2)[0].strip());
        }
        if (answer.altered().isEmpty() && answer.unoffered().isEmpty()) {
            return;
        }
        String negotiated = headers.get(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
        List<Extension> extensions = new ArrayList<>(negotiated == null ? List.of() : Extension.parseList(negotiated));
        Set<String> names = Negotiator.names(extensions);
        extensions.replaceAll(one -> answer.altered().stream()
                .filter(other -> other.name().equals(one.name()))
                .findFirst()
                .orElse(one));
        answer.unoffered().stream().filter(one -> !names.contains(one.name())).forEach(extensions::add);
        if (!extensions.isEmpty()) {
            headers.set(
                    HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS,
                    extensions.stream().map(Extension::toString).collect(Collectors.joining(", ")));
        }
    }
}
