package dev.squall.cli;

import dev.squall.advice.Advice;
import dev.squall.advice.AdvicePage;
import dev.squall.advice.Advisor;
import dev.squall.advice.Candidate;
import dev.squall.plan.JsonFile;
import dev.squall.plan.Plan;
import dev.squall.plan.TextFile;
import dev.squall.profile.Profile;
import dev.squall.profile.Profiles;
import dev.squall.quantity.Quantity;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.report.Assessment;
import dev.squall.report.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Several reconnect policies on the same restart: predicted, the best of them measured. */
final class PolicyContest {

    private static final String ALL = "all";
    private static final int MOST_MEASURED = 20;

    @Option(
            names = "--policies",
            paramLabel = "LIST",
            description =
                    "Predicts each of these policies (all, or names as in squall profiles, with commas between), followed"
                            + " by all clients, and says which is the cheapest that meets the expectations.")
    private @Nullable String policies;

    @Option(
            names = "--within",
            paramLabel = "TIME",
            description =
                    "With --policies: by when everybody is to be back, for the drain window or batch size that is safest."
                            + " Default: the restart's own drain, downtime and deadline.")
    private @Nullable String within;

    @Option(names = "--measure", paramLabel = "N", description = "With --policies: checks the N best with real runs.")
    private int measure;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** Whether it is asked for. */
    boolean isAsked() {
        if (policies == null && (within != null || measure != 0)) {
            throw invalid((within != null ? "--within" : "--measure") + ": of which policies? (expected: --policies)");
        }
        if (measure < 0 || measure > MOST_MEASURED) {
            throw invalid("--measure: " + measure + " (expected: 0 to " + MOST_MEASURED + ")");
        }
        return policies != null;
    }

    private CommandLine.ParameterException invalid(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }

    /** Runs one policy for real. */
    interface Runner {

        /** The run, judged; null if it was interrupted. */
        @Nullable
        Assessment run(String policy) throws Exception;
    }

    /** Predicts, measures what is to be measured, writes policies.json and policies.html, and tells. */
    int carryOut(
            Advisor advisor,
            String source,
            Callable<RunDirectory> directories,
            Runner runner,
            boolean json,
            PrintWriter out,
            PrintWriter err)
            throws Exception {
        Plan plan = advisor.plan();
        if (plan.restarts().isEmpty()) {
            throw invalid("--policies: " + plan.experiment() + " has no restart (expected: an experiment with one)");
        }
        long withinMicros = withinMicros(plan);
        List<ReconnectPolicy> chosen = chosen();
        ReadingLine progress = ReadingLine.on(err, "predicting");
        List<Candidate> predicted = advisor.policies(chosen, progress::show);
        List<Candidate> best = Advice.passing(predicted);
        List<Candidate> windows = new ArrayList<>();
        if (!best.isEmpty()) {
            ReconnectPolicy cheapest = chosen.stream()
                    .filter(each -> each.name().equals(best.get(0).name()))
                    .findFirst()
                    .orElseThrow();
            windows.addAll(advisor.windows(cheapest, withinMicros, progress::show));
        }
        progress.end();
        List<Candidate> measured = new ArrayList<>();
        for (Candidate candidate : best.subList(0, Math.min(measure, best.size()))) {
            Assessment run = runner.run(candidate.name());
            if (run == null) {
                break;
            }
            measured.add(Candidate.of(candidate.name(), run.statistics(), run.findings()));
        }
        Advice advice = new Advice(
                plan.experiment(), plan.seed(), plan.clients(), source, predicted, measured, windows, withinMicros);
        String text = JsonFile.text(advice.json());
        RunDirectory directory = directories.call();
        Path page = directory.path().resolve("policies.html");
        write(directory.path().resolve("policies.json"), text);
        write(page, new AdvicePage(advice).toString());
        out.print(json ? text : advice + "files   " + page + "\n");
        out.flush();
        return ExitCode.of(advice.verdict());
    }

    private static void write(Path file, String text) throws IOException {
        TextFile.write(file, text);
    }

    private long withinMicros(Plan plan) {
        Plan.Restart first = plan.restarts().get(0);
        if (within == null) {
            return first.dueMicros() - first.atMicros();
        }
        try {
            return (long) Quantity.DURATION.parse(within);
        } catch (IllegalArgumentException e) {
            throw invalid("--within: " + e.getMessage());
        }
    }

    private List<ReconnectPolicy> chosen() {
        List<ReconnectPolicy> chosen = new ArrayList<>();
        if (String.valueOf(policies).equals(ALL)) {
            Profiles.all().values().stream()
                    .map(Profile::policy)
                    .filter(ReconnectPolicy::reconnects)
                    .forEach(chosen::add);
            return chosen;
        }
        for (String name : String.valueOf(policies).split(",")) {
            chosen.add(Profiles.named(name.strip())
                    .orElseThrow(() ->
                            invalid("--policies: " + name + " (expected: all, or some of " + Profiles.names() + ")"))
                    .policy());
        }
        return chosen;
    }
}
