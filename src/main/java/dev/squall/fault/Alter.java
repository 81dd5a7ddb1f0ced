package dev.squall.fault;

import dev.squall.protocol.Extension;
import java.util.Set;

/**
 * Puts other parameters into the response than were negotiated. The server goes on as negotiated: its response lies.
 *
 * @param extension the negotiated extension's name with the parameters that the response has
 */
public record Alter(String extension) implements HandshakeFault {

    static final Kind KIND = new Kind(
            "alter",
            Alter.class,
            "extension",
            "puts other parameters into the handshake response than were negotiated",
            "{alter: permessage-deflate; server_max_window_bits=99}",
            Alter::read);

    private static Fault read(Settings settings) {
        return new Alter(settings.required(
                "extension",
                "an extension with the parameters to answer, as permessage-deflate; server_max_window_bits=9",
                Extension.PERMESSAGE_DEFLATE,
                text -> Extension.parse(text).toString()));
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Answer answer(double chance) {
        return Answer.altering(Extension.parse(extension));
    }

    /** What is not offered cannot be altered. */
    @Override
    public boolean concerns(Set<String> offered) {
        return offered.contains(Extension.parse(extension).name());
    }

    @Override
    public String toString() {
        return "alter to " + extension;
    }
}
