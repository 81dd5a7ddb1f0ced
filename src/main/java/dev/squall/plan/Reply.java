package dev.squall.plan;

/**
 * What the mock server says beyond its echo, as far as a client's own protocol needs it.
 *
 * @param to {@value #OPEN}: it is said when a connection opens; else a text of 1 to {@value #MOST_CHARS} characters, and it
 *     is said in place of the echo of a text message that contains this
 * @param say the text of the message, of at most {@value #MOST_CHARS} characters, references such as ${env:TOKEN} not expanded
 */
public record Reply(String to, String say) {

    /** The occasion that is no message. */
    public static final String OPEN = "open";

    /** The most characters of a text. */
    public static final int MOST_CHARS = 4096;

    public Reply {
        if (to.isEmpty() || to.length() > MOST_CHARS) {
            throw new IllegalArgumentException(
                    "to: " + to.length() + " characters (expected: 1 to " + MOST_CHARS + ")");
        }
        if (say.length() > MOST_CHARS) {
            throw new IllegalArgumentException(
                    "say: " + say.length() + " characters (expected: at most " + MOST_CHARS + ")");
        }
    }
}
