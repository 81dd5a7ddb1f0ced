package dev.squall.cli;

import dev.squall.capacity.Answer;
import dev.squall.capacity.Axis;
import dev.squall.capacity.Capacity;
import dev.squall.capacity.CapacityPage;
import dev.squall.capacity.Clients;
import dev.squall.capacity.Setting;
import dev.squall.capacity.Study;
import dev.squall.capacity.Trial;
import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentException;
import dev.squall.experiment.ExperimentReader;
import dev.squall.plan.JsonFile;
import dev.squall.plan.Population;
import dev.squall.plan.TextFile;
import dev.squall.quantity.Quantity;
import dev.squall.report.RunDirectory;
import dev.squall.report.RunInfo;
import dev.squall.run.Clearance;
import dev.squall.run.RunException;
import dev.squall.verdict.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
        name = "capacity",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description =
                "Finds the largest number of clients, or the edge of a setting, at which every expectation holds.",
        footer = {
            "",
            "Each trial is a run of its own. Clients are doubled until one fails; then each trial is where it tells most,",
            "until the edge is known to the precision with 95%%. It stops early where the harness, not the service, binds.",
            "Ctrl-C ends the trial under way, which does not count; what is known is told and written (exit code 130).",
            "",
            "Exit codes: 0 there is an answer, 1 nothing passes, 3 not known (the harness binds, or the trials are used up).",
            "",
            "Example: squall capacity restart.yaml --precision 5%%",
            "Example: squall capacity restart.yaml --vary faults.0.restart.drain --between 0s..60s --report drain.html"
        })
final class CapacityCommand implements Callable<Integer> {

    private static final int MOST_TRIALS = 1_000;

    /** What a run takes beyond its duration: processes that start and end, and the judgement. */
    private static final long BESIDE_MICROS = 5_000_000;

    @Mixin
    private ExperimentFile file;

    @Option(names = "--out", paramLabel = "DIR", description = "Where run directories go. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("runs");

    @Option(names = "--seed", paramLabel = "N", description = "The first trial's seed, over the experiment's own.")
    private @Nullable Long seed;

    @Option(
            names = "--allow-target",
            paramLabel = "HOST",
            description = "Allows to load this host, which is not this machine. May be given several times.")
    private List<String> allowed = new ArrayList<>();

    @Option(
            names = "--allow-restart",
            paramLabel = "HOST",
            description =
                    "Allows to restart the server of this host, which is not this machine. May be given several times.")
    private List<String> restartable = new ArrayList<>();

    @Option(
            names = "--vary",
            paramLabel = "PATH",
            description = "Varies this setting instead of the clients, as faults.0.restart.drain.")
    private @Nullable String vary;

    @Option(names = "--between", paramLabel = "A..B", description = "The ends of the setting, as 0s..60s.")
    private @Nullable String between;

    @Option(
            names = "--precision",
            paramLabel = "SHARE",
            description = "How far from the answer its interval may reach: a share of it, or of A..B."
                    + " Default: ${DEFAULT-VALUE}.")
    private String precision = "5%";

    @Option(names = "--trials", paramLabel = "N", description = "The most runs. Default: ${DEFAULT-VALUE}.")
    private int trials = 24;

    @Option(
            names = "--most",
            paramLabel = "N",
            description = "The most clients that are tried. Default: ${DEFAULT-VALUE}.")
    private int most = ExperimentReader.MAX_CLIENTS;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description =
                    "Also writes one page to print: the answer, the plot, the machine, the method and its limits.")
    private @Nullable Path report;

    @Option(names = "--dry-run", description = "Prints what would be tried first and how long it can take.")
    private boolean dryRun;

    @Option(names = "--json", description = "Prints capacity.json instead of the answer in words.")
    private boolean json;

    @Option(names = "--quiet", description = "Tells how each run stands once a minute.")
    private boolean quiet;

    @Option(names = "--compress", description = "Compresses the journals of the runs.")
    private boolean compress;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        PrintWriter stdout = spec.commandLine().getOut();
        Experiment experiment = file.read();
        experiment.warnings().forEach(warning -> err.println("warning: " + warning));
        Axis axis = axis(experiment);
        long first = SquallCommand.seed(seed, experiment.seed());
        Study study = new Study(axis, trials, first);
        Experiment.Target target = Clearance.of(experiment, allowed);
        Clearance.admitRestarts(experiment, target, restartable);
        Interruption interruption = new Interruption();
        RunTrials runs = new RunTrials(file, experiment, axis, out, allowed, compress, quiet, interruption, err);
        if (dryRun) {
            tellPlan(study, experiment, runs, stdout);
            return ExitCode.PASS;
        }
        Clearance.silence(target).ifPresent(warning -> err.println("warning: " + warning));
        Instant startedAt = Instant.now();
        Path directory = directory(experiment, startedAt);
        PrintWriter lines = json ? err : stdout;
        lines.println(experiment.name() + "   first seed " + first + "   at most " + trials + " trials");
        lines.flush();
        interruption.await();
        Study.Done done = study.carryOut(runs, (number, trial, bracket) -> {
            lines.println(number + "/" + trials + "  " + told(axis, trial) + bracket(axis, bracket));
            lines.flush();
        });
        Capacity capacity = new Capacity(
                experiment.name(), study, done.answer(), done.trials(), context(directory, startedAt, done.trials()));
        tell(capacity, directory, runs, stdout);
        return interruption.came() ? ExitCode.INTERRUPTED : ExitCode.of(capacity.verdict());
    }

    // ---- what is asked for

    private Axis axis(Experiment experiment) throws ExperimentException, RunException {
        if (trials < 1 || trials > MOST_TRIALS) {
            throw usage("--trials: " + trials + " (expected: 1 to " + MOST_TRIALS + ")", null);
        }
        if (vary == null ? between != null : between == null) {
            throw usage(
                    (vary == null ? "--between without --vary" : "--vary " + vary + " without --between")
                            + " (expected: both, as --vary faults.0.restart.drain --between 0s..60s)",
                    null);
        }
        if (vary != null && most != ExperimentReader.MAX_CLIENTS) {
            throw usage("--most beside --vary " + vary + ": clients are not varied (expected: --between alone)", null);
        }
        Path folder = report == null ? null : report.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw usage("--report: no folder " + folder + " (expected: FILE in one)", null);
        }
        if (most < 1 || most > ExperimentReader.MAX_CLIENTS) {
            throw usage("--most: " + most + " (expected: 1 to " + ExperimentReader.MAX_CLIENTS + ")", null);
        }
        Axis axis;
        try {
            double share = precision();
            axis = vary == null || between == null
                    ? new Clients(clients(experiment), most, share)
                    : Setting.parse(vary, between, share);
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()), e);
        }
        if (axis instanceof Setting) {
            file.readWith(axis.overrides(axis.least())); // What is wrong with an end is told before anything runs.
            file.readWith(axis.overrides(axis.most()));
        }
        return axis;
    }

    private double precision() {
        try {
            return Quantity.SHARE.parse(precision);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--precision: " + e.getMessage(), e);
        }
    }

    private static Map<String, Integer> clients(Experiment experiment) {
        Map<String, Integer> clients = new LinkedHashMap<>();
        for (Population population : experiment.populations()) {
            clients.put(population.name(), population.clients());
        }
        return clients;
    }

    private CommandLine.ParameterException usage(String message, @Nullable Throwable cause) {
        return new CommandLine.ParameterException(spec.commandLine(), message, cause);
    }

    private void tellPlan(Study study, Experiment experiment, RunTrials runs, PrintWriter to)
            throws ExperimentException, RunException {
        Axis axis = study.axis();
        double first = axis instanceof Clients clients ? clients.start() : axis.least();
        to.println("dry run   " + experiment.name() + "   seed " + study.seed() + "   nothing is started or written");
        to.println("varied    "
                + (axis instanceof Clients
                        ? "the clients of all populations in proportion, "
                                + String.format(Locale.ROOT, "%,.0f to %,.0f", axis.least(), axis.most())
                        : axis.name() + ", " + axis.format(axis.least()) + " to " + axis.format(axis.most())));
        to.println("first     " + axis.told(first)
                + (axis instanceof Clients
                        ? ", then twice as many until a run fails, or half as many until one passes"
                        : ", then " + axis.told(axis.most())));
        to.println("          " + String.join(" ", runs.words(first, study.seed())));
        to.println("at most   " + study.most() + " trials of " + Quantity.DURATION.format(experiment.durationMicros())
                + " and about " + Quantity.DURATION.format(BESIDE_MICROS) + " to start and judge: "
                + Quantity.DURATION.format(study.most() * (double) (experiment.durationMicros() + BESIDE_MICROS)));
        experiment.expectations().forEach(expectation -> to.println("expect    " + expectation.text()));
        to.flush();
    }

    // ---- what comes of it

    private Path directory(Experiment experiment, Instant startedAt) throws RunException {
        try {
            return RunDirectory.createBeside(out, experiment.name(), "capacity", startedAt)
                    .path();
        } catch (IOException e) {
            throw new RunException(
                    TextFile.told(e) + " (expected: --out DIR, a folder that can be written, with room)", e);
        }
    }

    /** As {@code 20,000 clients  fail  restart.outage.p99 <= 15s: 18.2 s}. */
    private static String told(Axis axis, Trial trial) {
        String why = trial.note();
        for (Finding finding : trial.broken()) {
            why += (why.isEmpty() ? "" : "; ") + finding.expectation().text() + ": " + finding.observedText();
        }
        return axis.told(trial.value()) + "  " + trial.outcome().word() + (why.isEmpty() ? "" : "  " + why);
    }

    private static String bracket(Axis axis, double[] ends) {
        if (Double.isNaN(ends[0]) && Double.isNaN(ends[1])) {
            return "";
        }
        String text = Double.isNaN(ends[0])
                ? "below " + axis.format(ends[1])
                : Double.isNaN(ends[1])
                        ? "from " + axis.format(ends[0])
                        : axis.format(ends[0]) + " to " + axis.format(ends[1]);
        return "  (bracket " + text + ")";
    }

    private Capacity.Context context(Path directory, Instant startedAt, List<Trial> tried) throws IOException {
        Map<String, String> machine = Map.of();
        Map<String, String> versions = Map.of();
        for (Trial trial : tried) {
            if (trial.directory() != null) {
                RunInfo info = RunInfo.read(new RunDirectory(trial.directory()).info());
                machine = info.machine();
                versions = info.versions();
                break;
            }
        }
        List<String> command = SquallCommand.words(spec);
        return new Capacity.Context(
                directory, startedAt.truncatedTo(ChronoUnit.MILLIS).toString(), machine, versions, command);
    }

    /** What was found is printed first: a disk may be full. */
    private void tell(Capacity capacity, Path directory, RunTrials runs, PrintWriter stdout)
            throws IOException, ExperimentException, RunException {
        String text = JsonFile.text(capacity.json());
        stdout.print(json ? text : "\n" + capacity.statement() + "\n");
        stdout.flush();
        TextFile.write(directory.resolve("capacity.json"), text);
        TextFile.write(directory.resolve("capacity.html"), new CapacityPage(capacity, false).toString());
        if (report != null) {
            try {
                TextFile.write(report, new CapacityPage(capacity, true).toString());
            } catch (IOException e) {
                throw new RunException(
                        TextFile.told(e) + " (expected: --report FILE, in a folder that can be written)", e);
            }
        }
        if (!json) {
            stdout.print(next(capacity, directory, runs));
            stdout.flush();
        }
    }

    private static String next(Capacity capacity, Path directory, RunTrials runs)
            throws ExperimentException, RunException {
        Answer answer = capacity.answer();
        double value = Double.isNaN(answer.safe()) ? answer.value() : answer.safe();
        String files = "files   " + directory.resolve("capacity.html") + "\n";
        if (Double.isNaN(value)) {
            return files;
        }
        Axis axis = capacity.study().axis();
        return (Double.isNaN(answer.safe()) ? "" : "safe    " + axis.told(value) + ": 95% of the runs pass\n") + files
                + "next    "
                + String.join(" ", runs.words(value, capacity.study().seed()))
                + " --repeat 5\n";
    }
}
