package dev.squall.fault;

import dev.squall.protocol.Extension;
import java.util.Set;

/**
 * Answers with an extension that nobody offered: a client must fail the connection (RFC 6455 section 4.1).
 *
 * @param extension with its parameters
 */
public record Unoffered(String extension) implements HandshakeFault {

    static final Kind KIND = new Kind(
            "unoffered",
            Unoffered.class,
            "extension",
            "answers with an extension that nobody offered",
            "{unoffered: x-squall}",
            Unoffered::read);

    private static Fault read(Settings settings) {
        return new Unoffered(settings.optional(
                "extension",
                "an extension, as x-squall",
                "x-squall",
                text -> Extension.parse(text).toString()));
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Answer answer(double chance) {
        return Answer.adding(Extension.parse(extension));
    }

    /** What is offered is no unoffered one. */
    @Override
    public boolean concerns(Set<String> offered) {
        return !offered.contains(Extension.parse(extension).name());
    }

    @Override
    public String toString() {
        return "unoffered " + extension;
    }
}
