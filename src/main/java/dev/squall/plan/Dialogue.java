package dev.squall.plan;

import org.jspecify.annotations.Nullable;

/**
 * What makes an open client ready: it says something and waits for something.
 *
 * @param send a text message, a {@link Template} of {@link Template#OF_A_CLIENT}; null: nothing is sent
 * @param until what a message must contain for the dialogue to be done; null: any message will do
 * @param withinMicros how long that may take, above 0; the client then leaves with {@link #TOO_LATE} and tries again
 */
public record Dialogue(@Nullable String send, @Nullable String until, long withinMicros) {

    /**
     * The close code of a client whose dialogue was not done in time: 4000 to 4999 are for private use (RFC 6455 section
     * 7.4.2), and graphql-ws leaves with this one when its acknowledgement does not come.
     */
    public static final int TOO_LATE = 4504;

    public Dialogue {
        if (withinMicros < 1) {
            throw new IllegalArgumentException("within: " + withinMicros + " us (expected: > 0 us)");
        }
    }
}
