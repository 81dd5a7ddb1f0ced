package dev.squall.capacity;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * The search for the edge between values that pass and values that fail: told the outcome of each trial, it says what to try
 * next, or that it is over. It does nothing itself and draws nothing, so the same outcomes give the same search.
 *
 * <p>Clients are doubled until a trial fails, or halved until one passes; of a setting both ends are tried. Then each trial is where
 * most is to be learnt of the edge, which is bisection with repeats about it, until 95% of what is believed of it lies within
 * the precision.
 */
public final class Search {

    /** How much of what is believed of the edge lies within the interval that is told. */
    public static final double CREDIBLE = 0.95;

    /** The edge is looked for this far beyond the first bracket, too, whose trials are single ones; further if it leads there. */
    private static final double MARGIN = Math.log(2);

    /** Thresholds are told apart this much more finely than the precision asks for. */
    private static final double FINER = 10;

    /** So many trials of one value that say nothing are not bad luck; two can be, on a machine that has other work, too. */
    private static final int MOST_UNKNOWN = 3;

    /** Trials may be at these quantiles of what is believed of the edge. */
    private static final double[] CANDIDATES = {0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95};

    /** How likely a run passes at the value that is safe to plan with. */
    public static final double SAFE = 0.95;

    private record Told(double value, boolean passed) {}

    private final Axis axis;
    private final int most;
    private final List<Told> told = new ArrayList<>();
    private int trials;
    private int unknown;
    private double next;
    private boolean passesBelow = true;
    private @Nullable Posterior posterior;
    private @Nullable Ending ending;

    /**
     * A search that has tried nothing yet.
     *
     * @param most trials, at least 1
     */
    public Search(Axis axis, int most) {
        this.axis = axis;
        this.most = most;
        this.next = axis instanceof Clients clients ? clients.start() : axis.least();
    }

    /** The value to try now; empty once the search is over. */
    public OptionalDouble next() {
        return ending == null ? OptionalDouble.of(next) : OptionalDouble.empty();
    }

    /** Takes in what came of trying {@link #next()}. */
    public void tell(Outcome outcome) {
        if (ending != null) {
            throw new IllegalStateException("the search is over: " + ending);
        }
        trials++;
        switch (outcome) {
            case REFUSED -> ending = Ending.REFUSED;
            case UNKNOWN -> {
                unknown++;
                ending = unknown >= MOST_UNKNOWN ? Ending.HARNESS : null;
            }
            case PASS, FAIL -> {
                unknown = 0;
                told.add(new Told(next, outcome == Outcome.PASS));
                proceed();
            }
        }
        if (ending == null && trials >= most) {
            ending = Ending.TRIALS;
        }
    }

    /** Ends it. */
    public void interrupt() {
        if (ending == null) {
            ending = Ending.INTERRUPTED;
        }
    }

    private void proceed() {
        if (posterior == null) {
            if (told.stream().map(Told::passed).distinct().count() < 2) {
                widen(told.get(told.size() - 1));
                return;
            }
            posterior = bracketed(axis instanceof Setting ? 0 : MARGIN);
        } else {
            tell(posterior, told.get(told.size() - 1));
        }
        double margin = MARGIN;
        while (leadsBeyond(posterior)) {
            margin *= 2;
            posterior = bracketed(margin);
        }
        double low = position(posterior.quantile((1 - CREDIBLE) / 2));
        double high = position(posterior.quantile((1 + CREDIBLE) / 2));
        boolean near = Math.abs(high - low) <= axis.tolerance();
        // Between two neighbouring values there is nothing to try.
        if (near || Math.abs(axis.value(high) - axis.value(low)) <= axis.step(axis.value(low))) {
            ending = Ending.FOUND;
        }
        next = mostTelling(posterior);
    }

    /** The round value whose trial leaves least to be known of the edge. */
    private double mostTelling(Posterior known) {
        double best = Double.POSITIVE_INFINITY;
        double telling = Double.NaN;
        Set<Double> candidates = new LinkedHashSet<>();
        for (double quantile : CANDIDATES) {
            double value = axis.value(position(known.quantile(quantile)));
            candidates.add(axis.floor(value));
            candidates.add(axis.ceil(value));
        }
        for (double candidate : candidates) {
            double entropy = known.expectedEntropy(position(axis.position(candidate)));
            if (entropy < best) {
                best = entropy;
                telling = candidate;
            }
        }
        return telling;
    }

    /** While all trials had the same outcome: twice as many, half as many, or the other end. */
    private void widen(Told last) {
        double outermost = last.passed ? axis.most() : axis.least();
        if (axis instanceof Setting) {
            outermost = axis.most();
        }
        if (last.value == outermost) {
            ending = last.passed ? Ending.ALL_PASS : Ending.NONE_PASS;
        } else if (axis instanceof Setting) {
            next = outermost;
        } else {
            double factor = last.passed ? 2 : 0.5;
            next = axis.within(Math.floor(last.value * factor));
        }
    }

    /** Whether the edge is likely to lie beyond the grid, and values there may be tried. */
    private boolean leadsBeyond(Posterior known) {
        double low = known.quantile((1 - CREDIBLE) / 2);
        double high = known.quantile((1 + CREDIBLE) / 2);
        double near = axis.tolerance() / FINER;
        boolean below = low < known.low() + near && axis.value(known.low()) > axis.least();
        boolean above = high > known.high() - near && axis.value(known.high()) < axis.most();
        return axis instanceof Clients && (below || above);
    }

    /** What all trials say of the edge between the last that passes and the first that fails, and this far beyond. */
    private Posterior bracketed(double margin) {
        double pass = furthest(true);
        double fail = furthest(false);
        passesBelow = axis instanceof Clients || pass < fail;
        double one = position(axis.position(pass));
        double other = position(axis.position(fail));
        Posterior made =
                new Posterior(Math.min(one, other) - margin, Math.max(one, other) + margin, axis.tolerance() / FINER);
        told.forEach(each -> tell(made, each));
        return made;
    }

    private void tell(Posterior to, Told each) {
        to.tell(position(axis.position(each.value)), each.passed);
    }

    /** Turned about where higher values pass, so that for the posterior it is always the lower ones. Its own inverse. */
    private double position(double position) {
        return passesBelow ? position : -position;
    }

    /** The highest value that passed, or the lowest that failed; NaN if none did. */
    private double furthest(boolean passed) {
        DoubleStream values =
                told.stream().filter(each -> each.passed == passed).mapToDouble(Told::value);
        return (passed ? values.max() : values.min()).orElse(Double.NaN);
    }

    /** What is known now; empty while the search goes on. */
    public Optional<Answer> answer() {
        return Optional.ofNullable(ending).map(this::known);
    }

    /** What is known now, as {@code 95%} of it; NaN for an end that no trial bounds. */
    public double[] bracket() {
        Answer known = known(Ending.INTERRUPTED);
        return new double[] {known.low(), known.high()};
    }

    private Answer known(Ending why) {
        if (posterior == null) {
            double pass = furthest(true);
            return new Answer(why, pass, pass, furthest(false), Double.NaN, true);
        }
        double one = axis.value(position(posterior.quantile((1 - CREDIBLE) / 2)));
        double other = axis.value(position(posterior.quantile((1 + CREDIBLE) / 2)));
        return new Answer(
                why,
                passing(axis.value(position(posterior.quantile(0.5)))),
                axis.floor(Math.min(one, other)),
                axis.ceil(Math.max(one, other)),
                passing(axis.value(position(posterior.passing(SAFE)))),
                passesBelow);
    }

    /** Rounded towards the values that pass. */
    private double passing(double value) {
        return passesBelow ? axis.floor(value) : axis.ceil(value);
    }
}
