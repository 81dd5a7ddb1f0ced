package dev.squall.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.plan.JsonFile;
import dev.squall.plan.Plan;
import dev.squall.quantity.Quantity;
import dev.squall.stats.Served;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Finding;
import dev.squall.verdict.Judge;
import dev.squall.verdict.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;

/**
 * The clients of a served node, judged: everything right of its journal, made from the run directory alone.
 *
 * @param directory the serve's files
 * @param info how it was made
 * @param served what was measured
 * @param findings what became of each expectation of the plan
 * @param verdict the worst of them; pass if nothing was expected
 */
public record ClientsUnderTest(
        RunDirectory directory, RunInfo info, Served served, List<Finding> findings, Verdict verdict)
        implements Judged {

    /**
     * Reads and judges.
     *
     * @throws IOException if it is no serve's run directory, or a file of it is missing, damaged or of another version
     */
    public static ClientsUnderTest of(RunDirectory directory) throws IOException {
        return of(directory, share -> {});
    }

    /**
     * Reads and judges as {@link #of(RunDirectory)} does.
     *
     * @param progress hears now and then which share of the journals is read, in 0..1
     */
    public static ClientsUnderTest of(RunDirectory directory, DoubleConsumer progress) throws IOException {
        Plan plan = Plan.read(directory.plan());
        if (!plan.populations().isEmpty()) {
            throw new IOException(directory.path() + ": a run of clients of ours (expected: a run directory of squall"
                    + " serve; squall report " + directory.path() + " tells of this one)");
        }
        Served served = Served.read(directory.path(), plan, progress);
        RunInfo info = RunInfo.read(directory.info());
        List<Expectation> expectations;
        try {
            expectations = plan.expectations().stream().map(Expectation::parse).toList();
        } catch (IllegalArgumentException e) {
            throw new IOException(directory.plan() + ": damaged: " + e.getMessage(), e);
        }
        List<Finding> findings = new Judge(served, plan.confidence()).judge(expectations);
        // What was expected of nobody cannot be failed, but what cannot be trusted is no pass either.
        Verdict verdict =
                Judge.verdict(findings).worst(served.trust().complete() ? Verdict.PASS : Verdict.INCONCLUSIVE);
        return new ClientsUnderTest(directory, info, served, findings, verdict);
    }

    /** Verdict, a line for each expectation, the table, and where the files are. */
    @Override
    public String summary() {
        StringBuilder text = new StringBuilder();
        text.append(verdict).append("  ").append(Plan.SERVER).append("   ");
        text.append(Quantity.DURATION.format(served.endMicros()));
        text.append(served.interrupted() ? "   interrupted\n" : "\n");
        findings.forEach(finding -> text.append(Summary.finding(finding)).append('\n'));
        text.append('\n').append(table());
        text.append("files   ").append(directory.results()).append('\n');
        return text.toString();
    }

    /** The clients as a table with a legend, and why the figures may not be trusted, if they may not. */
    public String table() {
        List<String> reasons = served.trust().reasons();
        return new ClientTable(served.clientele())
                + (reasons.isEmpty() ? "" : "trust   " + String.join(", ", reasons) + "\n");
    }

    /** The same as a tree, {@value ClientsJson#SCHEMA}, with verdict and findings. */
    public ObjectNode json() {
        ObjectNode root = ClientsJson.of(served.clientele());
        root.put("verdict", verdict.word());
        ArrayNode all = root.putArray("findings");
        findings.forEach(finding -> all.add(Results.finding(finding)));
        root.put("interrupted", served.interrupted());
        root.put("trusted", served.trust().complete());
        ArrayNode reasons = root.putArray("reasons");
        served.trust().reasons().forEach(reasons::add);
        return root;
    }

    /** The text of {@link #json}. */
    @Override
    public String results() {
        return JsonFile.text(json());
    }

    @Override
    public Map<String, String> reports() {
        String summary = summary();
        String duration = Quantity.DURATION.format(served.endMicros());
        return Map.of(
                RunDirectory.JUNIT,
                new JunitXml(
                                Plan.SERVER,
                                info.startedAt(),
                                served.endMicros() / 1e6,
                                findings,
                                info.properties(),
                                summary)
                        .toString(),
                RunDirectory.SUMMARY,
                new SummaryMarkdown(
                                verdict,
                                Plan.SERVER,
                                List.of(duration, "started " + info.startedAt()),
                                findings,
                                summary,
                                info.again())
                        .toString());
    }
}
