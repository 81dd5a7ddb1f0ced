package dev.squall.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client offers and requires, and its judgement of a handshake response.
 *
 * @param offered the extensions that go into the request, in order
 * @param required those, with parameters, that the response must have: each is offered too
 */
public record Negotiation(List<Extension> offered, List<Extension> required) {

    /** What became of one offered extension. */
    public enum Outcome {
        /** It is in the response, with every parameter that the client requires. */
        NEGOTIATED,
        /** The server declined it, as it may (RFC 7692 section 5). */
        MISSING,
        /** It is in the response without the parameters that the client requires. */
        MISMATCHED,
        /** The response is malformed or has an extension nobody offered: RFC 6455 section 4.1 fails the connection. */
        UNOFFERED;

        /** The word for it in a journal. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The judgement of one response.
     *
     * @param worst the outcome that decides: UNOFFERED fails the connection; MISSING or MISMATCHED of a required
     *     extension makes the client leave; NEGOTIATED lets it open (also where a merely offered one was declined)
     * @param negotiated the extensions of the response
     * @param reason for 1010, the required extensions that are lacking, as RFC 6455 section 7.4.1 asks for; for UNOFFERED
     *     what is wrong; else empty
     * @param outcomes for the journal, as {@code permessage-deflate=missing}; blank-separated, in the order of the offer
     */
    public record Judgement(Outcome worst, List<Extension> negotiated, String reason, String outcomes) {}

    public Negotiation {
        offered = List.copyOf(offered);
        required = List.copyOf(required);
        for (Extension extension : required) {
            if (find(offered, extension.name()).isEmpty()) {
                throw new IllegalArgumentException(
                        "require: " + extension.name() + " (expected: an extension that is offered too)");
            }
        }
    }

    /** The same offer with nothing required (on-1010: retry-without). */
    public Negotiation relaxed() {
        return new Negotiation(offered, List.of());
    }

    /** The value of the request's Sec-WebSocket-Extensions header; empty where nothing is offered. */
    public String header() {
        List<String> parts = new ArrayList<>();
        offered.forEach(extension -> parts.add(extension.toString()));
        return String.join(", ", parts);
    }

    /** Judges the response's Sec-WebSocket-Extensions header, null where it has none. */
    public Judgement judge(@Nullable String responseHeader) {
        List<Extension> response;
        try {
            response = responseHeader == null ? List.of() : Extension.parseList(responseHeader);
        } catch (IllegalArgumentException malformed) {
            return new Judgement(Outcome.UNOFFERED, List.of(), String.valueOf(malformed.getMessage()), "");
        }
        for (int i = 0; i < response.size(); i++) {
            String name = response.get(i).name();
            if (find(offered, name).isEmpty()
                    || find(response.subList(0, i), name).isPresent()) {
                return new Judgement(Outcome.UNOFFERED, List.of(), name, "");
            }
        }
        Outcome worst = Outcome.NEGOTIATED;
        List<String> lacking = new ArrayList<>();
        StringBuilder outcomes = new StringBuilder();
        for (Extension offer : offered) {
            Optional<Extension> answer = find(response, offer.name());
            Optional<Extension> need = find(required, offer.name());
            Outcome outcome = answer.isEmpty()
                    ? Outcome.MISSING
                    : need.isPresent() && !answer.get().fulfils(need.get()) ? Outcome.MISMATCHED : Outcome.NEGOTIATED;
            if (need.isPresent() && outcome != Outcome.NEGOTIATED) {
                worst = worst == Outcome.MISSING ? worst : outcome;
                lacking.add(need.get().toString());
            }
            outcomes.append(outcomes.isEmpty() ? "" : " ")
                    .append(offer.name())
                    .append('=')
                    .append(outcome.word());
        }
        return new Judgement(worst, response, String.join(", ", lacking), outcomes.toString());
    }

    private static Optional<Extension> find(List<Extension> extensions, String name) {
        return extensions.stream().filter(e -> e.name().equals(name)).findFirst();
    }
}
