package dev.squall.plan;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Where in a handshake request a name and its value stand, and what may stand there. */
public enum RequestField {
    /** Whatever it is, it is percent-encoded. */
    QUERY(Pattern.compile("(?s).*")) {
        @Override
        public void checkName(String name) {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("no name (expected: the name of a parameter)");
            }
        }
    },
    /** A header of the user's own. */
    HEADER(Pattern.compile("[\\t -~]*")) {
        @Override
        public void checkName(String name) {
            checkToken(name);
            String lower = name.toLowerCase(Locale.ROOT);
            if (OURS.contains(lower) || lower.startsWith("sec-websocket-") || lower.startsWith("squall-")) {
                throw new IllegalArgumentException(
                        name + " (expected: a header that the handshake does not set itself)");
            }
            if (lower.equals("cookie")) {
                throw new IllegalArgumentException(name + " (expected: its cookies under cookies)");
            }
        }
    },
    /** As RFC 6265 section 4.1.1 has it, but that blanks, commas and quotes pass, as they do in the field. */
    COOKIE(Pattern.compile("[ -:<-~]*")) {
        @Override
        public void checkName(String name) {
            checkToken(name);
        }
    };

    /** Of the handshake (RFC 6455 section 4.1), or such that a server would wait for a body or end the connection. */
    private static final Set<String> OURS =
            Set.of("host", "upgrade", "connection", "content-length", "transfer-encoding", "expect", "te", "trailer");

    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+"); // RFC 9110 section 5.6.2

    private final Pattern value;

    RequestField(Pattern value) {
        this.value = value;
    }

    /**
     * Checks a name.
     *
     * @throws IllegalArgumentException if it cannot stand here
     */
    public abstract void checkName(String name);

    /**
     * Checks the value of a name; references to a client's number and the like may still be in it.
     *
     * @throws IllegalArgumentException if it cannot stand here; the message does not repeat it, for it may be a secret
     */
    public void checkValue(String name, String text) {
        if (!value.matcher(text).matches() || !text.equals(text.strip()) && this != QUERY) {
            throw new IllegalArgumentException(name + ": a value that cannot stand in a request (expected: "
                    + "printable ASCII without line breaks" + (this == COOKIE ? " and ;" : "")
                    + ", and no blank at either end)");
        }
    }

    /**
     * Checks a word of HTTP, such as a subprotocol.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static void checkToken(String text) {
        if (!TOKEN.matcher(text).matches()) {
            throw new IllegalArgumentException(text + " (expected: letters, digits and !#$%&'*+.^_`|~-)");
        }
    }
}
