package dev.squall.cli;

import dev.squall.plan.Launch;
import dev.squall.plan.Observation;
import dev.squall.plan.Plan;
import dev.squall.plan.PlannedAttempts;
import dev.squall.quantity.Quantity;
import dev.squall.report.RunDirectory;
import dev.squall.run.Harness;
import dev.squall.run.Home;
import dev.squall.run.RunException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a run would do: its target, the peak of its planned attempts, and every command; nothing is done. */
final class DryRun {

    private final Harness.Request request;
    private final Plan plan;
    private final PlannedAttempts attempts;

    DryRun(Harness.Request request) {
        this.request = request;
        this.plan = request.plan();
        this.attempts = new PlannedAttempts(plan);
    }

    void print(Home home, PrintWriter to) throws RunException {
        to.println("dry run   " + plan.experiment() + "   seed " + plan.seed() + "   nothing is started or written");
        to.println("target    " + target());
        to.printf(
                Locale.ROOT,
                "clients   %,d for %s, in %d injector%s%n",
                plan.clients(),
                Quantity.DURATION.format(plan.durationMicros()),
                plan.injectors(),
                plan.injectors() == 1 ? "" : "s");
        to.println("attempts  " + attempts());
        Plan.Endpoint endpoint = plan.endpoint();
        for (Plan.Restart restart : plan.restarts()) {
            to.println("at " + time(restart.atMicros()) + "   "
                    + (endpoint == null
                            ? (restart.kill() ? "kill" : restart.code() + " restart") + " of "
                                    + restart.nodes().stream()
                                            .map(node -> "node " + node)
                                            .collect(Collectors.joining(", "))
                            : endpoint.launch() == null
                                    ? shell(endpoint.restarts().command())
                                    : (restart.kill()
                                                            ? Launch.Way.KILL
                                                            : endpoint.launch().restart())
                                                    .spelled() + " of "
                                            + endpoint.launch().described()));
        }
        for (Observation observation : plan.observations()) {
            to.println("observe   " + observation.name() + "   " + observation.described());
        }
        RunDirectory directory =
                new RunDirectory(request.out().resolve(plan.experiment()).resolve("TIMESTAMP"));
        for (List<String> command : Harness.commands(home, request, directory)) {
            to.println("start     " + shell(command));
        }
        to.flush();
    }

    private String target() {
        Plan.Endpoint endpoint = plan.endpoint();
        if (endpoint == null) {
            return plan.nodes().stream().map(Plan.Node::toString).collect(Collectors.joining(", ")) + " (mock)";
        }
        return endpoint.described();
    }

    private String attempts() {
        long peak = attempts.peakOfArrivals();
        StringBuilder parts = new StringBuilder("arrivals " + rate(peak));
        for (Plan.Restart restart : plan.restarts()) {
            long after = attempts.peakAfter(restart);
            peak = Math.max(peak, after);
            parts.append(", first tries after the restart at ")
                    .append(time(restart.atMicros()))
                    .append(' ')
                    .append(rate(after));
        }
        Plan.Endpoint endpoint = plan.endpoint();
        double limit = endpoint == null ? 0 : endpoint.attemptsPerSecond();
        return "peak of planned attempts " + rate(peak) + " (" + parts + "); tries that fail add to it"
                + (limit == 0 ? "" : ", up to the limit of " + Quantity.RATE.format(limit));
    }

    private static String rate(long count) {
        return Quantity.RATE.format(count);
    }

    private static String time(long micros) {
        return Quantity.DURATION.format(micros);
    }

    /** As one could paste it into a shell. */
    private static String shell(List<String> words) {
        return words.stream()
                .map(word -> word.matches("[A-Za-z0-9_./:=+,@%^-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }
}
