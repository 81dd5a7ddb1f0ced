package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against servers that we did not write, whose own logs are held against what Squall says. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ForeignServersIT {

    private static final int CLIENTS = 2000;

    @TempDir
    private Path directory;

    private Squall squall;

    @BeforeEach
    void setUp() {
        squall = new Squall(directory);
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    @Execution(ExecutionMode.CONCURRENT)
    void strictClientsLeaveAServerThatDeclinesWith1010AndLenientOnesStay(ForeignServer.Kind kind) throws Exception {
        kind.need();
        try (ForeignServer server = new ForeignServer(kind, false, directory)) {
            squall.experiment("decline", """
                    seed: 5
                    duration: 3s
                    target: {url: "%s"}
                    load:
                      strict:
                        clients: 200
                        arrive: {over: 1s}
                        offer: [permessage-deflate]
                        require: [permessage-deflate]
                        on-1010: stop
                      lenient:
                        clients: 200
                        arrive: {over: 1s}
                        offer: [permessage-deflate]
                        message: {every: 1s, size: 64B}
                    expect:
                      - strict: extension.1010.rate == 100%%
                    """.formatted(server.url()));

            Squall.Answer run = squall.call("run", "decline.yaml");

            assertThat(run.exitCode()).as(run.toString()).isZero();
            JsonNode results = squall.results("decline");
            assertThat(results.at("/clients/finished").asInt()).isEqualTo(200);
            assertThat(results.at("/clients/open").asInt()).isEqualTo(200);
            assertThat(results.at("/extensions/0/handshakes").asInt()).isEqualTo(400);
            assertThat(results.at("/extensions/0/closed1010").asInt()).isEqualTo(200);
            assertThat(results.at("/echoSeconds/p50").asDouble()).as("echoes").isPositive();
            assertThat(results.at("/ledger/mode").asText()).isEqualTo("client-only");
            assertThat(codes(results)).isEqualTo(Map.of(1000, 200, 1010, 200));
            assertThat(server.closes(400)).isEqualTo(codes(results));
        }
    }

    /** 1012 and 1001. */
    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"WS", "WEBSOCKETS"})
    @Execution(ExecutionMode.CONCURRENT)
    void aRestartByTheExperimentsCommandIsToldCodeByCodeAsTheServersOwnLogHasIt(ForeignServer.Kind kind)
            throws Exception {
        kind.need();
        try (ForeignServer server = new ForeignServer(kind, true, directory)) {
            experiment("10s", server, "command: [kill, -HUP, '" + server.pid() + "'], settle: 2s", """
                    faults: [{restart: {at: 3s, deadline: 5s}}]
                    """);

            Squall.Answer run = squall.call("run", "restart.yaml");

            assertThat(run.exitCode()).as(run.toString()).isZero();
            JsonNode restart = assertToldAsTheLogHasIt(server);
            assertThat(restart.get("found").asText()).isEqualTo("command");
            assertThat(restart.at("/command/exitCode").asInt()).isZero();
        }
    }

    /** 1001 and, without a Close, 1006. */
    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"JETTY", "UNDERTOW"})
    @Execution(ExecutionMode.CONCURRENT)
    void aRestartThatSquallIsNotToldOfIsFoundAndToldCodeByCodeAsTheServersOwnLogHasIt(ForeignServer.Kind kind)
            throws Exception {
        kind.need();
        try (ForeignServer server = new ForeignServer(kind, true, directory)) {
            experiment("14s", server, "deadline: 5s", "");

            Process process = squall.start("run", "restart.yaml");
            try {
                awaitReady();
                server.restart();
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            } finally {
                process.destroy();
            }

            Squall.Answer run = squall.answer(process);
            assertThat(run.exitCode()).as(run.toString()).isZero();
            assertThat(assertToldAsTheLogHasIt(server).get("found").asText()).isEqualTo("burst");
        }
    }

    private void experiment(String duration, ForeignServer server, String restart, String faults) throws IOException {
        squall.experiment("restart", """
                seed: 6
                duration: %s
                target: {url: "%s", restart: {%s}}
                load:
                  strict:
                    clients: 1000
                    arrive: {over: 1500ms}
                    offer: [permessage-deflate]
                    require: [permessage-deflate]
                    on-1010: stop
                    message: {every: 1s, size: 64B}
                    reconnect: {delay: 100ms..1s}
                  lenient:
                    clients: 1000
                    arrive: {over: 1500ms}
                    offer: [permessage-deflate]
                    reconnect: {delay: 100ms..1s}
                expect:
                  - restart.recovered.rate == 100%%
                """.formatted(duration, server.url(), restart) + faults);
    }

    /** The restart, of which every client was affected and recovered. */
    private JsonNode assertToldAsTheLogHasIt(ForeignServer server) throws Exception {
        JsonNode results = squall.results("restart");
        assertThat(results.get("restarts").size()).isEqualTo(1);
        JsonNode restart = results.at("/restarts/0");
        assertThat(restart.get("affected").asInt()).isEqualTo(CLIENTS);
        assertThat(restart.get("recovered").asInt()).isEqualTo(CLIENTS);
        assertThat(results.at("/extensions/0/negotiated").asInt()).isEqualTo(2 * CLIENTS);
        assertThat(results.at("/echoSeconds/p50").asDouble())
                .as("compressed echoes")
                .isPositive();
        // A server's log has the restart, and the clients that left with 1000 at the end.
        Map<Integer, Integer> expected = new TreeMap<>(Map.of(1000, CLIENTS));
        restart.get("codes")
                .properties()
                .forEach(code -> expected.merge(
                        Integer.valueOf(code.getKey()), code.getValue().asInt(), Integer::sum));
        assertThat(server.closes(2 * CLIENTS)).isEqualTo(expected);
        assertThat(codes(results)).isEqualTo(expected);
        return restart;
    }

    /** Connections by close code. */
    private static Map<Integer, Integer> codes(JsonNode results) {
        Map<Integer, Integer> codes = new TreeMap<>();
        results.get("closes")
                .forEach(close -> codes.merge(
                        close.get("code").asInt(), close.get("count").asInt(), Integer::sum));
        return codes;
    }

    private void awaitReady() throws IOException, InterruptedException {
        Path journal = squall.latest("restart").resolve("clients-0.csv");
        for (int i = 0; i < 600; i++) {
            if (Files.exists(journal)) {
                try (var rows = Files.lines(journal)) {
                    if (rows.filter(row -> row.contains(",READY,")).count() == CLIENTS) {
                        return;
                    }
                }
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new AssertionError("not " + CLIENTS + " ready clients in " + journal + " within 30 s");
    }
}
