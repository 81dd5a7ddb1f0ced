package dev.squall.junit;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port that no other test has, in this process or another, also while a restart does not listen on it: whoever reserves it
 * holds the UDP port of the same number, which the kernel gives to one alone and takes back when the process ends.
 *
 * <p>It is below the ephemeral range (32768 on Linux), so that no client that dials while nothing listens is connected to
 * itself.
 */
final class ReservedPort implements AutoCloseable {

    private static final int FIRST = 20_000;
    private static final int BEYOND = 32_000;
    private static final int MOST_TRIES = 1_000;

    private final DatagramSocket guard;

    private ReservedPort(DatagramSocket guard) {
        this.guard = guard;
    }

    /**
     * Reserves any.
     *
     * @throws IOException if none of many was free
     */
    static ReservedPort any(InetAddress host) throws IOException {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, BEYOND);
            try {
                return new ReservedPort(new DatagramSocket(new InetSocketAddress(host, port)));
            } catch (SocketException taken) {
                continue;
            }
        }
        throw new IOException("no free port of " + FIRST + " to " + (BEYOND - 1) + " in " + MOST_TRIES + " tries");
    }

    int number() {
        return guard.getLocalPort();
    }

    @Override
    public void close() {
        guard.close();
    }
}
