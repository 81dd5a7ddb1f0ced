package dev.squall.plan;

/**
 * How the clients of a population come.
 *
 * @param overMicros the time over which they arrive, evenly but for a random place within each one's share
 */
public record Arrivals(long overMicros) {

    /** All of them evenly over this time. */
    public static Arrivals over(long micros) {
        return new Arrivals(micros);
    }
}
