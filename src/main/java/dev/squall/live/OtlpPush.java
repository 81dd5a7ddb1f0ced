package dev.squall.live;

import dev.squall.plan.Plan;
import dev.squall.run.Progress;
import io.micrometer.core.ipc.http.HttpUrlConnectionSender;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpHttpMetricsSender;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import io.micrometer.registry.otlp.OtlpMetricsSender;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pushes the figures of a run to an OpenTelemetry collector, by OTLP over HTTP with protobuf. That it cannot is told once, and
 * disturbs nothing.
 */
public final class OtlpPush implements Onlooker {

    /** From one push to the next. */
    private static final Duration STEP = Duration.ofSeconds(5);

    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final URI url;
    private final Consumer<String> warnings;
    private final OtlpMetricsSender http = new OtlpHttpMetricsSender(new HttpUrlConnectionSender(CONNECT, ANSWER));
    private final AtomicBoolean warned = new AtomicBoolean();
    private @Nullable OtlpMeterRegistry registry;
    private @Nullable Meters meters;

    /**
     * To this receiver.
     *
     * @param url with its path, as {@code http://localhost:4318/v1/metrics}
     * @param warnings is told, on another thread, if nothing can be pushed
     * @throws IllegalArgumentException if it is no such URL
     */
    public OtlpPush(String url, Consumer<String> warnings) {
        this.url = checked(url);
        this.warnings = warnings;
    }

    private static URI checked(String url) {
        URI uri = null;
        try {
            uri = URI.create(url.strip());
        } catch (IllegalArgumentException e) {
            // Told below, as what else is no URL of a receiver.
        }
        if (uri == null
                || uri.getHost() == null
                || !("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()))) {
            throw new IllegalArgumentException(
                    url + " (expected: a URL of an OTLP receiver, as http://localhost:4318/v1/metrics)");
        }
        return uri;
    }

    @Override
    public void begins(Plan plan) {
        close();
        registry = OtlpMeterRegistry.builder(new Config())
                .metricsSender(this::send)
                .threadFactory(task -> {
                    Thread thread = new Thread(task, "squall-otlp");
                    thread.setDaemon(true);
                    return thread;
                })
                .build();
        meters = new Meters(registry, plan);
    }

    @Override
    public void stands(Progress progress) {
        if (meters != null) {
            meters.stands(progress);
            meters.refresh();
        }
    }

    @Override
    public void ends(String verdict, Path report) {
        close();
    }

    /** Pushes once more; it waits for a receiver no longer than its time limits. */
    @Override
    public void close() {
        if (registry != null) {
            registry.close();
            registry = null;
            meters = null;
        }
    }

    private void send(OtlpMetricsSender.Request request) {
        try {
            http.send(request);
        } catch (Exception e) {
            if (warned.compareAndSet(false, true)) {
                warnings.accept("--otlp: nothing can be pushed to " + url.getScheme() + "://" + url.getHost()
                        + (url.getPort() < 0 ? "" : ":" + url.getPort()) + url.getPath() + ": " + reason(e)
                        + " (expected: a receiver of OTLP over HTTP; the run goes on)");
            }
        }
    }

    private static String reason(Throwable e) {
        Throwable cause = e.getCause() == null || e instanceof UncheckedIOException ? e : e.getCause();
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("").strip();
    }

    /** What it does not say comes from OpenTelemetry's own environment variables. */
    private final class Config implements OtlpConfig {

        @Override
        public @Nullable String get(String key) {
            return null;
        }

        @Override
        public String url() {
            return url.toString();
        }

        @Override
        public Duration step() {
            return STEP;
        }

        @Override
        public Map<String, String> resourceAttributes() {
            Map<String, String> attributes = new HashMap<>(OtlpConfig.super.resourceAttributes());
            attributes.putIfAbsent("service.name", "squall");
            return attributes;
        }
    }
}
