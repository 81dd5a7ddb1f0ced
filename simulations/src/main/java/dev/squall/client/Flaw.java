package dev.squall.client;

/** What keeps a 101 from completing the handshake (RFC 6455 section 4.1). */
public enum Flaw {
    /** RFC 9110 section 7.8: HTTP/1.0 knows no upgrade. */
    OLD_HTTP(Cause.BAD_UPGRADE, "the response is not HTTP/1.1"),
    UPGRADE(Cause.BAD_UPGRADE, "Upgrade is not websocket"),
    CONNECTION(Cause.BAD_UPGRADE, "Connection is not Upgrade"),
    /** Section 11.3.3: it must not stand twice either. */
    ACCEPT(Cause.BAD_ACCEPT, "Sec-WebSocket-Accept does not answer the key"),
    SUBPROTOCOL(Cause.UNASKED_SUBPROTOCOL, "Sec-WebSocket-Protocol names what was not asked for");

    private final String cause;
    private final String text;

    Flaw(String cause, String text) {
        this.cause = cause;
        this.text = text;
    }

    /** As the journal spells it. */
    String cause() {
        return cause;
    }

    /** For people. */
    @Override
    public String toString() {
        return text;
    }
}
