package dev.squall.plan;

/**
 * How a client asks whether its server is still there.
 *
 * @param everyMicros from one ping to the next, above 0; the first is sent at a random phase of it after the handshake
 * @param withinMicros a pong must come within this time, or the client ends TCP; 0: it waits for ever
 */
public record Ping(long everyMicros, long withinMicros) {
    public Ping {
        if (everyMicros < 1) {
            throw new IllegalArgumentException("every: " + everyMicros + " us (expected: > 0 us)");
        }
        if (withinMicros < 0) {
            throw new IllegalArgumentException("within: " + withinMicros + " us (expected: >= 0 us)");
        }
    }
}
