package dev.squall.predict;

/** A plan that cannot be predicted; the message says what of it, and what can be. */
public final class UnpredictableException extends Exception {

    private static final long serialVersionUID = 1;

    UnpredictableException(String message) {
        super(message);
    }
}
