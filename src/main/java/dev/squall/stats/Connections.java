package dev.squall.stats;

/** A connection's key: the client's number over all populations (40 bits) and the connection's (24 bits). */
final class Connections {

    private static final int BITS = 24;

    private Connections() {}

    static long key(long client, long connection) {
        return client << BITS | connection & (1L << BITS) - 1;
    }

    static int client(long key) {
        return (int) (key >>> BITS);
    }

    static long connection(long key) {
        return key & (1L << BITS) - 1;
    }
}
