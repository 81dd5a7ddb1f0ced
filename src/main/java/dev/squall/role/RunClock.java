package dev.squall.role;

/**
 * Microseconds since the start of the run. On one host all processes share the monotonic clock, so times of different
 * journals compare.
 *
 * @param startNanos the monotonic clock's reading at the start
 */
public record RunClock(long startNanos) {

    /** Now; negative before the start. */
    public long micros() {
        return Math.floorDiv(System.nanoTime() - startNanos, 1000L);
    }
}
