package dev.squall.plan;

/** What a restarting node does with those who come while it is down. */
public enum WhileDown {
    /** Nothing listens: the connection is refused. */
    REFUSE,
    /** The port listens; each handshake is answered 503 with Retry-After. */
    UNAVAILABLE,
    /** The port listens; a connection is accepted and its handshake never answered. */
    BLACK_HOLE;

    /** The name as an experiment spells it. */
    public String spelled() {
        return switch (this) {
            case REFUSE -> "refuse";
            case UNAVAILABLE -> "503";
            case BLACK_HOLE -> "black-hole";
        };
    }
}
