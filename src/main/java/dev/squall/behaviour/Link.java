package dev.squall.behaviour;

/** One connection, while it lasts. Times are microseconds. */
final class Link {

    static final long NEVER = Long.MIN_VALUE;

    final Client client;
    long opened = NEVER;
    /** Open, and neither side nor a fault has done anything to it: its client has no reason to want another. */
    boolean sound;
    /** We sent the first Close, at this time. */
    long closedByUs = NEVER;

    int sentCode;
    boolean closeReceived;
    boolean struck;
    /** A fault made the node stop reading: what the client sends is not seen. */
    boolean unread;

    long pings;
    long pongs;
    long lastPing = NEVER;

    Link(Client client) {
        this.client = client;
    }

    boolean isOpen() {
        return opened != NEVER;
    }
}
