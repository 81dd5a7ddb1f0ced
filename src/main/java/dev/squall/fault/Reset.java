package dev.squall.fault;

/**
 * Resets the connection (RST) without a Close: the peer sees 1006.
 *
 * @param afterMicros after the fault struck
 * @param messages of the client since then, if that comes first; 0: by time alone
 */
public record Reset(long afterMicros, long messages) implements ConnectionFault {

    static final Kind KIND = new Kind(
            "reset", Reset.class, "after", "resets TCP (RST) without a Close", "{reset: 0s, at: 20s}", Reset::read);

    private static Fault read(Settings settings) {
        return new Reset(settings.duration("after"), settings.whole("messages", 0, Long.MAX_VALUE, 0));
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Conduct conduct() {
        return Conduct.departing(new Conduct.Departure(Conduct.Ending.RESET, 0, "", afterMicros, messages));
    }

    @Override
    public String toString() {
        return "reset" + conduct().departure();
    }
}
