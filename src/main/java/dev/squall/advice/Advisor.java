package dev.squall.advice;

import dev.squall.plan.Plan;
import dev.squall.predict.Model;
import dev.squall.predict.Prediction;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.stats.Statistics;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Judge;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.DoubleConsumer;
import java.util.stream.LongStream;

/**
 * Predicts one experiment over and over, with one thing changed.
 *
 * @param plan of the experiment
 * @param model of the server
 */
public record Advisor(Plan plan, Model model) {

    private static final long SECOND_MICROS = 1_000_000;

    /** Drain windows that are tried, in seconds. */
    private static final long[] DRAINS = {0, 1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600};

    /** Batch sizes that are tried, as parts of all clients of a node: one in so many. */
    private static final long[] BATCHES = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

    /**
     * What comes of each of these policies, followed by all clients.
     *
     * @param progress hears which share is done, in 0..1
     */
    public List<Candidate> policies(List<ReconnectPolicy> policies, DoubleConsumer progress) {
        Map<String, Plan> plans = new LinkedHashMap<>();
        policies.forEach(policy -> plans.put(policy.name(), following(policy)));
        return predicted(plans, progress);
    }

    private Plan following(ReconnectPolicy policy) {
        return plan.loadedBy(
                plan.populations().stream().map(each -> each.following(policy)).toList());
    }

    /**
     * What comes of a policy with other drain windows; of restarts that close in batches, with other batch sizes.
     *
     * @param withinMicros longer windows than this are not tried
     */
    public List<Candidate> windows(ReconnectPolicy policy, long withinMicros, DoubleConsumer progress) {
        Map<String, Plan> plans = new LinkedHashMap<>();
        Plan base = following(policy);
        boolean inBatches = plan.restarts().stream().anyMatch(each -> each.batches() != null);
        if (inBatches) {
            long ofNode = Math.max(1, plan.clients() / Math.max(1, plan.nodes().size()));
            TreeSet<Integer> sizes = new TreeSet<>();
            LongStream.of(BATCHES).forEach(part -> sizes.add((int) Math.max(1, ofNode / part)));
            sizes.forEach(size -> add(plans, "batches of " + size, base, each -> each.inBatchesOf(size, ofNode)));
        } else {
            LongStream.of(DRAINS)
                    .filter(seconds -> seconds * SECOND_MICROS <= withinMicros)
                    .forEach(seconds ->
                            add(plans, "drain " + seconds + "s", base, each -> each.draining(seconds * SECOND_MICROS)));
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

    private List<Candidate> predicted(Map<String, Plan> plans, DoubleConsumer progress) {
        List<Candidate> candidates = new ArrayList<>();
        plans.forEach((name, changed) -> {
            double done = (double) candidates.size() / plans.size();
            Statistics statistics =
                    Prediction.of(changed, model, each -> {}, share -> progress.accept(done + share / plans.size()));
            List<Expectation> expectations =
                    changed.expectations().stream().map(Expectation::parse).toList();
            candidates.add(
                    Candidate.of(name, statistics, new Judge(statistics, changed.confidence()).judge(expectations)));
        });
        return candidates;
    }
}
