package dev.squall.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a receiver that decodes what comes by OpenTelemetry's own schema. */
@Timeout(20)
class OtlpPushTest {

    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final BlockingQueue<ExportMetricsServiceRequest> received = new LinkedBlockingQueue<>();
    private final List<String> types = new CopyOnWriteArrayList<>();

    private HttpServer receiver(int status) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/metrics", exchange -> receive(exchange, status));
        server.start();
        return server;
    }

    private void receive(HttpExchange exchange, int status) throws IOException {
        try (exchange) {
            types.add(exchange.getRequestHeaders().getFirst("Content-Type"));
            received.add(ExportMetricsServiceRequest.parseFrom(
                    exchange.getRequestBody().readAllBytes()));
            exchange.sendResponseHeaders(status, -1);
        }
    }

    private void run(String url) {
        try (OtlpPush push = new OtlpPush(url, warnings::add)) {
            push.begins(Stands.PLAN);
            push.stands(Stands.at(4));
            push.stands(Stands.at(5));
            push.ends("pass", Path.of("report.html"));
        }
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/metrics";
    }

    private static Map<String, Double> values(ResourceMetrics resource) {
        Map<String, Double> values = new TreeMap<>();
        resource.getScopeMetricsList()
                .forEach(scope -> scope.getMetricsList()
                        .forEach(metric -> points(metric)
                                .forEach(point -> values.put(
                                        metric.getName()
                                                + (point.getAttributesCount() == 1
                                                        ? " "
                                                                + point.getAttributes(0)
                                                                        .getValue()
                                                                        .getStringValue()
                                                        : ""),
                                        point.getAsDouble()))));
        return values;
    }

    private static List<NumberDataPoint> points(Metric metric) {
        return metric.hasSum()
                ? metric.getSum().getDataPointsList()
                : metric.getGauge().getDataPointsList();
    }

    @Test
    void theLastFiguresOfARunAreWithTheCollectorWhenItIsOver() throws Exception {
        HttpServer server = receiver(200);
        try {
            run(url(server));

            ExportMetricsServiceRequest last = received.poll(5, TimeUnit.SECONDS);
            for (ExportMetricsServiceRequest next = received.poll(); next != null; next = received.poll()) {
                last = next;
            }
            assertThat(last).isNotNull();
            assertThat(types).containsOnly("application/x-protobuf");
            ResourceMetrics resource = last.getResourceMetrics(0);
            assertThat(resource.getResource().getAttributesList()).anySatisfy(attribute -> {
                assertThat(attribute.getKey()).isEqualTo("service.name");
                assertThat(attribute.getValue().getStringValue()).isEqualTo("squall");
            });
            assertThat(values(resource))
                    .containsEntry("squall.clients.open", 90.0)
                    .containsEntry("squall.attempts", 50.0)
                    .containsEntry("squall.opened", 35.0)
                    .containsEntry("squall.failed refused", 10.0)
                    .containsEntry("squall.closed 1012", 15.0)
                    .containsEntry("squall.stall", 0.012)
                    .containsEntry("squall.run.info", 1.0);
            Sum attempts = resource.getScopeMetrics(0).getMetricsList().stream()
                    .filter(metric -> metric.getName().equals("squall.attempts"))
                    .findFirst()
                    .orElseThrow()
                    .getSum();
            assertThat(attempts.getIsMonotonic()).isTrue();
            assertThat(warnings).isEmpty();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aReceiverThatRefusesIsToldOfOnce() throws Exception {
        HttpServer server = receiver(500);
        try (OtlpPush push = new OtlpPush(url(server), warnings::add)) {
            for (int repeat = 0; repeat < 2; repeat++) {
                push.begins(Stands.PLAN);
                push.stands(Stands.at(5));
                push.ends("pass", Path.of("report.html"));
            }

            assertThat(received).hasSizeGreaterThanOrEqualTo(2);
            assertThat(warnings)
                    .singleElement()
                    .asString()
                    .startsWith("--otlp: nothing can be pushed to " + url(server) + ": ")
                    .contains("500", "the run goes on");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void noReceiverIsToldOfWithoutWhatTheUrlSaysOfItsUser() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        run("http://user:secret@127.0.0.1:" + port + "/v1/metrics?key=secret");

        assertThat(warnings)
                .singleElement()
                .asString()
                .startsWith("--otlp: nothing can be pushed to http://127.0.0.1:" + port + "/v1/metrics: ")
                .contains("refused")
                .doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:4318", "", "grpc://localhost:4317", "http://", "not a url"})
    void whatIsNoUrlOfAReceiverIsRefused(String url) {
        assertThatThrownBy(() -> new OtlpPush(url, warnings::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(url + " (expected: a URL of an OTLP receiver, as http://localhost:4318/v1/metrics)");
    }
}
