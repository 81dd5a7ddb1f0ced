package dev.squall.behaviour;

/**
 * How long a client waited before it dialled again: from when it could first know that it must (our Close was handed over,
 * else TCP ended) to the next upgrade request that came. Times are microseconds.
 *
 * @param code the close code of the connection that it lost, as the node saw it
 * @param micros until the first request that was seen
 * @param hiddenFromMicros from when attempts could not be seen, since nothing listened
 * @param hiddenToMicros until when; the same where all could be seen
 * @param upMicros how long the lost connection had been open
 */
public record Delay(int code, long micros, long hiddenFromMicros, long hiddenToMicros, long upMicros) {

    public Delay {
        if (micros < 0 || hiddenFromMicros < 0 || hiddenToMicros < hiddenFromMicros || hiddenToMicros > micros) {
            throw new IllegalArgumentException("delay: " + micros + " us, hidden " + hiddenFromMicros + ".."
                    + hiddenToMicros + " us (expected: 0 <= from <= to <= delay)");
        }
    }

    /** Whether it may have been shorter: an attempt while nothing listened cannot be seen. */
    public boolean atMost() {
        return hiddenToMicros > hiddenFromMicros;
    }

    /** The shortest that it can have been. */
    public long leastMicros() {
        return atMost() ? hiddenFromMicros : micros;
    }
}
