package dev.squall.predict;

import org.jspecify.annotations.Nullable;

/**
 * What a prediction takes for true of the server and of the way to it, beyond what the experiment says of them.
 *
 * @param roundTripMicros from a client to a node and back, above 0
 * @param handshakesPerSecond how many connections a node can accept and answer, one after the other; 0: any number
 * @param backlog connections that wait for a node to accept them (listen(2)); who finds it full is not answered, and its
 *     kernel sends its SYN again after 1, 3, 7 s (RFC 6298 section 2: the first timeout is 1 s, and doubles); 0: any number
 * @param bench the machine that carries load and nodes together, for a prediction of a run on it; null: each client is a
 *     machine of its own, and a node has what {@code handshakesPerSecond} says
 */
public record Model(
        long roundTripMicros,
        double handshakesPerSecond,
        int backlog,
        @Nullable Bench bench) {

    /** The first retransmission of a SYN comes so late, and each further one after twice as long. */
    static final long SYN_TIMEOUT_MICROS = 1_000_000;

    /** A local network, and a server that takes everybody at once. */
    public static final Model IDEAL = new Model(1_000, 0, 0, null);

    /**
     * How long a step of a client takes a machine that does one after the other, in microseconds; its several processors
     * count as one that is as fast as all of them.
     *
     * @param dialMicros a connection that is dialled, whether or not it is refused
     * @param handshakeMicros a handshake, at both ends
     * @param closeMicros a closing handshake that the server begins, at both ends
     */
    public record Bench(double dialMicros, double handshakeMicros, double closeMicros) {
        public Bench {
            atLeastZero("dial", dialMicros);
            atLeastZero("handshake", handshakeMicros);
            atLeastZero("close", closeMicros);
        }

        private static void atLeastZero(String name, double micros) {
            if (!(micros >= 0)) {
                throw new IllegalArgumentException(name + ": " + micros + " us (expected: >= 0 us)");
            }
        }
    }

    public Model {
        if (roundTripMicros < 1) {
            throw new IllegalArgumentException("round trip: " + roundTripMicros + " us (expected: > 0 us)");
        }
        if (!(handshakesPerSecond >= 0)) {
            throw new IllegalArgumentException("handshakes: " + handshakesPerSecond + "/s (expected: >= 0/s)");
        }
        if (backlog < 0) {
            throw new IllegalArgumentException("backlog: " + backlog + " (expected: >= 0)");
        }
    }
}
