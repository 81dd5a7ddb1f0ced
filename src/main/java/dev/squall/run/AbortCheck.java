package dev.squall.run;

import dev.squall.observe.Observers;
import dev.squall.plan.Observation;
import dev.squall.plan.Plan;
import dev.squall.stats.SteadyState;
import dev.squall.verdict.Expectation;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Holds the conditions that end a run against what is known of it while it goes on. */
final class AbortCheck implements Observers.Observer {

    /**
     * A condition that holds.
     *
     * @param condition its place in the plan
     * @param observed the value by which it does
     */
    record Held(int condition, double observed) {}

    private final List<Expectation> conditions;
    private final SteadyState state;

    /** The conditions that have been known not to hold. */
    private final BitSet averted = new BitSet();

    AbortCheck(Plan plan) {
        conditions = plan.abortWhen().stream().map(Expectation::parse).toList();
        state = SteadyState.soFar(plan);
    }

    @Override
    public void answered(Observation observation, long poll, double value) {
        state.answered(observation, poll, value);
    }

    @Override
    public void missed(Observation observation, long poll, String why) {
        state.missed(observation, poll, why);
    }

    /** The first that holds, by these sums of the injectors' status pairs; what nobody knows yet does not hold. */
    Optional<Held> held(Map<String, Long> counts) {
        long open = counts.getOrDefault("open", 0L);
        long away = counts.getOrDefault("waiting", 0L) + counts.getOrDefault("gaveUp", 0L);
        long present = open + away + counts.getOrDefault("connecting", 0L);
        long failed = counts.getOrDefault("failed", 0L);
        for (int i = 0; i < conditions.size(); i++) {
            Expectation condition = conditions.get(i);
            state.clients(open, present, failed);
            double value = value(condition);
            boolean holds = !Double.isNaN(value) && condition.holds(value);
            if (!holds && !Double.isNaN(value)) {
                averted.set(i);
            }
            if (holds && !averted.get(i)) {
                // At first who dials is not missing: it has never been there.
                state.clients(open, open + away, failed);
                value = value(condition);
                holds = !Double.isNaN(value) && condition.holds(value);
            }
            if (holds) {
                return Optional.of(new Held(i, value));
            }
        }
        return Optional.empty();
    }

    /** As far as it is known: a verdict would wait for what is in doubt, but nobody goes on over a limit for that. */
    private double value(Expectation condition) {
        return condition
                .metric()
                .reader()
                .read(state, condition.population())
                .get(0)
                .value();
    }
}
