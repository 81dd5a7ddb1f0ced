package dev.squall.cli;

import dev.squall.verdict.Metric;
import dev.squall.verdict.Metrics;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "help",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description =
                "Help on a command, on the metrics that can be expected, or on the faults that can be inflicted: squall help"
                        + " metrics, squall help faults [NAME].",
        footer = {"", "Example: squall help faults close"})
final class HelpCommand implements Callable<Integer> {

    private static final String METRICS = "metrics";
    private static final String FAULTS = "faults";

    @Parameters(index = "0", arity = "0..1", paramLabel = "TOPIC", description = "A command, metrics, or faults.")
    private @Nullable String topic;

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "Of faults: one fault.")
    private @Nullable String name;

    @Option(names = "--json", description = "Of faults: prints JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        CommandLine squall = spec.root().commandLine();
        String about = topic;
        if (!FAULTS.equals(about) && (name != null || json)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    (name == null ? "--json" : "NAME: " + name) + " (expected: after help faults only)");
        }
        if (FAULTS.equals(about)) {
            faults(out);
        } else if (about == null) {
            squall.usage(out);
        } else if (about.equals(METRICS)) {
            metrics(out);
        } else {
            CommandLine command = squall.getSubcommands().get(about);
            if (command == null) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(),
                        "TOPIC: " + about + " (expected: faults, metrics, "
                                + String.join(", ", squall.getSubcommands().keySet()) + ")");
            }
            command.usage(out);
        }
        out.flush();
        return ExitCode.PASS;
    }

    private void faults(PrintWriter out) {
        List<FaultHelp> all = FaultHelp.all();
        List<FaultHelp> asked = all.stream()
                .filter(fault -> name == null || fault.name().equals(name))
                .toList();
        if (asked.isEmpty()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "NAME: " + name + " (expected: "
                            + all.stream().map(FaultHelp::name).collect(Collectors.joining(", ")) + ")");
        }
        if (json) {
            out.println(FaultHelp.json(asked));
        } else if (name == null) {
            FaultHelp.list(out, asked);
        } else {
            asked.get(0).print(out);
        }
    }

    private static void metrics(PrintWriter out) {
        Map<String, Metric> families = new LinkedHashMap<>();
        Metrics.all().forEach(metric -> families.putIfAbsent(metric.family(), metric));
        out.println("An expectation is [population:] metric op value; op is one of == != < <= > >=, or in a..b.");
        out.println("pNN is one of p50 p90 p95 p99 p999.");
        out.println();
        families.forEach((family, metric) ->
                out.printf("%-44s %-9s %s%n", family, metric.unit().name().toLowerCase(Locale.ROOT), metric.text()));
        out.println();
        out.println("Example:  expect: [restart.recovered.rate >= 99.9%, restart.outage.p99 <= 15s]");
        out.println("          squall serve --identify query:id --expect \"client.reconnect.delay.p50 in 1s..5s\"");
        out.println(
                "Of a mix, population/policy names those who follow one: phones/signalr: restart.recovered.rate >= 99%");
        out.println(
                "NAME is one of observe. Marked steady: it is of the time before the first fault, without which nothing goes"
                        + " wrong; it can be one of");
        out.println(String.join(", ", Metrics.familiesBefore()));
        out.println("Those that begin with client. are of clients under test; the population is then a client's key.");
    }
}
