package dev.squall.fault;

/**
 * Ends the connection (FIN) without a Close: the peer sees 1006.
 *
 * @param afterMicros after the fault struck
 * @param messages of the client since then, if that comes first; 0: by time alone
 */
public record Fin(long afterMicros, long messages) implements ConnectionFault {

    static final Kind KIND = new Kind(
            "fin", Fin.class, "after", "ends TCP (FIN) without a Close", "{fin: 5s, probability: 10%}", Fin::read);

    private static Fault read(Settings settings) {
        return new Fin(settings.duration("after"), settings.whole("messages", 0, Long.MAX_VALUE, 0));
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Conduct conduct() {
        return Conduct.departing(new Conduct.Departure(Conduct.Ending.FIN, 0, "", afterMicros, messages));
    }

    @Override
    public String toString() {
        return "fin" + conduct().departure();
    }
}
