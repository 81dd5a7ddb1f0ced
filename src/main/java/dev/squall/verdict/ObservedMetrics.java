package dev.squall.verdict;

import dev.squall.plan.Observation;
import dev.squall.plan.Plan;
import dev.squall.quantity.Quantity;
import dev.squall.stats.Observed;
import dev.squall.stats.Statistics;
import dev.squall.stats.SteadyState;
import dev.squall.verdict.Metric.Kind;
import dev.squall.verdict.Metric.Need;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What can be expected of what was polled beside the run: {@code observed.NAME.max} and the like. */
final class ObservedMetrics {

    private static final Pattern FORM = Pattern.compile("observed\\.([A-Za-z0-9_-]{1,64})\\.([a-z0-9.]+)");

    private enum Figure {
        MIN("the smallest value", Observed::min, Double.NEGATIVE_INFINITY),
        MEAN("the mean of the values", Observed::mean, Double.NaN),
        P50("the median of the values", Observed::p50, Double.NaN),
        P99("the 99th percentile of the values", Observed::p99, Double.NaN),
        MAX("the largest value", Observed::max, Double.POSITIVE_INFINITY),
        LAST("the latest value", Observed::last, Double.NaN),
        GAPS("polls without an answer", Observed::gaps, Double.NaN),
        UP(
                "of a status: polls answered with 2xx, of all; one without an answer is none",
                each -> each.up().rate(),
                Double.NaN);

        private final String text;
        private final ToDoubleFunction<Observed> value;

        /** The other end of what it may have been, as far as answers are missing; NaN: it may have been anything. */
        private final double unseen;

        Figure(String text, ToDoubleFunction<Observed> value, double unseen) {
            this.text = text;
            this.value = value;
            this.unseen = unseen;
        }

        String word() {
            return this == UP ? "up.rate" : name().toLowerCase(Locale.ROOT);
        }

        /** Whether an answer that is missing is what it tells of, rather than what it lacks. */
        boolean tellsOfGaps() {
            return this == GAPS || this == UP;
        }
    }

    private static final String VALUES = Arrays.stream(Figure.values())
            .filter(figure -> figure != Figure.UP)
            .map(Figure::word)
            .collect(Collectors.joining("|"));

    private ObservedMetrics() {}

    /** The metric of this name, whether or not there is such an observation. */
    static Optional<Metric> find(String name) {
        Matcher matcher = FORM.matcher(name);
        return matcher.matches()
                ? of(matcher.group(1)).stream()
                        .filter(metric -> metric.name().equals(name))
                        .findFirst()
                : Optional.empty();
    }

    /** All metrics of an observation. */
    static List<Metric> of(String observation) {
        return Arrays.stream(Figure.values())
                .map(figure -> of(observation, figure))
                .toList();
    }

    private static Metric of(String observation, Figure figure) {
        Metric metric = new Metric(
                "observed." + observation + "." + figure.word(),
                "observed.NAME." + (figure == Figure.UP ? figure.word() : VALUES),
                figure == Figure.UP ? Quantity.SHARE : Quantity.NUMBER,
                Kind.COUNT,
                Need.OBSERVATION,
                figure == Figure.UP ? figure.text : "of what is observed by that name: " + figure.text,
                (Metric.OfRun) (statistics, scope) -> List.of(ofRun(statistics, observation, figure)));
        return metric.alsoBefore((steady, population) -> before(steady, observation, figure));
    }

    private static Reading ofRun(Statistics statistics, String name, Figure figure) {
        return reading(statistics.observed(name), figure, 0, statistics.endMicros());
    }

    private static Reading before(SteadyState steady, String name, Figure figure) {
        return reading(steady.observed(name), figure, steady.window().fromMicros(), steady.endMicros());
    }

    private static Reading reading(Optional<Observed> found, Figure figure, long fromMicros, long toMicros) {
        if (found.isEmpty()) {
            return new Reading(Double.NaN, null, "", "nothing is observed by that name", fromMicros, toMicros, "");
        }
        Observed observed = found.get();
        String gaps = observed.gaps() == 0
                ? ""
                : observed.gaps() + " of " + observed.polls() + " polls without an answer"
                        + mostFrequent(observed.reasons());
        double value = observed.polls() == 0 ? Double.NaN : figure.value.applyAsDouble(observed);
        boolean doubtful = !observed.isKnown() && !figure.tellsOfGaps();
        return new Reading(
                value,
                Double.isNaN(value) ? Double.NaN : figure.unseen,
                null,
                "",
                doubtful ? "" : gaps,
                fromMicros,
                toMicros,
                doubtful ? gaps + " (expected: at most 10%)" : "");
    }

    private static String mostFrequent(Map<String, Integer> reasons) {
        return reasons.entrySet().stream()
                .max(Map.Entry.<String, Integer>comparingByValue()
                        .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                .map(most -> ": " + most.getKey())
                .orElse("");
    }

    /** Why a run by this plan, which observes something, cannot measure it; empty if it can. */
    static Optional<String> unmeasurable(String metric, Plan plan, String whose) {
        Matcher matcher = FORM.matcher(metric);
        String name = matcher.matches() ? matcher.group(1) : "";
        Optional<Observation> observation = plan.observations().stream()
                .filter(each -> each.name().equals(name))
                .findFirst();
        if (observation.isEmpty()) {
            return Optional.of("observe has no " + name + ", but " + names(plan.observations().stream()));
        }
        if (metric.endsWith("." + Figure.UP.word()) && observation.get().kind() != Observation.Kind.STATUS) {
            return Optional.of(name + " is no status");
        }
        return whose.isEmpty() ? Optional.empty() : Optional.of("what is observed is of no population");
    }

    private static String names(Stream<Observation> observations) {
        return observations.map(Observation::name).collect(Collectors.joining(", "));
    }
}
