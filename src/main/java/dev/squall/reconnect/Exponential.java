package dev.squall.reconnect;

/**
 * {@code plus + min(cap, d * growth^k)} before retry k, the second part spread by the jitter, and nothing above the cap.
 *
 * @param first what d is drawn from
 * @param growth factor from one delay to the next, 1 to 1000
 * @param capMicros the longest delay, in microseconds, at least 0; jitter that only shortens begins below it
 * @param jitter how the grown delay is spread
 * @param drawOnce whether d is drawn once a client rather than at each attempt
 * @param plus what is drawn anew at each attempt and added
 */
public record Exponential(Span first, double growth, long capMicros, Jitter jitter, boolean drawOnce, Span plus)
        implements Backoff {

    /** Spreads the bits of an attempt for a third draw: 2^64 divided by the golden ratio. */
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    /** Above any cap, and finite however often a client retries. */
    private static final double LIMIT_MICROS = 1e18;

    public Exponential {
        ReconnectPolicy.require(growth >= 1 && growth <= 1000, "growth", growth, "1..1000");
        ReconnectPolicy.require(capMicros >= 0, "cap", capMicros + "us", ">= 0s");
    }

    @Override
    public double micros(int retry, long previousMicros, long clientBits, long attemptBits) {
        double d = first.at(ReconnectPolicy.upperUnit(drawOnce ? clientBits : attemptBits));
        double grown = growth == 1 || d == 0 ? d : Math.min(LIMIT_MICROS, d * Math.pow(growth, retry));
        double spread = jitter.spread(grown, capMicros, ReconnectPolicy.lowerUnit(attemptBits));
        return Math.min(capMicros, plus.at(ReconnectPolicy.upperUnit(attemptBits * GOLDEN)) + spread);
    }

    @Override
    public double longestFirstMicros() {
        double longest = first.maxMicros() * (jitter.bothWays() ? 1 + jitter.share() : 1);
        return Math.min(capMicros, longest + plus.maxMicros());
    }
}
