package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What stands behind the server is observed, and nothing goes wrong on purpose where something is wrong already. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SteadyStateIT {

    private static final String EXPERIMENT = """
            seed: 3
            duration: 5500ms
            target: {mock: {port: PORT}}
            load: {all: {clients: 40, arrive: {over: 200ms}, message: {every: 500ms}, reconnect: {delay: 50ms..200ms}}}
            faults: [{FAULT}]
            observe:
              pool: {json: "http://127.0.0.1:HTTP/stats", field: /pool/active}
              dead: {status: "http://127.0.0.1:1/"}
            expect:
              - steady: observed.pool.max <= MOST
              - steady: {all: echo.rtt.p50 <= 1s}
              - steady: clients.open.rate == 100%
              - steady: attempts.failed.count == 0
              - observed.pool.last == 300
              - observed.dead.up.rate == 0%
              - closes.1012.count in 1..40
            """;

    @TempDir
    private Path directory;

    private Squall.Answer run(String fault, int most) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/stats", exchange -> {
            byte[] body = "{\"pool\": {\"active\": 300}}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            Squall squall = new Squall(directory);
            squall.experiment(
                    "steady",
                    EXPERIMENT
                            .replace("PORT", String.valueOf(Remains.freePort()))
                            .replace("HTTP", String.valueOf(server.getAddress().getPort()))
                            .replace("FAULT", fault)
                            .replace("MOST", String.valueOf(most)));
            return squall.call("run", "steady.yaml");
        } finally {
            server.stop(0);
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void whereTheSteadyStateDoesNotHoldNothingIsInjectedAndNothingConcluded() throws Exception {
        Squall.Answer answer = run(
                "restart: {at: 4800ms, kill: true, downtime: 100ms, deadline: 500ms}}, {close: 1011, at: 4750ms, count: 3",
                200);

        assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(3);
        assertThat(answer.out())
                .startsWith("steady   seed 3\nINCONCLUSIVE  steady")
                .contains("steady: observed.pool.max <= 200   observed 300   (steady state did not hold: measured")
                .contains(
                        "closes.1012.count in 1..40   observed 0   (steady state did not hold, so nothing was injected");
        Remains remains = new Remains(new Squall(directory).latest("steady"));
        assertThat(remains.text("node-0.csv")).contains("ACCEPTED").doesNotContain("FAULT_BEGUN", "RESTART_BEGUN");
        assertThat(remains.text("harness.csv"))
                .contains("INTERRUPTED,,,,the steady state did not hold")
                .doesNotContain("CHILD_KILLED");
        JsonNode results = new Squall(directory).results("steady");
        assertThat(results.at("/durationSeconds").asDouble()).isBetween(4.2, 4.9);
        assertThat(results.at("/ledger/unmatched").asInt()).isZero();
        assertThat(results.at("/clients/open").asInt()).isEqualTo(40);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void whereItHoldsTheRunGoesOnAndTellsWhatTheStormDidBehind() throws Exception {
        Squall.Answer answer = run("restart: {at: 4800ms, downtime: 100ms, deadline: 500ms}", 400);

        assertThat(answer.exitCode()).as(answer.toString()).isZero();
        assertThat(answer.out())
                .contains("1012 restart at 4.8 s   40 affected")
                .contains("observed pool   mean 300  min 300  max 300")
                .contains("observed dead   6 of 6 polls without an answer");
        JsonNode results = new Squall(directory).results("steady");
        assertThat(results.at("/findings/0/steady").asBoolean()).isTrue();
        assertThat(results.at("/findings/0/observed").asInt()).isEqualTo(300);
        assertThat(results.at("/findings/4/steady").asBoolean()).isFalse();
        JsonNode pool = results.at("/observed/0");
        assertThat(pool.at("/name").asText()).isEqualTo("pool");
        assertThat(pool.at("/series")).hasSize(6).allMatch(value -> value.asInt() == 300);
        assertThat(results.at("/observed/1/series")).hasSize(6).allMatch(JsonNode::isNull);
        assertThat(results.at("/observed/1/reasons/no connection").asInt()).isEqualTo(6);
    }
}
