package dev.squall.advice;

import dev.squall.plan.Plan;
import dev.squall.predict.Model;
import dev.squall.predict.Prediction;
import dev.squall.quantity.Quantity;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.stats.Statistics;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Judge;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Predicts one experiment over and over, with one thing changed.
 *
 * @param plan of the experiment
 * @param model of the server
 * @param mostSteps a prediction that takes more steps of clients and nodes than this is given up
 */
public record Advisor(Plan plan, Model model, long mostSteps) {

    /** The name of what the experiment says itself. */
    public static final String AS_IT_IS = "as it is";

    /** Steps that take some minutes. */
    private static final long MOST_STEPS = 300_000_000;

    private static final long SECOND_MICROS = 1_000_000;

    /** Drain windows that are tried, in seconds. */
    private static final long[] DRAINS = {0, 1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600};

    /** Batch sizes that are tried, as parts of all clients of a node: one in so many. */
    private static final long[] BATCHES = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

    /** Gives up what takes more than some minutes. */
    public Advisor(Plan plan, Model model) {
        this(plan, model, MOST_STEPS);
    }

    /**
     * What came of some choices.
     *
     * @param candidates in the order of the choices
     * @param givenUp those that took too many steps
     */
    public record Tried(List<Candidate> candidates, List<String> givenUp) {

        public Tried {
            candidates = List.copyOf(candidates);
            givenUp = List.copyOf(givenUp);
        }
    }

    /** A prediction takes too many steps. */
    private static final class TooLongException extends RuntimeException {

        private static final long serialVersionUID = 1;
    }

    /**
     * What comes of each of these policies, followed by all clients, and before them of what the experiment says, unless that
     * is one of them.
     *
     * @param progress hears which share is done, in 0..1
     */
    public Tried policies(List<ReconnectPolicy> policies, DoubleConsumer progress) {
        Map<String, Plan> plans = new LinkedHashMap<>();
        Set<ReconnectPolicy> own = plan.populations().stream()
                .flatMap(each -> each.reconnect().policies().stream())
                .collect(Collectors.toSet());
        if (own.size() > 1 || !policies.containsAll(own)) {
            plans.put(AS_IT_IS, plan);
        }
        policies.forEach(policy -> plans.put(policy.name(), following(policy)));
        return predicted(plans, progress);
    }

    private Plan following(ReconnectPolicy policy) {
        return plan.loadedBy(
                plan.populations().stream().map(each -> each.following(policy)).toList());
    }

    /** What of the experiment's expectations a prediction cannot tell. */
    public List<Expectation> unknown() {
        return expectations(plan).stream()
                .filter(each -> each.metric().unpredictable().isPresent())
                .toList();
    }

    private static List<Expectation> expectations(Plan plan) {
        return plan.expectations().stream().map(Expectation::parse).toList();
    }

    /**
     * What comes of other drain windows; of restarts that close in batches, of other batch sizes. Nothing where only a kill
     * is planned.
     *
     * @param policy that all clients follow; null for those of the experiment
     * @param withinMicros longer windows than this, but the experiment's own, are not tried
     */
    public Tried windows(@Nullable ReconnectPolicy policy, long withinMicros, DoubleConsumer progress) {
        Map<String, Plan> plans = new LinkedHashMap<>();
        Plan base = policy == null ? plan : following(policy);
        List<Plan.Restart> orderly =
                plan.restarts().stream().filter(each -> !each.kill()).toList();
        if (orderly.stream().anyMatch(each -> each.batches() != null)) {
            long ofNode = Math.max(1, plan.clients() / Math.max(1, plan.nodes().size()));
            TreeSet<Integer> sizes = new TreeSet<>();
            LongStream.of(BATCHES).forEach(part -> sizes.add((int) Math.max(1, ofNode / part)));
            sizes.forEach(size -> add(plans, "batches of " + size, base, each -> each.inBatchesOf(size, ofNode)));
        } else if (!orderly.isEmpty()) {
            TreeSet<Long> drains = LongStream.of(DRAINS)
                    .map(seconds -> seconds * SECOND_MICROS)
                    .filter(micros -> micros <= withinMicros)
                    .boxed()
                    .collect(Collectors.toCollection(TreeSet::new));
            orderly.forEach(each -> drains.add(each.drainMicros()));
            drains.forEach(micros ->
                    add(plans, "drain " + Quantity.DURATION.spelled(micros), base, each -> each.draining(micros)));
        }
        return predicted(plans, progress);
    }

    private interface Alteration {
        Plan.Restart of(Plan.Restart restart);
    }

    private static void add(Map<String, Plan> plans, String name, Plan base, Alteration alteration) {
        List<Plan.Restart> restarts = base.restarts().stream()
                .map(each -> each.kill() ? each : alteration.of(each))
                .toList();
        if (!overlap(restarts)) {
            plans.put(name, base.restarting(restarts));
        }
    }

    /** Whether a node is to restart before it listens again. */
    private static boolean overlap(List<Plan.Restart> restarts) {
        for (Plan.Restart one : restarts) {
            for (Plan.Restart other : restarts) {
                boolean later = one.index() < other.index() && other.atMicros() < one.listeningMicros();
                if (later && one.nodes().stream().anyMatch(other.nodes()::contains)) {
                    return true;
                }
            }
        }
        return false;
    }

    private Tried predicted(Map<String, Plan> plans, DoubleConsumer progress) {
        List<Candidate> candidates = new ArrayList<>();
        List<String> givenUp = new ArrayList<>();
        plans.forEach((name, changed) -> {
            int done = candidates.size() + givenUp.size();
            try {
                candidates.add(predicted(name, changed, share -> progress.accept((done + share) / plans.size())));
            } catch (TooLongException e) {
                givenUp.add(name);
            }
        });
        return new Tried(candidates, givenUp);
    }

    private Candidate predicted(String name, Plan changed, DoubleConsumer progress) {
        long[] steps = {0};
        Statistics statistics = Prediction.of(changed, model, each -> {}, share -> {
            steps[0] += Prediction.STEPS;
            if (steps[0] > mostSteps) {
                throw new TooLongException();
            }
            progress.accept(share);
        });
        List<Expectation> known = expectations(changed).stream()
                .filter(each -> each.metric().unpredictable().isEmpty())
                .toList();
        return Candidate.of(name, statistics, new Judge(statistics, changed.confidence()).judge(known));
    }
}
