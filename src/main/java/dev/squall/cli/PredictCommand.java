package dev.squall.cli;

import dev.squall.advice.Advisor;
import dev.squall.experiment.Experiment;
import dev.squall.plan.Plan;
import dev.squall.plan.TextFile;
import dev.squall.predict.Assumptions;
import dev.squall.predict.Model;
import dev.squall.predict.Prediction;
import dev.squall.report.Assessment;
import dev.squall.report.RunDirectory;
import dev.squall.report.RunInfo;
import dev.squall.run.Harness;
import dev.squall.run.Home;
import dev.squall.stats.Statistics;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Predicts what an experiment would measure, with any number of clients, without a socket.",
        footer = {
            "",
            "The plan, the clients and their policies, and the statistics are those of a run; time is virtual. The same seed",
            "gives the same prediction, byte for byte. Messages and pings are not simulated.",
            "",
            "Example: squall predict restart.yaml --clients 10000000 --server round-trip=40ms"
        })
final class PredictCommand implements Callable<Integer> {

    @Mixin
    private ExperimentFile file;

    @Option(
            names = "--clients",
            paramLabel = "N",
            description = "So many clients, each population in proportion. Default: as the experiment says.")
    private @Nullable Integer clients;

    @Mixin
    private ModelOptions model;

    @Mixin
    private PolicyContest contest;

    @Option(names = "--seed", paramLabel = "N", description = "The seed, over the experiment's own.")
    private @Nullable Long seed;

    @Option(names = "--out", paramLabel = "DIR", description = "Where run directories go. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("runs");

    @Option(names = "--json", description = "Prints results.json instead of the summary.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        Instant startedAt = Instant.now();
        Experiment experiment = file.readForPrediction();
        experiment.warnings().forEach(warning -> err.println("warning: " + warning));
        long chosen = SquallCommand.seed(seed, experiment.seed());
        Plan planned = experiment.plan(chosen, experiment.target());
        Plan plan = clients == null ? planned : scaled(planned, clients);
        Prediction.check(plan, Runtime.getRuntime().maxMemory());
        PolicyRuns runs = new PolicyRuns(file, plan, out, SquallCommand.words(spec), new Interruption(), err);
        boolean isContest = contest.isAsked(plan);
        if (isContest && contest.isMeasured()) {
            runs.admit();
        }
        Model server = model.model();
        Assumptions assumptions = new Assumptions(Assumptions.SCHEMA, server, model.source(server), planned.clients());
        if (isContest) {
            RunDirectory directory = RunDirectory.createBeside(out, plan.experiment(), "policies", startedAt);
            return contest.carryOut(
                    new Advisor(plan, server),
                    assumptions.source(),
                    directory,
                    runs,
                    json,
                    spec.commandLine().getOut(),
                    err);
        }

        ReadingLine progress = ReadingLine.on(err, "predicting");
        Statistics statistics = Prediction.of(plan, assumptions.model(), each -> {}, progress::show);
        progress.end();
        RunDirectory directory = RunDirectory.create(out, plan.experiment(), startedAt);
        TextFile.write(directory.experiment(), experiment.source());
        plan.write(directory.plan());
        assumptions.write(directory.path());
        RunInfo info = Harness.info(Home.find(), request(plan, experiment), startedAt, Map.of());
        info.write(directory.info());
        return ReportCommand.tell(
                Assessment.of(directory, info, statistics, assumptions),
                directory,
                json,
                spec.commandLine().getOut(),
                err);
    }

    private Plan scaled(Plan plan, int many) {
        try {
            return plan.scaled(many);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--" + e.getMessage());
        }
    }

    private Harness.Request request(Plan plan, Experiment experiment) {
        return new Harness.Request(
                plan, experiment.source(), file.given(), file.set(), SquallCommand.words(spec), out, false, false);
    }
}
