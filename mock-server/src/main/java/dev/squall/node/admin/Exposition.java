package dev.squall.node.admin;

import dev.squall.node.Control;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** The server's counts in Prometheus' text format. Every figure of one text is of one moment. Used on one thread. */
final class Exposition {

    /** Of the text that {@link #scrape} gives. */
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Control control;

    /** Those with a counter of their own. */
    private final Set<Integer> codes = new HashSet<>();

    private Control.Counts counts;
    private int faults;

    Exposition(Control control) {
        this.control = control;
        this.counts = control.counts();
        gauge("squall.connections.open", "Connections whose handshake is complete", now -> now.counts.open());
        gauge("squall.faults.active", "Faults in force or yet to come", now -> now.faults);
        for (Control.State state : Control.State.values()) {
            Gauge.builder("squall.state", this, now -> now.counts.state() == state ? 1 : 0)
                    .description("What the server does with those who come: 1 for the state that it is in")
                    .tag("state", state.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        counter("squall.handshakes.accepted", "Upgrade requests that came", now -> now.counts.accepted());
        counter(
                "squall.handshakes.rejected",
                "Upgrade requests answered with another status than 101",
                now -> now.counts.rejected());
        counter("squall.messages.echoed", "Messages sent back", now -> now.counts.echoed());
        counter("squall.restarts", "Restarts begun", now -> now.counts.restarts());
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
    }

    private void gauge(String name, String text, ToDoubleFunction<Exposition> value) {
        Gauge.builder(name, this, value).description(text).register(registry);
    }

    private void counter(String name, String text, ToDoubleFunction<Exposition> value) {
        FunctionCounter.builder(name, this, value).description(text).register(registry);
    }

    String scrape() {
        counts = control.counts();
        faults = control.faults().size();
        for (Integer code : counts.closesByCode().keySet()) {
            if (codes.add(code)) {
                FunctionCounter.builder(
                                "squall.connections.closed",
                                this,
                                now -> now.counts.closesByCode().getOrDefault(code, 0L))
                        .description("Connections that ended, by the code of the first Close, 1006 for none")
                        .tag("code", code.toString())
                        .register(registry);
            }
        }
        return registry.scrape();
    }
}
