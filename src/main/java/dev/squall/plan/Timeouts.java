package dev.squall.plan;

/**
 * How long a client waits for its server.
 *
 * @param connectMicros for TCP (with a proxy: for the tunnel) to connect
 * @param handshakeMicros from then for TLS and the handshake response
 * @param idleMicros an open client that hears nothing for so long ends TCP; 0: never
 */
public record Timeouts(long connectMicros, long handshakeMicros, long idleMicros) {

    /** Connected within 5 s, answered within 10 s, and never impatient afterwards. */
    public static final Timeouts DEFAULT = new Timeouts(5_000_000, 10_000_000, 0);

    public Timeouts {
        positive("connect", connectMicros);
        positive("handshake", handshakeMicros);
        if (idleMicros < 0) {
            throw new IllegalArgumentException("idle: " + idleMicros + " us (expected: >= 0 us)");
        }
    }

    private static void positive(String name, long micros) {
        if (micros < 1) {
            throw new IllegalArgumentException(name + ": " + micros + " us (expected: > 0 us)");
        }
    }
}
