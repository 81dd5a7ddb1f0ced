package dev.squall.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.squall.plan.Expansion;
import dev.squall.plan.Observation;
import dev.squall.plan.Observation.Kind;
import dev.squall.plan.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each kind of source, and each way in which one can fail, against a real server. */
@Timeout(30)
class ObserversTest {

    private static final String TEXT =
            "# TYPE connections gauge\nconnections{state=\"active\"} 3\nconnections{state=\"idle\"} 4\n";

    private static final Map<String, String> PAGES = Map.of(
            "/metrics", TEXT,
            "/stats", "{\"pool\": {\"active\": 17.5, \"name\": \"main\"}}",
            "/garbage", "<html>\u0000\u0001\n",
            "/huge", "connections 1\n" + "#\n".repeat(1 << 20),
            "/prometheus/api/v1/query", """
                    {"status": "success", "data": {"resultType": "vector",
                     "result": [{"metric": {}, "value": [1435781451.781, "42.5"]}]}}""");

    private final List<Observation> observations = new ArrayList<>();
    private final Map<String, Object> told = new ConcurrentHashMap<>();
    private final Map<String, Long> toldAt = new ConcurrentHashMap<>();
    private final Map<String, String> asked = new ConcurrentHashMap<>();
    private final CountDownLatch slow = new CountDownLatch(1);
    private final ExecutorService pool = Executors.newCachedThreadPool();
    private HttpServer server;
    private long begun;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(pool);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        slow.countDown();
        server.stop(0);
        pool.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.put(
                path,
                exchange.getRequestURI().getQuery() + " "
                        + exchange.getRequestHeaders().getFirst("Authorization"));
        try (exchange) {
            if (path.equals("/slow")) {
                slow.await();
            }
            byte[] page = Objects.requireNonNullElse(PAGES.get(path), TEXT).getBytes(StandardCharsets.UTF_8);
            int status = path.matches("/[0-9]+") ? Integer.parseInt(path.substring(1)) : 200;
            exchange.sendResponseHeaders(status, path.equals("/dripping") ? 0 : page.length);
            exchange.getResponseBody().write(page);
            exchange.getResponseBody().flush();
            if (path.equals("/dripping")) {
                slow.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void observe(String name, Kind kind, String path, String selector, Request.Pair... headers) {
        observations.add(new Observation(
                name,
                kind,
                "http://127.0.0.1:" + server.getAddress().getPort() + path,
                selector,
                List.of(),
                1_000_000,
                List.of(headers),
                ""));
    }

    /** Polls each once. */
    private void poll() throws InterruptedException {
        CountDownLatch all = new CountDownLatch(observations.size());
        begun = System.nanoTime();
        Observers.Observer observer = new Observers.Observer() {
            @Override
            public void answered(Observation observation, long poll, double value) {
                tell(observation, poll, value);
            }

            @Override
            public void missed(Observation observation, long poll, String why) {
                tell(observation, poll, why);
            }

            private void tell(Observation observation, long poll, Object what) {
                assertThat(poll).isZero();
                told.put(observation.name(), what);
                toldAt.put(observation.name(), micros());
                all.countDown();
            }
        };
        Expansion expansion = new Expansion(Map.of("TOKEN", "s3cret")::get);
        try (Observers unused = Observers.begin(observations, 1_000_000, expansion, this::micros, observer)) {
            assertThat(all.await(10, TimeUnit.SECONDS)).as("%s", told).isTrue();
        }
    }

    private long micros() {
        return (System.nanoTime() - begun) / 1000;
    }

    @Test
    void eachSourceIsReadOrIsAGapAndASlowOneDelaysNoOther() throws Exception {
        int nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = free.getLocalPort();
        }
        observe("slow", Kind.PROMETHEUS, "/slow", "connections");
        observe("dripping", Kind.PROMETHEUS, "/dripping", "connections");
        observe("sum", Kind.PROMETHEUS, "/metrics", "connections");
        observe("absent", Kind.PROMETHEUS, "/metrics", "processes");
        observe("query", Kind.PROMETHEUS_QUERY, "/prometheus/", "sum(rate(x{a=\"b\"}[5s]))");
        observe("field", Kind.JSON, "/stats", "/pool/active");
        observe("text", Kind.JSON, "/stats", "/pool/name");
        observe("nowhere", Kind.JSON, "/stats", "/pool/idle");
        observe("garbage", Kind.PROMETHEUS, "/garbage", "connections");
        observe("no-json", Kind.JSON, "/garbage", "/a");
        observe("huge", Kind.PROMETHEUS, "/huge", "connections");
        observe("failing", Kind.PROMETHEUS, "/500", "connections");
        observe("status", Kind.STATUS, "/503", "");
        observe("huge-status", Kind.STATUS, "/huge", "");
        observations.add(new Observation(
                "dead", Kind.STATUS, "http://127.0.0.1:" + nobody + "/", "", List.of(), 1_000_000, List.of(), ""));
        observe("secret", Kind.STATUS, "/secret", "", new Request.Pair("Authorization", "Bearer ${env:TOKEN}"));

        poll();

        assertThat(told)
                .containsEntry("slow", "no answer within 900 ms")
                .containsEntry("dripping", "no answer within 900 ms")
                .containsEntry("sum", 7.0)
                .containsEntry("absent", "no such series")
                .containsEntry("query", 42.5)
                .containsEntry("field", 17.5)
                .containsEntry("text", "not a number")
                .containsEntry("nowhere", "no such field")
                .containsEntry("garbage", "not Prometheus' text: line 1")
                .containsEntry("no-json", "not JSON")
                .containsEntry("huge", "more than 1024 KiB")
                .containsEntry("failing", "HTTP 500")
                .containsEntry("status", 503.0)
                .containsEntry("huge-status", 200.0)
                .containsEntry("dead", "no connection")
                .containsEntry("secret", 200.0)
                .hasSize(observations.size());
        long first = Math.min(at("slow"), at("dripping"));
        assertThat(toldAt.entrySet().stream()
                        .filter(each -> !List.of("slow", "dripping").contains(each.getKey())))
                .allSatisfy(each -> assertThat(each.getValue()).isLessThan(first));
        assertThat(asked.get("/secret")).contains("Bearer s3cret");
        assertThat(asked.get("/prometheus/api/v1/query")).startsWith("query=sum(rate(x{a=\"b\"}[5s])) ");
    }

    private long at(String name) {
        return Objects.requireNonNull(toldAt.get(name));
    }
}
