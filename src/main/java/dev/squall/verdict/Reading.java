package dev.squall.verdict;

import dev.squall.stats.Share;
import org.jspecify.annotations.Nullable;

/**
 * A metric's value in a run, in its unit; NaN where there is nothing to measure, infinite where a quantile falls on those
 * who never came.
 *
 * @param other the value at the other end of what is possible, where the doubt leaves a range; NaN: it may be anything
 * @param share the counts behind a share; null for other kinds
 * @param where which restart it is of, for people; empty if of the whole run
 * @param note why it is as it is; empty if there is nothing to say
 * @param fromMicros the window in which a stall of the measuring processes could have changed it
 * @param toMicros that window's end
 * @param doubt why nobody can know what it would have been; empty if it is what it is
 */
public record Reading(
        double value,
        double other,
        @Nullable Share share,
        String where,
        String note,
        long fromMicros,
        long toMicros,
        String doubt) {

    /** A value that is what it is, or of which nobody can say what it would have been. */
    Reading(
            double value,
            @Nullable Share share,
            String where,
            String note,
            long fromMicros,
            long toMicros,
            String doubt) {
        this(value, Double.NaN, share, where, note, fromMicros, toMicros, doubt);
    }
}
