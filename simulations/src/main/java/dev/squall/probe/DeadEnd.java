package dev.squall.probe;

import java.util.List;

/** The probe cannot go on: a client would not have come further either. */
final class DeadEnd extends Exception {

    private static final long serialVersionUID = 1;

    private final transient Conclusion conclusion;

    /** What a client meets, and what to do about it. */
    DeadEnd(String text, String... advice) {
        this(text, List.of(advice));
    }

    /** What a client meets, and what to do about it. */
    DeadEnd(String text, List<String> advice) {
        super(text);
        conclusion = new Conclusion(false, text, advice);
    }

    Conclusion conclusion() {
        return conclusion;
    }
}
