package dev.squall.node;

/**
 * What stands behind the handshake of a node with a {@code capacity}: handshakes are completed one after the other, at a
 * steady rate, and those that must wait stand in a queue of bounded length. The queue is virtual: it holds no requests,
 * only the time of the next free turn, so a client that goes away has still spent its turn, as it would have with a
 * server that does its work before it looks.
 */
final class HandshakeQueue {

    /** The queue has no place. */
    static final long FULL = -1;

    private final double turnNanos;
    private final int places;
    private double freeNanos;
    private boolean used;

    /**
     * An idle queue.
     *
     * @param handshakesPerSecond above 0
     * @param places how many may wait, at least 0
     */
    HandshakeQueue(double handshakesPerSecond, int places) {
        if (!(handshakesPerSecond > 0)) {
            throw new IllegalArgumentException("handshakes: " + handshakesPerSecond + "/s (expected: > 0/s)");
        }
        if (places < 0) {
            throw new IllegalArgumentException("queue: " + places + " (expected: >= 0)");
        }
        this.turnNanos = 1e9 / handshakesPerSecond;
        this.places = places;
    }

    /**
     * Takes a turn.
     *
     * @param now the monotonic clock's reading
     * @return nanoseconds until the turn comes, 0 for at once; {@link #FULL} if nobody else may wait
     */
    synchronized long take(long now) {
        if (!used || freeNanos <= now) {
            used = true;
            freeNanos = now + turnNanos;
            return 0;
        }
        double wait = freeNanos - now;
        // Of the turns that are given away one is being served, the others wait. The epsilon keeps a sum of turns
        // whole.
        double waiting = Math.ceil(wait / turnNanos - 1e-6) - 1;
        if (waiting >= places) {
            return FULL;
        }
        freeNanos += turnNanos;
        return (long) wait;
    }

    /** Forgets who waits: the process behind it starts afresh. */
    synchronized void clear() {
        used = false;
    }
}
