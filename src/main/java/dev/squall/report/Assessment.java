package dev.squall.report;

import dev.squall.plan.Plan;
import dev.squall.predict.Assumptions;
import dev.squall.quantity.Quantity;
import dev.squall.stats.Statistics;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Finding;
import dev.squall.verdict.Judge;
import dev.squall.verdict.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A judged run: everything right of the journals, made from the run directory alone.
 *
 * @param directory the run's files
 * @param info how it was made
 * @param statistics what was measured
 * @param findings what became of each expectation
 * @param verdict the worst of them
 * @param assumptions of a prediction; null of a run
 */
public record Assessment(
        RunDirectory directory,
        RunInfo info,
        Statistics statistics,
        List<Finding> findings,
        Verdict verdict,
        @Nullable Assumptions assumptions)
        implements Judged {

    /**
     * Reads and judges a run.
     *
     * @throws IOException if a file of it is missing, damaged or of another version
     */
    public static Assessment of(RunDirectory directory) throws IOException {
        return of(directory, share -> {});
    }

    /**
     * Reads and judges as {@link #of(RunDirectory)} does.
     *
     * @param progress hears now and then which share of the journals is read, or of the time predicted, in 0..1
     */
    public static Assessment of(RunDirectory directory, DoubleConsumer progress) throws IOException {
        Plan plan = Plan.read(directory.plan());
        RunInfo info = RunInfo.read(directory.info());
        Statistics statistics = Assumptions.statistics(directory.path(), plan, progress, each -> {});
        return of(directory, info, statistics, Assumptions.of(directory.path()));
    }

    /** Judges what was measured, or predicted. */
    public static Assessment of(
            RunDirectory directory, RunInfo info, Statistics statistics, @Nullable Assumptions assumptions)
            throws IOException {
        Plan plan = statistics.plan();
        List<Expectation> expectations;
        try {
            expectations = plan.expectations().stream().map(Expectation::parse).toList();
        } catch (IllegalArgumentException e) {
            throw new IOException(directory.plan() + ": damaged: " + e.getMessage(), e);
        }
        List<Finding> findings = new Judge(statistics, plan.confidence()).judge(expectations);
        return new Assessment(directory, info, statistics, findings, Judge.verdict(findings), assumptions);
    }

    @Override
    public String results() {
        return new Results(this).toString();
    }

    @Override
    public String summary() {
        return new Summary(this).toString();
    }

    @Override
    public Map<String, String> reports() throws IOException {
        Plan plan = statistics.plan();
        String summary = summary();
        return Map.of(
                RunDirectory.PAGE,
                Page.of(this, results()),
                RunDirectory.JUNIT,
                new JunitXml(
                                plan.experiment(),
                                info.startedAt(),
                                statistics.endMicros() / 1e6,
                                findings,
                                info.properties(),
                                summary)
                        .toString(),
                RunDirectory.SUMMARY,
                new SummaryMarkdown(
                                verdict,
                                plan.experiment(),
                                List.of(
                                        "seed " + plan.seed(),
                                        Quantity.DURATION.format(statistics.endMicros()),
                                        String.format(Locale.ROOT, "%,d clients", plan.clients()),
                                        "started " + info.startedAt()),
                                findings,
                                summary,
                                info.again())
                        .toString());
    }
}
