package dev.squall.experiment;

import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.quantity.Quantity;
import dev.squall.verdict.Expectation;
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

    private Optional<Expectation> expectation(YamlValue value) {
        YamlValue at = value;
        String prefix = "";
        if (value.isMap()) {
            // In YAML, "- strict: metric <= 1" is a map of one entry.
            Map<String, YamlValue> entries = value.entries("population: metric op value");
            if (entries.size() != 1) {
                value.problem(entries.size() + " entries (expected: one, as strict: extension.1010.rate <= 12%)");
                return Optional.empty();
            }
            prefix = entries.keySet().iterator().next() + ": ";
            at = entries.values().iterator().next();
        }
        String population = prefix;
        Optional<Expectation> read = at.literal(
                "metric op value, as restart.outage.p99 <= 15s",
                Optional.empty(),
                text -> Optional.of(Expectation.parse(population + text)));
        if (read.isEmpty()) {
            return read;
        }
        Expectation expectation = read.get();
        List<String> names = plan.populations().stream()
                .flatMap(p -> Stream.concat(Stream.of(p.name()), p.followers().stream()))
                .toList();
        if (!expectation.population().isEmpty() && !names.contains(expectation.population())) {
            at.problem("population " + expectation.population() + " (expected: " + String.join(" | ", names) + ")");
            return Optional.empty();
        }
        Optional<String> unmeasurable = expectation.metric().unmeasurable(plan, expectation.population());
        if (unmeasurable.isPresent()) {
            at.problem(expectation.metric().name() + " cannot be measured: " + unmeasurable.get()
                    + " (expected: a metric of what this experiment does)");
            return Optional.empty();
        }
        return Optional.of(expectation);
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
