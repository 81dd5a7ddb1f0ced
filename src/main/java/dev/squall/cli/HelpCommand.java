package dev.squall.cli;

import dev.squall.verdict.Metric;
import dev.squall.verdict.Metrics;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "help",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Help on a command, or on the metrics that can be expected: squall help metrics.",
        footer = {"", "Example: squall help metrics"})
final class HelpCommand implements Callable<Integer> {

    private static final String METRICS = "metrics";

    @Parameters(arity = "0..1", paramLabel = "TOPIC", description = "A command, or metrics.")
    private @Nullable String topic;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        CommandLine squall = spec.root().commandLine();
        String about = topic;
        if (about == null) {
            squall.usage(out);
        } else if (about.equals(METRICS)) {
            metrics(out);
        } else {
            CommandLine command = squall.getSubcommands().get(about);
            if (command == null) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(),
                        "TOPIC: " + about + " (expected: metrics, "
                                + String.join(", ", squall.getSubcommands().keySet()) + ")");
            }
            command.usage(out);
        }
        out.flush();
        return ExitCode.PASS;
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
        out.println("Those that begin with client. are of clients under test; the population is then a client's key.");
    }
}
