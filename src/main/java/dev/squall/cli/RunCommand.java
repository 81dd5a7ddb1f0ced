package dev.squall.cli;

import dev.squall.doctor.Checkup;
import dev.squall.experiment.Experiment;
import dev.squall.run.Clearance;
import dev.squall.run.Harness;
import dev.squall.run.Home;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
            names = "--dry-run",
            description = "Prints the target, the peak of planned attempts and every command, and does nothing.")
    private boolean dryRun;

    @Option(names = "--json", description = "Prints results.json instead of the summary.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        PrintWriter stdout = spec.commandLine().getOut();
        Experiment experiment = file.read();
        experiment.warnings().forEach(warning -> err.println("warning: " + warning));
        long chosen = seed != null ? seed : experiment.seed().orElseGet(() -> new SecureRandom().nextInt(1_000_000));
        List<String> command = spec.commandLine().getParent() == null
                ? List.of()
                : spec.commandLine().getParent().getParseResult().originalArgs();
        Experiment.Target target = Clearance.of(experiment, allowed);
        Harness.Request request = new Harness.Request(
                experiment.plan(chosen, target), experiment.source(), file.given(), file.set(), command, out);
        if (dryRun) {
            new DryRun(request.plan()).print(Home.find(), out, stdout);
            return ExitCode.PASS;
        }
        Checkup checkup = Checkup.of(Home.find(), out, request.plan());
        checkup.admit();
        checkup.warnings().forEach(warning -> err.println("warning: " + warning));
        Clearance.silence(target).ifPresent(warning -> err.println("warning: " + warning));
        Interruption interruption = Interruption.awaited();
        StatusLine status = StatusLine.on(err, StatusLine::ofRun);
        if (!json) {
            stdout.println(experiment.name() + "   seed " + chosen);
            stdout.flush();
        }
        return interruption.carryOut(request, harness -> {}, status::show, status, json, stdout, err);
    }
}
