package dev.squall.fault;

import dev.squall.protocol.Extension;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Leaves an extension out of the response (RFC 6455 section 9.1: a server may decline any offer).
 *
 * @param extension its name
 * @param lasting whether a client's lot is drawn once, for all its handshakes
 */
public record Withhold(String extension, boolean lasting) implements HandshakeFault {

    static final Kind KIND = new Kind(
            "withhold",
            Withhold.class,
            "extension",
            "leaves an extension out of the handshake response",
            "{withhold: permessage-deflate, probability: 10%}",
            Withhold::read);

    private static Fault read(Settings settings) {
        String extension = settings.required(
                "extension",
                "an extension that the server has, as permessage-deflate",
                Extension.PERMESSAGE_DEFLATE,
                text -> Extension.parse(text).name());
        boolean lasting = settings.optional(
                "per",
                "handshake | client",
                "handshake",
                text -> Optional.ofNullable(
                                Map.of("handshake", false, "client", true).get(text))
                        .orElseThrow(NumberFormatException::new));
        return new Withhold(extension, lasting);
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Answer answer(double chance) {
        return Answer.withholding(extension);
    }

    /** What is not offered cannot be withheld. */
    @Override
    public boolean concerns(Set<String> offered) {
        return offered.contains(extension);
    }

    @Override
    public String toString() {
        return "withhold " + extension + (lasting ? " per client" : "");
    }
}
