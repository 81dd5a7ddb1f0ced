package dev.squall.cli;

import dev.squall.advice.Advice;
import dev.squall.advice.AdvicePage;
import dev.squall.advice.Advisor;
import dev.squall.advice.Candidate;
import dev.squall.experiment.ExperimentException;
import dev.squall.experiment.Problem;
import dev.squall.plan.JsonFile;
import dev.squall.plan.Plan;
import dev.squall.plan.TextFile;
import dev.squall.profile.Profile;
import dev.squall.profile.Profiles;
import dev.squall.quantity.Quantity;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.report.RunDirectory;
import dev.squall.run.RunException;
import dev.squall.verdict.Expectation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

    /** Whether it is asked for; what is asked for is possible with this plan. */
    boolean isAsked(Plan plan) {
        if (policies == null && (within != null || measure != 0)) {
            throw invalid((within != null ? "--within" : "--measure") + ": of which policies? (expected: --policies)");
        }
        if (measure < 0 || measure > MOST_MEASURED) {
            throw invalid("--measure: " + measure + " (expected: 0 to " + MOST_MEASURED + ")");
        }
        if (policies == null) {
            return false;
        }
        if (plan.restarts().isEmpty()) {
            throw invalid("--policies: " + plan.experiment() + " has no restart (expected: an experiment with one)");
        }
        withinMicros(plan);
        chosen();
        return true;
    }

    private CommandLine.ParameterException invalid(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }

    /** Whether the best are to be run. */
    boolean isMeasured() {
        return measure > 0;
    }

    /**
     * Predicts, writes policies.json and policies.html, measures what is to be measured, writes them again, and tells.
     *
     * @return the exit code
     */
    int carryOut(
            Advisor advisor,
            String source,
            RunDirectory directory,
            PolicyRuns runs,
            boolean json,
            PrintWriter out,
            PrintWriter err)
            throws IOException, InterruptedException {
        Plan plan = advisor.plan();
        long withinMicros = withinMicros(plan);
        List<ReconnectPolicy> chosen = chosen();
        ReadingLine progress = ReadingLine.on(err, "predicting");
        Advisor.Tried policiesTried = advisor.policies(chosen, progress::show);
        List<Candidate> best = Advice.passing(policiesTried.candidates());
        Advisor.Tried windows = best.isEmpty()
                ? new Advisor.Tried(List.of(), List.of())
                : advisor.windows(named(chosen, best.get(0).name()), withinMicros, progress::show);
        progress.end();
        List<Candidate> measured = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        Stream.concat(policiesTried.givenUp().stream(), windows.givenUp().stream())
                .map(name -> name + " was not predicted to its end: so many attempts take too long")
                .forEach(notes::add);
        Supplier<Advice> advice = () -> new Advice(
                plan.experiment(),
                plan.seed(),
                plan.clients(),
                source,
                policiesTried.candidates(),
                measured,
                windows.candidates(),
                withinMicros,
                advisor.unknown().stream().map(Expectation::text).toList(),
                notes);
        write(advice.get(), directory);
        for (Candidate candidate : best.subList(0, Math.min(measure, best.size()))) {
            try {
                runs.of(named(chosen, candidate.name()))
                        .map(run -> Candidate.of(candidate.name(), run.statistics(), run.findings()))
                        .ifPresent(measured::add);
            } catch (RunException | ExperimentException | IOException e) {
                notes.add(candidate.name() + " was not measured: " + told(e));
            }
            write(advice.get(), directory);
        }
        out.print(json ? JsonFile.text(advice.get().json()) : advice.get() + "files   " + page(directory) + "\n");
        out.flush();
        return runs.interrupted()
                ? ExitCode.INTERRUPTED
                : ExitCode.of(advice.get().verdict());
    }

    private static String told(Exception exception) {
        if (exception instanceof ExperimentException invalid) {
            return invalid.problems().stream().map(Problem::toString).collect(Collectors.joining("; "));
        }
        return exception instanceof IOException file ? TextFile.told(file) : String.valueOf(exception.getMessage());
    }

    /** The policy of this name; null for what the experiment says itself. */
    private static @Nullable ReconnectPolicy named(List<ReconnectPolicy> chosen, String name) {
        return chosen.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static Path page(RunDirectory directory) {
        return directory.path().resolve("policies.html");
    }

    private static void write(Advice advice, RunDirectory directory) throws IOException {
        TextFile.write(directory.path().resolve("policies.json"), JsonFile.text(advice.json()));
        TextFile.write(page(directory), new AdvicePage(advice).toString());
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
