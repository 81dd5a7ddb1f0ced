package dev.squall.reconnect;

/**
 * Uniform from {@code min} to {@code growth} times the delay before, the first time to {@code growth} times {@code min}.
 *
 * @param minMicros the least delay, in microseconds, above 0
 * @param growth 1 to 1000
 * @param capMicros the longest delay, in microseconds, at least {@code minMicros}
 */
public record Decorrelated(long minMicros, double growth, long capMicros) implements Backoff {

    public Decorrelated {
        ReconnectPolicy.require(minMicros > 0, "delay", minMicros + "us", "> 0s");
        ReconnectPolicy.require(growth >= 1 && growth <= 1000, "growth", growth, "1..1000");
        ReconnectPolicy.require(capMicros >= minMicros, "cap", capMicros + "us", ">= delay");
    }

    @Override
    public double micros(int retry, long previousMicros, long clientBits, long attemptBits) {
        double longest = growth * (retry == 0 ? minMicros : Math.max(minMicros, previousMicros));
        return Math.min(capMicros, minMicros + (longest - minMicros) * ReconnectPolicy.upperUnit(attemptBits));
    }

    @Override
    public double longestFirstMicros() {
        return Math.min(capMicros, growth * minMicros);
    }
}
