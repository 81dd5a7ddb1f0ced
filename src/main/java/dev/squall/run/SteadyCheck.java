package dev.squall.run;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.LatencyReader;
import dev.squall.plan.Observation;
import dev.squall.plan.Plan;
import dev.squall.plan.SteadyWindow;
import dev.squall.quantity.Quantity;
import dev.squall.stats.SteadyState;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Finding;
import dev.squall.verdict.Judge;
import dev.squall.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Judges the steady state of a run that goes on, right before its first fault, by the files and status lines of its children. */
final class SteadyCheck {

    private final SteadyWindow window;
    private final SteadyState state;
    private final List<Expectation> expectations;
    private final double confidence;
    private long failedBefore = -1;
    private boolean judged;

    SteadyCheck(Plan plan, SteadyWindow window) {
        this.window = window;
        this.state = new SteadyState(plan, window);
        this.expectations = plan.expectations().stream()
                .map(Expectation::parse)
                .filter(Expectation::steady)
                .toList();
        this.confidence = plan.confidence();
    }

    /** A poll was answered, from any thread. */
    void answered(Observation observation, long poll, double value) {
        state.answered(observation, poll, value);
    }

    /** A poll was not answered, from any thread. */
    void missed(Observation observation, long poll, String why) {
        state.missed(observation, poll, why);
    }

    /** Takes the sums of the injectors' status pairs. */
    void status(long micros, Map<String, Long> counts) {
        if (micros >= window.fromMicros() && failedBefore < 0) {
            failedBefore = counts.getOrDefault("failed", 0L);
        }
    }

    /** When it is to be judged; {@link Long#MAX_VALUE} once it has been. */
    long nextMicros() {
        return judged ? Long.MAX_VALUE : window.judgedMicros();
    }

    /**
     * Judges it, once.
     *
     * @param counts the sums of the injectors' status pairs
     * @return what was found of each expectation, in their order
     */
    List<HarnessJournal.Steady> judge(long micros, Path directory, List<Child> children, Map<String, Long> counts)
            throws IOException {
        judged = true;
        for (Child child : children) {
            Path file = directory.resolve(child.name() + ".hlog");
            int node = child.role().equals(HarnessJournal.NODE) ? child.index() : -1;
            if (Files.exists(file)) {
                new LatencyReader(file).forEach(interval -> state.latencies(node, interval));
            }
        }
        long open = counts.getOrDefault("open", 0L);
        long present = open
                + counts.getOrDefault("connecting", 0L)
                + counts.getOrDefault("waiting", 0L)
                + counts.getOrDefault("gaveUp", 0L);
        state.clients(open, present, counts.getOrDefault("failed", 0L) - Math.max(0, failedBefore));
        String late = micros < window.faultMicros()
                ? ""
                : "judged too late, at " + Quantity.DURATION.format(micros) + ", for a fault at "
                        + Quantity.DURATION.format(window.faultMicros());
        return new Judge(state, confidence)
                .judge(expectations).stream()
                        .map(finding -> found(finding, late))
                        .toList();
    }

    private static HarnessJournal.Steady found(Finding finding, String late) {
        return late.isEmpty()
                ? new HarnessJournal.Steady(finding.verdict() == Verdict.PASS, finding.observed(), finding.note())
                : new HarnessJournal.Steady(false, finding.observed(), late);
    }
}
