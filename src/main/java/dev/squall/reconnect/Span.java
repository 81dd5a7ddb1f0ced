package dev.squall.reconnect;

/**
 * Delays from one to another, of which one is drawn uniformly.
 *
 * @param minMicros the least, in microseconds, at least 0
 * @param maxMicros the largest, in microseconds, at least {@code minMicros}
 */
public record Span(long minMicros, long maxMicros) {

    /** No delay. */
    public static final Span ZERO = new Span(0, 0);

    public Span {
        ReconnectPolicy.require(minMicros >= 0, "delay", minMicros + "us", ">= 0s");
        ReconnectPolicy.require(maxMicros >= minMicros, "delay", minMicros + "us.." + maxMicros + "us", "low..high");
    }

    /** The delay at a place in it, a number in [0, 1). */
    double at(double unit) {
        return minMicros + (maxMicros - minMicros) * unit;
    }
}
