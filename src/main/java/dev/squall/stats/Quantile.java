package dev.squall.stats;

import dev.squall.journal.LatencyLog;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** The points of a distribution that a run tells of. */
public enum Quantile {
    P50(0.5),
    P90(0.9),
    P95(0.95),
    P99(0.99),
    P999(0.999),
    MAX(1),
    MEAN(Double.NaN);

    private final double fraction;

    Quantile(double fraction) {
        this.fraction = fraction;
    }

    /** As in metrics and results: p50, ..., max, mean. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Of values with those that never came; NaN of none, infinite where it falls on one that never came. */
    public double of(Samples samples) {
        return (this == MEAN ? samples.mean() : samples.quantile(fraction)).orElse(Double.NaN);
    }

    /** Of a histogram in microseconds; NaN of an empty one, infinite where it falls on one that never came. */
    public double of(Histogram histogram) {
        if (histogram.getTotalCount() == 0) {
            return Double.NaN;
        }
        boolean never = histogram.getMaxValue() >= LatencyLog.MAX_MICROS;
        if (this == MEAN) {
            return never ? Double.POSITIVE_INFINITY : histogram.getMean();
        }
        long value = histogram.getValueAtPercentile(fraction * 100);
        return value >= LatencyLog.MAX_MICROS ? Double.POSITIVE_INFINITY : value;
    }
}
