package dev.squall.fault;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Stops to do something, and leaves TCP open.
 *
 * @param what it does not do any more
 */
public record Stall(What what) implements ConnectionFault {

    /** What a server that stalls does not do. */
    public enum What {
        /** It reads nothing: what the client sends fills the buffers. */
        READING,
        /** It does not answer pings. */
        PINGS;

        private static Optional<What> of(String text) {
            return Optional.ofNullable(
                    Map.of("reading", READING, "pings", PINGS).get(text.toLowerCase(Locale.ROOT)));
        }
    }

    static final Kind KIND = new Kind(
            "stall",
            Stall.class,
            "what",
            "stops reading, or answering pings, and leaves the connection open",
            "{stall: reading, from: 10s, to: 20s}",
            Stall::read);

    private static Fault read(Settings settings) {
        return new Stall(settings.optional(
                "what", "reading | pings", "reading", text -> What.of(text).orElseThrow(NumberFormatException::new)));
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Conduct conduct() {
        return new Conduct(what != What.READING, what != What.PINGS, true, 0, 0, 0, null);
    }

    @Override
    public String toString() {
        return "stall " + what.name().toLowerCase(Locale.ROOT);
    }
}
