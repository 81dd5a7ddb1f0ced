package dev.squall.cli;

import dev.squall.doctor.Check;
import dev.squall.doctor.Checkup;
import dev.squall.doctor.Item;
import dev.squall.doctor.Trial;
import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentReader;
import dev.squall.experiment.Processes;
import dev.squall.plan.JsonFile;
import dev.squall.plan.Plan;
import dev.squall.run.Clearance;
import dev.squall.run.Home;
import dev.squall.run.RunException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = {
            "Says what this machine can carry, which limit binds first and the command that raises it;",
            "with a FILE, whether its experiment fits (exit code 2 if not), and what each of its clients costs."
        },
        footer = {"", "Example: squall doctor restart.yaml --set load.phones.clients=50000"})
final class DoctorCommand implements Callable<Integer> {

    @Mixin
    private ExperimentFile file;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where run directories would go. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("runs");

    @Option(
            names = "--trial",
            paramLabel = "CLIENTS",
            arity = "0..1",
            fallbackValue = "" + Trial.CLIENTS,
            description = {
                "Measures what a client costs: less than a minute of the experiment with so many clients, at one node",
                "of its own on loopback and nowhere else. Default: ${FALLBACK-VALUE}."
            })
    private @Nullable Integer trial;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter stdout = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        boolean asked = !file.given().isEmpty() || !file.set().isEmpty() || trial != null;
        Home home = Home.find();
        Experiment experiment = asked ? file.read() : null;
        Trial tried = null;
        if (experiment != null && trial != null) {
            Interruption interruption = Interruption.awaited();
            try {
                tried = tried(home, experiment, trial, interruption, err);
            } catch (RunException e) {
                if (!interruption.came()) {
                    throw e; // Else too few clients came, or none.
                }
            }
            if (interruption.came()) {
                err.println("squall: the trial was interrupted");
                return ExitCode.INTERRUPTED;
            }
        }
        Checkup checkup = checkup(home, experiment, tried);
        stdout.print(json ? JsonFile.text(tree(checkup, tried)) : text(checkup, tried));
        if (asked && !json && checkup.tooLow().isEmpty()) {
            stdout.println("it fits: " + checkup.demand());
        }
        stdout.flush();
        if (!asked || checkup.tooLow().isEmpty()) {
            return ExitCode.PASS;
        }
        checkup.tooLow().forEach(check -> err.println("squall: it does not fit: " + check));
        return ExitCode.USAGE;
    }

    private Checkup checkup(Home home, @Nullable Experiment experiment, @Nullable Trial tried) {
        if (experiment == null) {
            return Checkup.of(home, out);
        }
        Plan plan = plan(experiment);
        return tried == null ? Checkup.of(home, out, plan) : Checkup.of(home, out, plan, tried);
    }

    private Trial tried(Home home, Experiment experiment, int clients, Interruption interruption, PrintWriter err)
            throws Exception {
        if (clients < 1 || clients > Processes.MOST_CLIENTS_EACH) {
            throw new RunException("--trial: " + clients + " (expected: a whole number from 1 to "
                    + Processes.MOST_CLIENTS_EACH + ")");
        }
        Plan plan = plan(experiment);
        err.println("trial: " + Trial.described(plan, clients));
        plan = experiment.plan(0, Clearance.of(experiment, List.of()));
        StatusLine status = StatusLine.on(err, StatusLine::ofRun);
        try {
            return Trial.of(home, plan, clients, interruption::of, status::show);
        } finally {
            status.end();
        }
    }

    private static Plan plan(Experiment experiment) {
        return experiment.plan(0, experiment.target());
    }

    private static String text(Checkup checkup, @Nullable Trial tried) {
        StringBuilder text =
                new StringBuilder(row("limit", "verdict", "found", "needed", "carries", "for " + checkup.demand()));
        for (Check check : checkup.checks()) {
            text.append(row(
                    check.name(),
                    check.verdict().toString(),
                    check.foundText(),
                    check.needText(),
                    clients(check.clients()),
                    check.about()));
            text.append("             raise it: ").append(check.raise()).append('\n');
        }
        text.append('\n').append(cost("one client", "costs", "says", ""));
        for (Item item : checkup.costs()) {
            text.append(cost(item.name(), item.amountText(), item.source(), item.about()));
        }
        text.append("shipped table: measured ").append(checkup.measured()).append("\n");
        if (tried != null) {
            text.append("trial: ").append(tried).append('\n');
        }
        text.append('\n');
        return text.append(summary(checkup)).append('\n').toString();
    }

    private static String cost(String name, String amount, String source, String about) {
        return String.format("%-16s %10s  %-13s  %s", name, amount, source, about)
                        .stripTrailing() + "\n";
    }

    private static String row(String name, String verdict, String found, String needed, String carries, String about) {
        return String.format("%-12s %-8s %10s %10s %11s  %s%n", name, verdict, found, needed, carries, about);
    }

    private static String clients(OptionalLong clients) {
        if (clients.isEmpty()) {
            return "";
        }
        return clients.getAsLong() == ExperimentReader.MAX_CLIENTS
                ? "any number"
                : String.format(Locale.ROOT, "%,d", clients.getAsLong());
    }

    private static String summary(Checkup checkup) {
        Optional<Check> binding = checkup.binding();
        if (binding.isEmpty()) {
            return "this machine tells of no limit";
        }
        long carried = binding.get().clients().orElseThrow();
        long digit = 1;
        while (carried / digit >= 100) {
            digit *= 10; // Two digits are as many as an estimate has.
        }
        return String.format(
                Locale.ROOT,
                "this machine carries about %,d such clients; %s binds first; raise it with: %s",
                carried / digit * digit,
                binding.get().name(),
                binding.get().raise());
    }

    private static Map<String, Object> tree(Checkup checkup, @Nullable Trial tried) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("for", checkup.demand());
        tree.put("fits", checkup.tooLow().isEmpty());
        checkup.binding().ifPresent(check -> {
            tree.put("clients", check.clients().orElseThrow());
            tree.put("binds", check.name());
            tree.put("raise", check.raise());
        });
        tree.put("costs", checkup.costs().stream().map(DoctorCommand::tree).toList());
        tree.put("measured", checkup.measured());
        if (tried != null) {
            tree.put("trial", tried.toString());
        }
        tree.put("checks", checkup.checks().stream().map(DoctorCommand::tree).toList());
        return tree;
    }

    /** What is counted has no source. */
    private static Map<String, Object> tree(Item item) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", item.name());
        tree.put("unit", item.unit().toString());
        tree.put("amount", item.amount());
        if (!item.source().isEmpty()) {
            tree.put("source", item.source());
        }
        tree.put("about", item.about());
        return tree;
    }

    /** What is not known is left out. */
    private static Map<String, Object> tree(Check check) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", check.name());
        tree.put("verdict", check.verdict().toString());
        tree.put("unit", check.unit().toString());
        check.found().ifPresent(found -> tree.put("found", found));
        tree.put("needed", check.need());
        check.clients().ifPresent(clients -> tree.put("clients", clients));
        tree.put("about", check.about());
        tree.put("raise", check.raise());
        return tree;
    }
}
