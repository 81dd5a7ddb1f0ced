package dev.squall.capacity;

import java.util.Locale;

/** What a trial says of the value that was tried. */
public enum Outcome {
    /** Every expectation held. */
    PASS,
    /** One did not, and that stands. */
    FAIL,
    /** Nothing: the harness, or something else than the service, decided. */
    UNKNOWN,
    /** Nothing was run: this machine, or the experiment, does not allow the value. */
    REFUSED;

    /** The word for it in capacity.json. */
    public String word() {
        return this == UNKNOWN ? "inconclusive" : name().toLowerCase(Locale.ROOT);
    }
}
