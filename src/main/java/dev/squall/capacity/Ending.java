package dev.squall.capacity;

import java.util.Locale;

/** Why a search is over. */
public enum Ending {
    /** The answer is as near as the precision asks for. */
    FOUND,
    /** Whatever was tried passed: up to the most that may be tried, or at both ends. */
    ALL_PASS,
    /** Whatever was tried failed: down to the least that may be tried, or at both ends. */
    NONE_PASS,
    /** Trial after trial of one value said nothing: the harness binds, not the service. */
    HARNESS,
    /** A value could not be tried: the machine, or the experiment, binds. */
    REFUSED,
    /** The trials were used up before. */
    TRIALS,
    /** Somebody ended it. */
    INTERRUPTED;

    /** The word for it in capacity.json. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
