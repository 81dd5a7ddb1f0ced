package dev.squall.cli;

import dev.squall.doctor.Check;
import dev.squall.doctor.Checkup;
import dev.squall.doctor.Item;
import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentReader;
import dev.squall.plan.JsonFile;
import dev.squall.plan.Plan;
import dev.squall.run.Home;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
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
            "with a FILE, whether its experiment fits (exit code 2 if not)."
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

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter stdout = spec.commandLine().getOut();
        boolean asked = !file.given().isEmpty() || !file.set().isEmpty();
        Home home = Home.find();
        Checkup checkup = asked ? Checkup.of(home, out, plan(file.read())) : Checkup.of(home, out);
        stdout.print(json ? JsonFile.text(tree(checkup)) : text(checkup));
        stdout.flush();
        if (!asked || checkup.tooLow().isEmpty()) {
            return ExitCode.PASS;
        }
        checkup.tooLow().forEach(check -> spec.commandLine().getErr().println("squall: it does not fit: " + check));
        return ExitCode.USAGE;
    }

    private static Plan plan(Experiment experiment) {
        return experiment.plan(0, experiment.target());
    }

    private static String text(Checkup checkup) {
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
        text.append("shipped table: measured ").append(checkup.measured()).append("\n\n");
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

    private static Map<String, Object> tree(Checkup checkup) {
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
