package dev.squall.cli;

import dev.squall.experiment.Experiment;
import dev.squall.fault.FaultWindow;
import dev.squall.plan.Arrivals;
import dev.squall.plan.Launch;
import dev.squall.plan.Observation;
import dev.squall.plan.Plan;
import dev.squall.plan.PlannedAttempts;
import dev.squall.plan.Population;
import dev.squall.quantity.Quantity;
import dev.squall.run.Clearance;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Judge;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Checks an experiment without running it, and says what it would do.",
        footer = {"", "Example: squall validate restart.yaml"})
final class ValidateCommand implements Callable<Integer> {

    @Mixin
    private ExperimentFile file;

    @Option(names = "--json", description = "Prints the plan as JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Experiment experiment = file.read();
        PrintWriter out = spec.commandLine().getOut();
        experiment.warnings().forEach(warning -> spec.commandLine().getErr().println("warning: " + warning));
        Plan plan = experiment.plan(experiment.seed().orElse(0), experiment.target());
        if (json) {
            out.print(plan.toJson());
            out.flush();
            return ExitCode.PASS;
        }
        out.printf(
                Locale.ROOT,
                "valid: %s, %s, %,d clients, %s, %d injector%s%n",
                experiment.name(),
                Quantity.DURATION.format(experiment.durationMicros()),
                plan.clients(),
                target(experiment, plan),
                plan.injectors(),
                plan.injectors() == 1 ? "" : "s");
        for (Population population : plan.populations()) {
            if (!population.arrivals().isPlain()) {
                out.println("  " + arrivals(population));
            }
        }
        for (Plan.Restart restart : plan.restarts()) {
            out.println("  " + restart(plan, restart));
        }
        if (plan.capacity() != null) {
            out.println("  " + capacity(plan.capacity()));
        }
        for (FaultWindow fault : plan.faults()) {
            out.println("  " + fault);
        }
        for (Observation observation : plan.observations()) {
            out.println("  " + observation(experiment, observation));
        }
        if (plan.steady() != null) {
            out.println("  the steady state is measured " + plan.steady() + "; nothing goes wrong unless it holds");
        }
        for (Expectation expectation : experiment.expectations()) {
            out.println("  expect " + expectation.text());
        }
        for (Expectation implied :
                Judge.implied(plan, experiment.expectations().stream().allMatch(Expectation::steady))) {
            boolean ofRestarts = implied.metric().need().isOfRestarts();
            out.println("  expect " + implied.text()
                    + (ofRestarts && plan.restarts().isEmpty()
                            ? "   (implied, of each restart that is found)"
                            : "   (implied)"));
        }
        out.flush();
        return ExitCode.PASS;
    }

    private static String target(Experiment experiment, Plan plan) {
        if (!(experiment.target() instanceof Experiment.Foreign foreign)) {
            return plan.nodes().size() + (plan.nodes().size() == 1 ? " node" : " nodes");
        }
        Launch launch = foreign.endpoint().launch();
        if (launch != null) {
            return launch.described() + ", dialled at " + foreign;
        }
        String host = foreign.uri().host();
        boolean needsLeave =
                !foreign.uri().namesLoopback() && !experiment.allow().contains(host);
        return foreign
                + (foreign.endpoint().tls().insecure() ? " (insecure: its certificate is not checked)" : "")
                + (needsLeave ? " (run needs --allow-target " + host + " unless that is this machine)" : "")
                + (foreign.uri().namesLoopback()
                                || experiment.restarts().isEmpty()
                                || experiment.allowRestart().contains(host)
                        ? ""
                        : " (run needs --allow-restart " + host + " unless that is this machine)");
    }

    private static String observation(Experiment experiment, Observation observation) {
        return "observe " + observation.name() + ": " + observation.described() + ", every "
                + Quantity.DURATION.format(observation.everyMicros())
                + Clearance.leave(experiment, observation)
                        .map(host -> " (run needs --allow-target " + host + " unless that is this machine)")
                        .orElse("");
    }

    private static String arrivals(Population population) {
        Arrivals arrivals = population.arrivals();
        Arrivals.Stay stay = arrivals.stay();
        double rate = PlannedAttempts.arrivalsWithinSecond(List.of(population));
        return population.name() + ": "
                + String.format(Locale.ROOT, "%,d ", population.clients())
                + (arrivals.closed() ? "places, always taken; the first clients" : "clients")
                + " arrive by " + Quantity.DURATION.format(arrivals.overMicros())
                + (arrivals.poisson() ? ", a Poisson process" : "")
                + ", up to " + Quantity.RATE.format(Math.rint(rate))
                + (arrivals.closed() ? " with those who follow" : "")
                + (stay == null
                        ? ""
                        : "; each leaves after " + Quantity.DURATION.format(stay.minMicros())
                                + (stay.maxMicros() == stay.minMicros()
                                        ? ""
                                        : " to " + Quantity.DURATION.format(stay.maxMicros())));
    }

    private static String capacity(Plan.Capacity capacity) {
        double rate = capacity.handshakesPerSecond();
        return "each node completes " + Quantity.NUMBER.format(rate) + " handshakes/s, "
                + (capacity.concurrent() == 0
                        ? "one after the other"
                        : capacity.concurrent() + " at once in "
                                + Quantity.DURATION.format(capacity.concurrent() * 1e6 / rate) + " each")
                + "; up to " + Quantity.NUMBER.format(capacity.queue()) + " wait, who comes beyond them meets "
                + capacity.whenFull().spelled()
                + (capacity.warmUpMicros() == 0
                        ? ""
                        : "; warm " + Quantity.DURATION.format(capacity.warmUpMicros()) + " after it listens");
    }

    private static String launched(Launch launch, Plan.Restart restart) {
        boolean pause = launch.restart() == Launch.Way.PAUSE && !restart.kill();
        return (restart.kill() ? Launch.Way.KILL : launch.restart()).spelled() + " of " + launch.described()
                + (restart.downtimeMicros() == 0
                        ? ""
                        : (pause ? " for " : ", down for at least ")
                                + Quantity.DURATION.format(restart.downtimeMicros()));
    }

    private static String restart(Plan plan, Plan.Restart restart) {
        String at = " at " + Quantity.DURATION.format(restart.atMicros()) + ", ";
        if (plan.endpoint() != null && plan.endpoint().launch() != null) {
            return launched(plan.endpoint().launch(), restart) + at + "everybody due "
                    + Quantity.DURATION.format(restart.deadlineMicros())
                    + " after it serves again and the last is lost";
        }
        if (plan.endpoint() != null) {
            return "restart by " + String.join(" ", plan.endpoint().restarts().command()) + at + "everybody due "
                    + Quantity.DURATION.format(restart.deadlineMicros()) + " after it has ended and the last is lost";
        }
        Plan.Batches batches = restart.batches();
        return (restart.kill() ? "kill" : restart.code() + " restart")
                + (restart.nodes().size() == plan.nodes().size()
                        ? ""
                        : " of "
                                + restart.nodes().stream().map(n -> "node " + n).collect(Collectors.joining(", ")))
                + at
                + (batches == null
                        ? ""
                        : "in batches of " + batches.of() + " every " + Quantity.DURATION.format(batches.everyMicros())
                                + ", ")
                + (restart.isForGood()
                        ? "down for good, nobody can come back; who still tries is counted until "
                        : "listens again at " + Quantity.DURATION.format(restart.listeningMicros())
                                + ", everybody due at ")
                + Quantity.DURATION.format(restart.dueMicros());
    }
}
