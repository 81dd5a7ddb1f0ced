package dev.squall.target;

/** The harness is gone or in a hurry: what is under way ends here. */
final class Stopped extends Exception {

    private static final long serialVersionUID = 1;

    Stopped() {
        super("stopped");
    }
}
