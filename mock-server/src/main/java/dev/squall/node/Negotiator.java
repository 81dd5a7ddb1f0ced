package dev.squall.node;

import dev.squall.plan.Plan;
import dev.squall.protocol.Extension;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which of the offered extensions a handshake may have: those that the node serves, but for those that a fault
 * withholds from it. Parameters are negotiated by Netty's own code (RFC 7692 section 7.1).
 */
final class Negotiator {

    private final Set<String> served = new HashSet<>();

    Negotiator(Plan plan) {
        plan.extensions().forEach(text -> served.add(Extension.parse(text).name()));
    }

    /**
     * What one handshake may have.
     *
     * @param offered the names of the offered extensions, in order, each once
     * @param withheld those that a fault withholds
     * @param covered whether a withhold window for an offered extension covered the decision
     * @param deflate whether permessage-deflate may be negotiated
     */
    record Decision(Set<String> offered, Set<String> withheld, boolean covered, boolean deflate) {

        /**
         * What became of each offer, for the journal, as {@code permessage-deflate=withheld}; blank-separated.
         *
         * @param response the response's Sec-WebSocket-Extensions as sent; null where it has none
         */
        String outcomes(@Nullable String response) {
            Set<String> negotiated = response == null ? Set.of() : names(Extension.parseList(response));
            StringBuilder text = new StringBuilder();
            for (String name : offered) {
                text.append(text.isEmpty() ? "" : " ")
                        .append(name)
                        .append(
                                negotiated.contains(name)
                                        ? "=negotiated"
                                        : withheld.contains(name) ? "=withheld" : "=declined");
            }
            return text.toString();
        }
    }

    /** The decision for a handshake to which faults do this. */
    Decision decide(Set<String> offered, FaultBoard.Handshake faults) {
        Set<String> withheld = faults.answer().withheld();
        String deflate = Extension.PERMESSAGE_DEFLATE;
        return new Decision(
                offered,
                withheld,
                !faults.covered().isEmpty(),
                served.contains(deflate) && !withheld.contains(deflate));
    }

    /** The names of extensions, in order, each once. */
    static Set<String> names(List<Extension> extensions) {
        Set<String> names = new LinkedHashSet<>();
        extensions.forEach(extension -> names.add(extension.name()));
        return names;
    }
}
