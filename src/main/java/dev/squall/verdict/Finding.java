package dev.squall.verdict;

import org.jspecify.annotations.Nullable;

/**
 * What became of one expectation.
 *
 * @param expectation what was expected
 * @param observed the value by which it was judged (of several restarts the worst), in the metric's unit; NaN or infinite
 *     where there is none
 * @param low lower end of the 95% Wilson interval of a share; null for other metrics
 * @param high its upper end
 * @param note why, in words; empty if the figures say it
 * @param implied whether the experiment did not ask for it
 * @param stallMicros the stall that alone makes it inconclusive, since it could have turned it; 0: there is none, or something
 *     else makes it so, too
 */
public record Finding(
        Expectation expectation,
        double observed,
        Verdict verdict,
        @Nullable Double low,
        @Nullable Double high,
        String note,
        boolean implied,
        long stallMicros) {

    /** One that no stall makes inconclusive. */
    public Finding(
            Expectation expectation,
            double observed,
            Verdict verdict,
            @Nullable Double low,
            @Nullable Double high,
            String note,
            boolean implied) {
        this(expectation, observed, verdict, low, high, note, implied, 0);
    }

    /** What was observed, in its unit, for people. */
    public String observedText() {
        return Double.isNaN(observed) ? "nothing" : expectation.metric().unit().format(observed);
    }
}
