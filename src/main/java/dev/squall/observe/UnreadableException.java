package dev.squall.observe;

/** An answer without a value; the message says why in a few words, and nothing that may be a secret. */
final class UnreadableException extends Exception {

    private static final long serialVersionUID = 1;

    UnreadableException(String why) {
        super(why);
    }

    UnreadableException(String why, Throwable cause) {
        super(why, cause);
    }
}
