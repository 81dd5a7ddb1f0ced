package dev.squall.compare;

import dev.squall.quantity.Quantity;
import java.util.Arrays;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.MannWhitneyUTest;

/**
 * One figure of two sides.
 *
 * @param base its values in the base's runs, at least one
 * @param run those of the other side, at least one
 */
record Difference(Figure figure, double[] base, double[] run) {

    /** With fewer repeats on a side nobody can tell a difference from noise. */
    static final int REPEATS = 3;

    /** So often a figure that did not change seems to have. */
    static final double SIGNIFICANCE = 0.05;

    /** Differences below these are none: of times in microseconds, of shares. */
    private static final double LEAST_MICROS = 10_000;

    private static final double LEAST_SHARE = 0.001;

    /** What is known of it being noise. */
    enum Noise {
        /** Too few repeats. */
        UNKNOWN,
        LIKELY,
        UNLIKELY
    }

    double baseMedian() {
        return median(base);
    }

    double runMedian() {
        return median(run);
    }

    /** Infinite if one side's clients never came; 0 if neither's did. */
    double change() {
        return baseMedian() == runMedian() ? 0 : runMedian() - baseMedian();
    }

    /**
     * The change over the base's. Of shares of which more is better it is that of the rest, for from 99.9 to 99% ten times as
     * many are wanting.
     */
    double relative() {
        double of = figure.unit() == Quantity.SHARE && figure.better() == Figure.Better.HIGHER
                ? 1 - baseMedian()
                : Math.abs(baseMedian());
        double change = change();
        if (change == 0) {
            return 0;
        }
        return Double.isInfinite(of) ? -1 : of == 0 ? Math.copySign(Double.POSITIVE_INFINITY, change) : change / of;
    }

    boolean isWorse() {
        return figure.better() == Figure.Better.LOWER
                ? change() > 0
                : figure.better() == Figure.Better.HIGHER && change() < 0;
    }

    boolean isBetter() {
        return figure.better() != Figure.Better.NEITHER && change() != 0 && !isWorse();
    }

    /** Whether it is so large that it counts. */
    boolean exceeds(double tolerance) {
        double least =
                figure.unit() == Quantity.DURATION ? LEAST_MICROS : figure.unit() == Quantity.SHARE ? LEAST_SHARE : 0;
        return Math.abs(change()) > least && Math.abs(relative()) > tolerance;
    }

    /** Worse by more than the tolerance, and not by noise as far as that can be told. */
    boolean isRegression(double tolerance) {
        return isWorse() && exceeds(tolerance) && noise() != Noise.LIKELY;
    }

    Noise noise() {
        return base.length < REPEATS || run.length < REPEATS
                ? Noise.UNKNOWN
                : probability() <= SIGNIFICANCE ? Noise.UNLIKELY : Noise.LIKELY;
    }

    /**
     * How often runs that do not differ would lie as far apart in this direction or farther: the one-sided test of Mann and
     * Whitney, which asks for ranks only, so that a client that never came is just the last. Three against three that
     * do not overlap are 0.05.
     */
    double probability() {
        if (change() == 0) {
            return 1;
        }
        return MannWhitneyUTest.withDefaults()
                .with(change() > 0 ? AlternativeHypothesis.LESS_THAN : AlternativeHypothesis.GREATER_THAN)
                .test(base, run)
                .getPValue();
    }

    /** Of at least one value; between two infinite ones infinite. */
    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double low = sorted[(sorted.length - 1) / 2];
        double high = sorted[sorted.length / 2];
        return low == high ? low : (low + high) / 2;
    }
}
