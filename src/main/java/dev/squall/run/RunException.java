package dev.squall.run;

/** A run cannot begin, for a reason that its user can change: the message says what to do. */
public final class RunException extends Exception {

    private static final long serialVersionUID = 1;

    /** With what to do next. */
    public RunException(String message) {
        super(message);
    }

    /** With what to do next. */
    public RunException(String message, Throwable cause) {
        super(message, cause);
    }
}
