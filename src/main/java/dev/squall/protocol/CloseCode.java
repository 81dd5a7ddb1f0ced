package dev.squall.protocol;

import java.util.Arrays;
import java.util.Optional;

/**
 * The registered close codes (RFC 6455 section 7.4 and the registry at IANA that it set up), with what each means to
 * somebody who meets it.
 */
public enum CloseCode {
    NORMAL_CLOSURE(
            1000,
            "Normal Closure",
            "The purpose of the connection is fulfilled.",
            "Either side ends a conversation in good order. Many servers also send it, wrongly, when they restart.",
            "Nothing to do. If clients see it during a deploy, let the server send 1012: most client libraries do not"
                    + " reconnect after 1000."),
    GOING_AWAY(
            1001,
            "Going Away",
            "The endpoint goes away: a server shuts down, or a browser leaves the page.",
            "Closing a tab; servers that shut down without saying whether they come back.",
            "Reconnect with a random delay. If the server comes back, let it send 1012 instead."),
    PROTOCOL_ERROR(
            1002,
            "Protocol Error",
            "A frame broke the protocol.",
            "Masked or unmasked frames on the wrong side, bad opcodes, a proxy that alters frames.",
            "Find the side that broke the rule; reconnecting alone repeats it."),
    UNSUPPORTED_DATA(
            1003,
            "Unsupported Data",
            "The endpoint cannot accept this type of data.",
            "Binary sent to an endpoint that takes text only.",
            "Send what the endpoint takes."),
    NO_STATUS(
            1005,
            "No Status Received",
            "A Close frame came without a code. Never on the wire.",
            "ws.close() without arguments at the other side.",
            "Have the other side send a code: its intention is lost without one."),
    ABNORMAL_CLOSURE(
            1006,
            "Abnormal Closure",
            "The connection was lost without a Close frame. Never on the wire.",
            "A killed process, a reset, a proxy's timeout, a lost network; also clients that drop the connection without"
                    + " a Close.",
            "Reconnect after a random delay of 0 to 5 s, then back off (RFC 6455 section 7.2.3). Look for who ended TCP."),
    INVALID_PAYLOAD(
            1007,
            "Invalid Payload Data",
            "A message does not fit its type.",
            "Text that is not UTF-8; a compressed message that does not decompress.",
            "Mend the sender."),
    POLICY_VIOLATION(
            1008,
            "Policy Violation",
            "A message broke a policy of the endpoint.",
            "Failed authorisation, rate limits, slow consumers.",
            "Do not reconnect in a loop: the policy will not have changed."),
    MESSAGE_TOO_BIG(
            1009,
            "Message Too Big",
            "A message is too big to process.",
            "Limits on frame or message size, at the endpoint or a proxy.",
            "Send less, or raise the limit."),
    MANDATORY_EXTENSION(
            1010,
            "Mandatory Extension",
            "The client needed an extension that the server's handshake response did not have, so the client left. Sent"
                    + " by clients only; the reason lists the extensions (RFC 6455 section 7.4.1).",
            "After a deploy or a proxy change that no longer negotiates an extension, as permessage-deflate. A server"
                    + " may decline an offer (RFC 7692), so leaving is the client's policy.",
            "Enable the extension on the server, or make it optional in the client. Look at Sec-WebSocket-Extensions in"
                    + " the handshake response, with and without the proxy. Reconnecting does not help before that."),
    INTERNAL_ERROR(
            1011,
            "Internal Error",
            "The server met a condition that it did not expect.",
            "An exception in a handler; also keep-alive timeouts of some servers.",
            "Reconnect with backoff; look into the server's log."),
    SERVICE_RESTART(
            1012,
            "Service Restart",
            "The service restarts; the client may reconnect. Sent by servers only.",
            "Deploys and planned restarts of servers that say so.",
            "Reconnect automatically after a short random delay (1 to 5 s; the registration at IANA asks for 5 to 30 s),"
                    + " and expect success once the server is back. Do not reconnect at once: thousands of clients doing"
                    + " so are a storm."),
    TRY_AGAIN_LATER(
            1013,
            "Try Again Later",
            "The server is overloaded; the client should come back later, or to another address.",
            "Overload protection, admission control after a restart.",
            "Reconnect with a longer backoff than after 1012."),
    BAD_GATEWAY(
            1014,
            "Bad Gateway",
            "A gateway or proxy had an invalid response from the server behind it.",
            "A balancer whose backend restarts.",
            "Reconnect with backoff; look at the gateway."),
    TLS_HANDSHAKE(
            1015,
            "TLS Handshake",
            "The TLS handshake failed. Never on the wire.",
            "Expired or untrusted certificates, wrong host names.",
            "Mend the certificate or the client's trust store.");

    /** What is to be said of a code that has no meaning of its own. */
    public static final String UNREGISTERED = "No meaning of its own: 3000 to 3999 are registered by libraries, 4000 to"
            + " 4999 are private to an application, the rest is unassigned. Ask who wrote the server.";

    /** Longest close reason in bytes of UTF-8: a control frame holds 125, two of them the code (RFC 6455 section 5.5). */
    public static final int MAX_REASON_BYTES = 123;

    private final int code;
    private final String title;
    private final String meaning;
    private final String seen;
    private final String advice;

    CloseCode(int code, String title, String meaning, String seen, String advice) {
        this.code = code;
        this.title = title;
        this.meaning = meaning;
        this.seen = seen;
        this.advice = advice;
    }

    /** The registered code of this number. */
    public static Optional<CloseCode> of(int code) {
        return Arrays.stream(values()).filter(c -> c.code == code).findFirst();
    }

    /** Its registered name, or what range it is from. */
    public static String title(int code) {
        return of(code).map(CloseCode::title)
                .orElseGet(() -> code >= 4000 && code <= 4999
                        ? "Private use"
                        : code >= 3000 && code <= 3999 ? "Registered by a library" : "Unassigned");
    }

    /** Whether an endpoint may put this code into a Close frame (RFC 6455 sections 7.4.1 and 7.4.2). */
    public static boolean mayTravel(int code) {
        return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006)
                || (code >= 3000 && code <= 4999);
    }

    /** What {@link #parseOfServer} accepts, in words. */
    public static final String OF_A_SERVER =
            "a code that a server may send: 1000 to 1003, 1007 to 1009, 1011 to 1014, 3000 to 4999";

    /**
     * A code that a server may put into a Close.
     *
     * @throws NumberFormatException if it is none
     */
    public static int parseOfServer(String text) {
        int code = Integer.parseInt(text);
        // 1010 is the client's code (RFC 6455 section 7.4.1): a server never sends it.
        if (!mayTravel(code) || code == MANDATORY_EXTENSION.code) {
            throw new NumberFormatException();
        }
        return code;
    }

    /** A close reason of ours: printable ASCII, cut to what a Close frame holds. */
    public static String reason(String text) {
        String ascii = text.replaceAll("[^ -~]", "?");
        return ascii.substring(0, Math.min(ascii.length(), MAX_REASON_BYTES));
    }

    public int code() {
        return code;
    }

    public String title() {
        return title;
    }

    /** What the sender says with it. */
    public String meaning() {
        return meaning;
    }

    /** When people meet it. */
    public String seen() {
        return seen;
    }

    /** What to do. */
    public String advice() {
        return advice;
    }
}
