package dev.squall.capacity;

import java.util.Arrays;

/**
 * What trials say of where a transition from pass to fail lies, and how wide it is: on a grid of thresholds and widths, a
 * trial at x passes with probability lapse + (1 - 2 lapse) / (1 + exp((x - threshold) / width)). After Watson and Pelli,
 * "QUEST: a Bayesian adaptive psychometric method" (1983), and Kontsevich and Tyler, "Bayesian adaptive estimation of
 * psychometric slope and threshold" (1999); what is not asked for, the width, is integrated out.
 */
final class Posterior {

    /** A trial whose outcome has nothing to do with its value: a hiccup of the machine, a lucky seed. */
    private static final double LAPSE = 0.02;

    /** The finest threshold grid is not needed: quantiles are interpolated. */
    private static final int MOST_CELLS = 4_000;

    private static final int WIDTHS = 8;

    /** From 10% to 90% it is 4.4 of this: a factor of 3.7 of clients, more than all of a setting's range. */
    private static final double WIDEST = 0.3;

    /** What is as good as excluded need not be reckoned with. */
    private static final double NEGLIGIBLE = 1e-9;

    private static final int HALVINGS = 40;

    private final double low;
    private final double step;
    private final double[] widths = new double[WIDTHS];
    private final double[][] weights;

    /**
     * Thresholds from {@code low} to {@code high} are equally likely beforehand. Of widths the narrow are likelier, by the root:
     * flatter, sharp edges cost trials; steeper, the intervals of wide ones no longer hold what they say (SearchTest).
     */
    Posterior(double low, double high, double finest) {
        int cells = (int) Math.max(2, Math.min(MOST_CELLS, Math.ceil((high - low) / finest)));
        this.low = low;
        this.step = (high - low) / cells;
        this.weights = new double[WIDTHS][cells];
        double narrowest = Math.min(step, WIDEST / 2);
        for (int w = 0; w < WIDTHS; w++) {
            widths[w] = narrowest * Math.pow(WIDEST / narrowest, (double) w / (WIDTHS - 1));
            Arrays.fill(weights[w], 1 / Math.sqrt(widths[w]));
        }
        normalise();
    }

    private void normalise() {
        double sum = 0;
        for (double[] row : weights) {
            for (double weight : row) {
                sum += weight;
            }
        }
        for (double[] row : weights) {
            for (int i = 0; i < row.length; i++) {
                row[i] /= sum;
            }
        }
    }

    /** Takes a trial's outcome in. */
    void tell(double position, boolean passed) {
        for (int w = 0; w < WIDTHS; w++) {
            double[] row = weights[w];
            for (int i = 0; i < row.length; i++) {
                double pass = LAPSE + (1 - 2 * LAPSE) * pass(position, i, w);
                row[i] *= passed ? pass : 1 - pass;
            }
        }
        normalise();
    }

    /** The lower end of the grid. */
    double low() {
        return low;
    }

    /** The upper end of the grid. */
    double high() {
        return low + weights[0].length * step;
    }

    private double pass(double position, int cell, int width) {
        return 1 / (1 + Math.exp((position - threshold(cell)) / widths[width]));
    }

    /** The entropy of the threshold, up to a constant, that is to be expected after a trial at this position. */
    double expectedEntropy(double position) {
        int cells = weights[0].length;
        double[] passing = new double[cells];
        double[] failing = new double[cells];
        double allPassing = 0;
        double allFailing = 0;
        for (int i = 0; i < cells; i++) {
            for (int w = 0; w < WIDTHS; w++) {
                if (weights[w][i] < NEGLIGIBLE) {
                    continue;
                }
                double pass = LAPSE + (1 - 2 * LAPSE) * pass(position, i, w);
                passing[i] += weights[w][i] * pass;
                failing[i] += weights[w][i] * (1 - pass);
            }
            allPassing += passing[i];
            allFailing += failing[i];
        }
        return entropy(passing, allPassing) + entropy(failing, allFailing);
    }

    private static double entropy(double[] parts, double all) {
        double entropy = 0;
        for (double part : parts) {
            entropy -= part > 0 ? part * Math.log(part / all) : 0;
        }
        return entropy;
    }

    /** The highest position at which a trial, a lapse or not, passes with this probability, whatever the edge is; NaN if none on the grid does. */
    double passing(double probability) {
        double one = low;
        double other = high();
        if (pass(one) < probability) {
            return Double.NaN;
        }
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (one + other) / 2;
            if (pass(middle) >= probability) {
                one = middle;
            } else {
                other = middle;
            }
        }
        return one;
    }

    private double pass(double position) {
        double pass = 0;
        for (int w = 0; w < WIDTHS; w++) {
            for (int i = 0; i < weights[w].length; i++) {
                pass += weights[w][i] * (LAPSE + (1 - 2 * LAPSE) * pass(position, i, w));
            }
        }
        return pass;
    }

    private double threshold(int cell) {
        return low + (cell + 0.5) * step;
    }

    /** The position below which the threshold lies with probability {@code p}. */
    double quantile(double p) {
        double below = 0;
        int cells = weights[0].length;
        for (int i = 0; i < cells; i++) {
            double here = 0;
            for (double[] row : weights) {
                here += row[i];
            }
            if (below + here >= p) {
                return low + (i + (p - below) / here) * step;
            }
            below += here;
        }
        return low + cells * step;
    }
}
