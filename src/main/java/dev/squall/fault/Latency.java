package dev.squall.fault;

/**
 * Delays all that the server sends.
 *
 * @param delayMicros how late
 * @param jitterMicros how much later at most, drawn uniformly for each write
 */
public record Latency(long delayMicros, long jitterMicros) implements ConnectionFault {

    static final Kind KIND = new Kind(
            "latency",
            Latency.class,
            "delay",
            "delays all that the server sends on an open connection",
            "{latency: 200ms, jitter: 50ms}",
            Latency::read);

    private static Fault read(Settings settings) {
        return new Latency(settings.requiredDuration("delay"), settings.duration("jitter"));
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Conduct conduct() {
        return Conduct.slow(delayMicros, jitterMicros, 0);
    }

    @Override
    public String toString() {
        return "latency " + Conduct.slowness(delayMicros, jitterMicros);
    }
}
