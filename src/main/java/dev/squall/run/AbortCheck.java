package dev.squall.run;

import dev.squall.observe.Observers;
import dev.squall.plan.Observation;
import dev.squall.plan.Plan;
import dev.squall.plan.SteadyWindow;
import dev.squall.stats.SteadyState;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Finding;
import dev.squall.verdict.Judge;
import dev.squall.verdict.Verdict;
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

    AbortCheck(Plan plan) {
        conditions = plan.abortWhen().stream().map(Expectation::parse).toList();
        state = new SteadyState(
                plan, new SteadyWindow(0, Math.max(plan.durationMicros(), SteadyWindow.SHORTEST_MICROS)));
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
        if (conditions.isEmpty()) {
            return Optional.empty();
        }
        long open = counts.getOrDefault("open", 0L);
        long present = open
                + counts.getOrDefault("connecting", 0L)
                + counts.getOrDefault("waiting", 0L)
                + counts.getOrDefault("gaveUp", 0L);
        state.clients(open, present, counts.getOrDefault("failed", 0L));
        List<Finding> findings = new Judge(state, 0).judge(conditions);
        for (int i = 0; i < findings.size(); i++) {
            if (findings.get(i).verdict() == Verdict.PASS) {
                return Optional.of(new Held(i, findings.get(i).observed()));
            }
        }
        return Optional.empty();
    }
}
