package dev.squall.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.compare.Repeats;
import dev.squall.doctor.Checkup;
import dev.squall.experiment.Experiment;
import dev.squall.plan.JsonFile;
import dev.squall.plan.TextFile;
import dev.squall.report.RunDirectory;
import dev.squall.run.Clearance;
import dev.squall.run.GatlingReports;
import dev.squall.run.Harness;
import dev.squall.run.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Runs an experiment and judges it.",
        footer = {
            "",
            "Ctrl-C ends a run in order: what was measured is judged and written (exit code 130). Twice: at once.",
            "",
            "Example: squall run restart.yaml --seed 42 --set load.phones.clients=500"
        })
final class RunCommand implements Callable<Integer> {

    private static final int MOST_REPEATS = 1_000;

    @Mixin
    private ExperimentFile file;

    @Option(names = "--out", paramLabel = "DIR", description = "Where run directories go. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("runs");

    @Option(names = "--seed", paramLabel = "N", description = "The seed, over the experiment's own.")
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
            names = "--dry-run",
            description = "Prints the target, the peak of planned attempts and every command, and does nothing.")
    private boolean dryRun;

    @Option(names = "--json", description = "Prints results.json instead of the summary.")
    private boolean json;

    @Option(
            names = "--gatling-report",
            description = "Also writes Gatling's statistics, and its HTML report into the run directory.")
    private boolean gatlingReport;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            description = "Runs it so often, with one seed after the other; the worst verdict wins.")
    private int repeat = 1;

    @Option(names = "--quiet", description = "Tells how the run stands once a minute.")
    private boolean quiet;

    @Option(
            names = "--compress",
            description =
                    "Compresses the journals to about a quarter: node-K.csv.gz, clients-K.csv.gz, as zcat reads them.")
    private boolean compress;

    @Mixin
    private LiveOptions live;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        PrintWriter stdout = spec.commandLine().getOut();
        Experiment experiment = file.read();
        experiment.warnings().forEach(warning -> err.println("warning: " + warning));
        long chosen = SquallCommand.seed(seed, experiment.seed());
        List<String> command = SquallCommand.words(spec);
        Experiment.Target target = Clearance.of(experiment, allowed);
        Clearance.admitRestarts(experiment, target, restartable);
        if (repeat < 1 || repeat > MOST_REPEATS) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--repeat: " + repeat + " (expected: 1 to " + MOST_REPEATS + ")");
        }
        Harness.Request request = request(experiment, target, chosen, command);
        if (dryRun) {
            new DryRun(request).print(Home.find(), stdout);
            return ExitCode.PASS;
        }
        Checkup checkup = Checkup.of(Home.find(), out, request.plan());
        checkup.admit();
        checkup.warnings().forEach(warning -> err.println("warning: " + warning));
        Clearance.silence(target).ifPresent(warning -> err.println("warning: " + warning));
        if (gatlingReport) {
            GatlingReports.lacking(Home.find()).ifPresent(warning -> err.println("warning: " + warning));
        }
        Interruption interruption = Interruption.awaited();
        try (Onlookers onlookers = live.open(request.plan(), json ? err : stdout, err)) {
            return repeat > 1
                    ? repeat(interruption, onlookers, experiment, target, chosen, command)
                    : once(interruption, onlookers, request);
        }
    }

    private int once(Interruption interruption, Onlookers onlookers, Harness.Request request) throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        PrintWriter stdout = spec.commandLine().getOut();
        if (!json) {
            stdout.println(
                    request.plan().experiment() + "   seed " + request.plan().seed());
            stdout.flush();
        }
        AtomicReference<@Nullable Harness> harness = new AtomicReference<>();
        int code = carryOut(interruption, onlookers, request, harness, json, stdout);
        Harness ended = harness.get();
        if (gatlingReport && ended != null) {
            GatlingReports.make(Home.find(), ended.directory(), request.plan().injectors(), json ? err : stdout);
        }
        return code;
    }

    private Harness.Request request(Experiment experiment, Experiment.Target target, long ofSeed, List<String> command)
            throws Exception {
        return new Harness.Request(
                experiment.plan(ofSeed, target),
                experiment.source(),
                file.given(),
                file.set(),
                command,
                out,
                gatlingReport,
                compress);
    }

    /** Carries a run out before all who look on. */
    private int carryOut(
            Interruption interruption,
            Onlookers onlookers,
            Harness.Request request,
            AtomicReference<@Nullable Harness> harness,
            boolean asJson,
            PrintWriter to)
            throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        StatusLine status = status(err);
        onlookers.begins(request.plan());
        int code = interruption.carryOut(
                request,
                harness::set,
                progress -> {
                    status.show(progress);
                    onlookers.stands(progress);
                },
                status,
                asJson,
                to,
                err);
        Harness ended = harness.get();
        if (ended != null) {
            onlookers.ends(verdict(ended.directory()), ended.directory().page());
        }
        return code;
    }

    /** As results.json has it, which a full disk may keep from being written. */
    private static String verdict(RunDirectory directory) throws IOException {
        return Files.exists(directory.results())
                ? JsonMapper.builder()
                        .build()
                        .readTree(directory.results().toFile())
                        .path("verdict")
                        .asText()
                : "none";
    }

    /** One run after the other, each told in a line; then all of them together. */
    private int repeat(
            Interruption interruption,
            Onlookers onlookers,
            Experiment experiment,
            Experiment.Target target,
            long first,
            List<String> command)
            throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        PrintWriter stdout = spec.commandLine().getOut();
        PrintWriter lines = json ? err : stdout;
        List<Path> directories = new ArrayList<>();
        for (int i = 0; i < repeat && !interruption.came(); i++) {
            long seedOfRun = first + i;
            Harness.Request request = request(experiment, target, seedOfRun, onlyOnce(command, seedOfRun));
            AtomicReference<@Nullable Harness> harness = new AtomicReference<>();
            StringWriter summary = new StringWriter();
            int code = carryOut(interruption, onlookers, request, harness, false, new PrintWriter(summary));
            Harness ended = harness.get();
            if (ended == null) {
                return code;
            }
            if (gatlingReport) {
                GatlingReports.make(
                        Home.find(), ended.directory(), request.plan().injectors(), err);
            }
            directories.add(ended.directory().path());
            lines.println((i + 1) + "/" + repeat + "  "
                    + summary.toString().lines().findFirst().orElse("") + "   "
                    + ended.directory().path());
            lines.flush();
        }
        Repeats repeats = Repeats.read(directories);
        Path last = directories.get(directories.size() - 1);
        Path set = last.resolveSibling("repeat-" + directories.get(0).getFileName() + ".json");
        String text = JsonFile.text(repeats.json());
        TextFile.write(set, text);
        stdout.print(json ? text : "\n" + repeats + "files   " + set + "      next: squall compare BASE " + set + "\n");
        stdout.flush();
        return interruption.came() ? ExitCode.INTERRUPTED : ExitCode.of(repeats.verdict());
    }

    /** What runs one of the repeats again. */
    private static List<String> onlyOnce(List<String> command, long seed) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < command.size(); i++) {
            String word = command.get(i);
            if (word.equals("--repeat") || word.equals("--seed")) {
                i++; // Its value.
            } else if (!word.startsWith("--repeat=") && !word.startsWith("--seed=")) {
                words.add(word);
            }
        }
        words.add("--seed");
        words.add(String.valueOf(seed));
        return words;
    }

    private StatusLine status(PrintWriter err) {
        return quiet ? StatusLine.quiet(err, StatusLine::ofRun) : StatusLine.on(err, StatusLine::ofRun);
    }
}
