package dev.squall.node;

import java.util.Locale;

/** How TCP ended, as the second word of a CLOSED row's detail. */
enum Ending {
    /** Both Closes went over; then this side closed TCP, as a server does first (RFC 6455 section 7.1.1). */
    CLEAN,
    /** The peer closed TCP without finishing, or beginning, the closing handshake. */
    EOF,
    /** The peer reset TCP, or a write found it gone. */
    RESET,
    /** This side ended TCP without having the peer's Close: its time was up, or its frames could not be read any more. */
    TIMEOUT,
    /** This side ended TCP with no Close of either side, or did not wait for the peer's: the node stops, or drops it. */
    STOPPED,
    /** This side ended TCP without a Close, because a fault said so. */
    FAULT,
    /** This side, a proxy, ended TCP as the server behind it did: without a Close, or without waiting for the client's. */
    UPSTREAM;

    /** Who sent the first Close, as the first word of a CLOSED row's detail. */
    enum First {
        SERVER,
        CLIENT,
        /** Nobody sent one. */
        NETWORK
    }

    private final String byServer = "server " + word();
    private final String byClient = "client " + word();
    private final String byNobody = "network " + word();

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The detail of a CLOSED row. */
    String detail(First first) {
        return switch (first) {
            case SERVER -> byServer;
            case CLIENT -> byClient;
            case NETWORK -> byNobody;
        };
    }
}
