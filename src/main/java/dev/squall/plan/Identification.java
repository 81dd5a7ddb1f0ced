package dev.squall.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * How a server tells clients apart that are not ours.
 *
 * @param by by what part of the handshake request
 * @param name of the query parameter, header or cookie; else empty
 */
public record Identification(By by, String name) {

    /** A part of a handshake request. */
    public enum By {
        QUERY,
        HEADER,
        COOKIE,
        SUBPROTOCOL,
        ADDRESS;

        private boolean named() {
            return this == QUERY || this == HEADER || this == COOKIE;
        }
    }

    /** What is accepted, in words. */
    public static final String EXPECTED = "query:NAME, header:NAME, cookie:NAME, subprotocol or address";

    public Identification {
        if (by.named() == name.isEmpty()) {
            throw new IllegalArgumentException(spelled(by, name) + " (expected: " + EXPECTED + ")");
        }
    }

    /**
     * Reads a spelling.
     *
     * @throws IllegalArgumentException if it is none; the message says what is accepted
     */
    @JsonCreator
    public static Identification parse(String text) {
        int colon = text.indexOf(':');
        String word = colon < 0 ? text : text.substring(0, colon);
        for (By by : By.values()) {
            if (by.name().toLowerCase(Locale.ROOT).equals(word)) {
                return new Identification(by, colon < 0 ? "" : text.substring(colon + 1));
            }
        }
        throw new IllegalArgumentException(text + " (expected: " + EXPECTED + ")");
    }

    private static String spelled(By by, String name) {
        return by.name().toLowerCase(Locale.ROOT) + (name.isEmpty() ? "" : ":" + name);
    }

    /** As it is spelled. */
    @Override
    @JsonValue
    public String toString() {
        return spelled(by, name);
    }
}
