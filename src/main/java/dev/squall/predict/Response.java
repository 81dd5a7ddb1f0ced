package dev.squall.predict;

import dev.squall.protocol.Negotiation;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a 101 has for the extensions that a client offers, and how the client judges it.
 *
 * @param nodeOutcomes what became of each offer, as a node's journal spells it; empty where nothing was offered
 * @param withheld names of extensions that a fault withheld
 * @param inWindow whether a withhold window covered the handshake
 * @param judgement the client's; null where it offers nothing and the response has nothing
 * @param outcomes of each offer; empty of a response that fails the connection
 */
record Response(
        String nodeOutcomes,
        List<String> withheld,
        boolean inWindow,
        Negotiation.@Nullable Judgement judgement,
        Map<String, Negotiation.Outcome> outcomes) {

    /** Of a handshake without extensions. */
    static final Response PLAIN = new Response("", List.of(), false, null, Map.of());

    Response {
        withheld = List.copyOf(withheld);
    }

    /** The outcome that decides. */
    Negotiation.Outcome worst() {
        return judgement == null ? Negotiation.Outcome.NEGOTIATED : judgement.worst();
    }

    /** The reason of the client's 1010. */
    String reason() {
        return judgement == null ? "" : judgement.reason();
    }
}
