package dev.squall.live;

import dev.squall.plan.Plan;
import dev.squall.report.PlannedFault;
import dev.squall.run.Progress;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The figures of one run in a registry. All of one reading are of one moment: that of the last {@link #refresh}. */
final class Meters {

    private final MeterRegistry registry;
    private final Plan plan;

    /** Causes and codes with a counter of their own. */
    private final Set<String> causes = new HashSet<>();

    private final Set<String> codes = new HashSet<>();
    private volatile Progress latest;
    private volatile Progress now;

    Meters(MeterRegistry registry, Plan plan) {
        this.registry = registry;
        this.plan = plan;
        this.latest = new Progress(-1, plan.durationMicros(), plan.clients(), Map.of());
        this.now = latest;
        Gauge.builder("squall.run.info", () -> 1)
                .description("The run; always 1")
                .tag("experiment", plan.experiment())
                .tag("seed", String.valueOf(plan.seed()))
                .register(registry);
        gauge("squall.clients.open", "", "Clients whose connection is open", at -> at.count("open"));
        gauge("squall.clients.ready", "", "Open clients whose dialogue is done", at -> at.count("ready"));
        counter("squall.attempts", "Connections begun", at -> at.count("attempts"));
        counter("squall.opened", "Connections that came to be open", at -> at.count("opened"));
        counter("squall.restarts", "Restarts begun, each node's", this::restarts);
        gauge(
                "squall.stall",
                "seconds",
                "The longest stall of any process in the last second",
                at -> at.stallMicros() / 1e6);
        gauge(
                "squall.processors.busy",
                "ratio",
                "The share of all processors of the machine that was in use in the last second",
                at -> at.busyPermille().isPresent() ? at.busyPermille().getAsLong() / 1e3 : Double.NaN);
        PlannedFault.of(plan).stream()
                .collect(Collectors.groupingBy(
                        fault -> fault.fault().equals("restart") ? "restart " + fault.text() : fault.text()))
                .forEach(this::fault);
    }

    private void fault(String text, List<PlannedFault> alike) {
        Gauge.builder("squall.fault.active", this, meters -> meters.isActive(alike) ? 1 : 0)
                .description("1 while the fault goes on as planned")
                .tag("fault", text)
                .register(registry);
    }

    private boolean isActive(List<PlannedFault> faults) {
        return now.phase() == Progress.Phase.RUNNING
                && faults.stream().anyMatch(fault -> fault.covers(now.elapsedMicros()));
    }

    private double restarts(Progress at) {
        return plan.restarts().stream()
                .filter(restart -> at.elapsedMicros() >= restart.atMicros())
                .mapToInt(restart -> Math.max(1, restart.nodes().size()))
                .sum();
    }

    private void gauge(String name, String unit, String text, ToDoubleFunction<Progress> value) {
        Gauge.builder(name, this, meters -> value.applyAsDouble(meters.now))
                .description(text)
                .baseUnit(unit.isEmpty() ? null : unit)
                .register(registry);
    }

    private void counter(String name, String text, ToDoubleFunction<Progress> value, String... tags) {
        FunctionCounter.builder(name, this, meters -> value.applyAsDouble(meters.now))
                .description(text)
                .tags(tags)
                .register(registry);
    }

    /** The run stands so. */
    void stands(Progress progress) {
        latest = progress;
    }

    /** What is read from now on is of the latest moment. By one thread at a time. */
    void refresh() {
        now = latest;
        for (String cause : now.failuresByCause().keySet()) {
            if (causes.add(cause)) {
                counter(
                        "squall.failed",
                        "Attempts that came to nothing, by cause",
                        at -> at.count("failed." + cause),
                        "cause",
                        cause);
            }
        }
        for (String code : now.closesByCode().keySet()) {
            if (codes.add(code)) {
                counter(
                        "squall.closed",
                        "Connections that ended, by the code of the first Close, 1006 for none",
                        at -> at.count("closed." + code),
                        "code",
                        code);
            }
        }
    }
}
