package dev.squall.stats;

import org.apache.commons.statistics.interval.BinomialConfidenceInterval;
import org.apache.commons.statistics.interval.Interval;

/** A share of counted cases, with its 95% Wilson interval. */
public record Share(long part, long whole) {

    private static final double ALPHA = 0.05;

    public Share {
        if (part < 0 || part > whole) {
            throw new IllegalArgumentException("share: " + part + " of " + whole + " (expected: 0..whole)");
        }
    }

    /** The fraction; NaN of nothing. */
    public double rate() {
        return whole == 0 ? Double.NaN : (double) part / whole;
    }

    /** The lower end of the 95% Wilson interval; 0 of nothing. */
    public double low() {
        return part == 0 ? 0 : interval(ALPHA).getLowerBound();
    }

    /** The upper end of the 95% Wilson interval; 1 of nothing. */
    public double high() {
        return part == whole ? 1 : interval(ALPHA).getUpperBound();
    }

    /** The Wilson interval of this confidence, in (0, 1). */
    public Interval interval(double alpha) {
        // Its counts are ints; a million clients with a thousand handshakes each still fit.
        return BinomialConfidenceInterval.WILSON_SCORE.fromErrorRate(
                Math.toIntExact(whole), Math.toIntExact(part), alpha);
    }
}
