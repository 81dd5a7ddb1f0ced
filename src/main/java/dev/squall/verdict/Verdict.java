package dev.squall.verdict;

import java.util.Locale;

/** What became of an expectation, or of a run: the worst of its findings. */
public enum Verdict {
    PASS,
    /** It cannot be known from this run. */
    INCONCLUSIVE,
    FAIL;

    /** The worse of two. */
    public Verdict worst(Verdict other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /** The word for it in results.json. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
