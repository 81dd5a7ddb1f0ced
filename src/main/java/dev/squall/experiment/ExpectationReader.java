package dev.squall.experiment;

import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.SteadyWindow;
import dev.squall.quantity.Quantity;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Metric;
import dev.squall.verdict.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** Reads {@code expect}: what can be expected depends on what the plan does. */
final class ExpectationReader {

    private final Plan plan;
    private final double confidence;
    private final List<Problem> warnings;

    ExpectationReader(Plan plan, double confidence, List<Problem> warnings) {
        this.plan = plan;
        this.confidence = confidence;
        this.warnings = warnings;
    }

    List<Expectation> read(YamlValue value) {
        List<Expectation> expectations = new ArrayList<>();
        for (YamlValue each : value.list("a list, as [restart.outage.p99 <= 15s]")) {
            expectation(each).ifPresent(expectation -> {
                expectations.add(expectation);
                if (confidence > 0) {
                    warnOfTooFew(each, expectation);
                }
            });
        }
        return List.copyOf(expectations);
    }

    /** Conditions on what is known of a run while it goes on. */
    List<Expectation> conditions(YamlValue value) {
        List<Expectation> conditions = new ArrayList<>();
        for (YamlValue each : value.list("a list, as [clients.open.rate < 50%]")) {
            expectation(each).ifPresent(condition -> {
                Metric metric = condition.metric();
                // Latencies are written down by the second, and read when the run is over.
                boolean late = metric.need() == Metric.Need.MESSAGE
                        || metric.need() == Metric.Need.PING
                        || metric.name().startsWith("injector.");
                if (!metric.isKnownBefore() || late || !condition.population().isEmpty() || condition.steady()) {
                    each.problem(condition.text() + " is not known while the run goes on (expected: a condition on"
                            + " clients.open.rate, attempts.failed.count or observed.NAME.last, of all clients)");
                } else {
                    conditions.add(condition);
                }
            });
        }
        return List.copyOf(conditions);
    }

    private Optional<Expectation> expectation(YamlValue value) {
        YamlValue at = value;
        StringBuilder prefix = new StringBuilder();
        // In YAML, "- strict: metric <= 1" is a map of one entry; so is "- steady: {strict: metric <= 1}", of another
        // one.
        while (at.isMap()) {
            Map<String, YamlValue> entries = at.entries("population: metric op value");
            if (entries.size() != 1) {
                at.problem(entries.size() + " entries (expected: one, as strict: extension.1010.rate <= 12%)");
                return Optional.empty();
            }
            prefix.append(entries.keySet().iterator().next()).append(": ");
            at = entries.values().iterator().next();
        }
        Optional<Expectation> read = at.literal(
                "metric op value, as restart.outage.p99 <= 15s",
                Optional.empty(),
                text -> Optional.of(Expectation.parse(prefix + text)));
        if (read.isEmpty()) {
            return read;
        }
        Expectation expectation = read.get();
        Optional<String> problem = problem(expectation);
        problem.ifPresent(at::problem);
        return problem.isPresent() ? Optional.empty() : read;
    }

    private Optional<String> problem(Expectation expectation) {
        List<String> names = plan.populations().stream()
                .flatMap(p -> Stream.concat(Stream.of(p.name()), p.followers().stream()))
                .toList();
        if (!expectation.population().isEmpty() && !names.contains(expectation.population())) {
            return Optional.of(
                    "population " + expectation.population() + " (expected: " + String.join(" | ", names) + ")");
        }
        Optional<String> unmeasurable = expectation.metric().unmeasurable(plan, expectation.population());
        if (unmeasurable.isPresent()) {
            return Optional.of(expectation.metric().name() + " cannot be measured: " + unmeasurable.get()
                    + " (expected: a metric of what this experiment does)");
        }
        return expectation.steady() ? unsteady(expectation, names) : Optional.empty();
    }

    /** Why it cannot be expected of the steady state; empty if it can. */
    private Optional<String> unsteady(Expectation expectation, List<String> names) {
        if (names.contains(Expectation.STEADY)) {
            return Optional.of(Expectation.STEADY + " marks what must hold before the first fault, and is a population"
                    + " (expected: another name of the population)");
        }
        Metric metric = expectation.metric();
        if (!metric.isKnownBefore()) {
            return Optional.of(metric.name() + " is not known before the first fault (expected: one of "
                    + String.join(", ", Metrics.familiesBefore()) + ")");
        }
        boolean ofRoundTrips = metric.need() == Metric.Need.MESSAGE || metric.need() == Metric.Need.PING;
        if (!expectation.population().isEmpty() && !ofRoundTrips) {
            return Optional.of(metric.name() + " is known of all clients only before the first fault (expected: no"
                    + " population, or echo.rtt, ping.rtt)");
        }
        try {
            var unused = SteadyWindow.of(plan.populations(), plan.faults(), plan.restarts());
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private void warnOfTooFew(YamlValue value, Expectation expectation) {
        double z = NormalDistribution.of(0, 1).inverseCumulativeProbability(0.5 + confidence / 2);
        long needed = expectation.clientsNeeded(z);
        long clients = plan.populations().stream()
                .mapToLong(p -> clients(p, expectation.population()))
                .sum();
        if (needed > clients) {
            warnings.add(new Problem(
                    value.location(),
                    expectation.text() + " at " + Quantity.SHARE.format(confidence)
                            + " confidence needs "
                            + (needed == Long.MAX_VALUE ? "infinitely many" : "at least " + needed)
                            + " clients even if nothing goes wrong; there are " + clients));
        }
    }

    /** How many clients of a population an expectation is of; those who follow a policy are as many as its weight says. */
    private static long clients(Population population, String whose) {
        int place = population.followers().indexOf(whose);
        if (place >= 0) {
            return Math.round(population.clients() * population.reconnect().share(place));
        }
        return whose.isEmpty() || population.name().equals(whose) ? population.clients() : 0;
    }
}
