package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** 2,000 clients on Node's ws by way of the proxy, whose own log says what reached it. */
@Timeout(120)
class ProxyIT {

    private static final String LOAD = """
            seed: 5
            duration: %s
            target: {proxy: {upstream: "%s"}}
            load:
              strict:
                clients: 1000
                arrive: {over: 2s}
                offer: [permessage-deflate]
                require: [permessage-deflate]
                on-1010: stop
                message: {every: 1s, size: 64B}
                reconnect: {delay: 100ms..1s}
              lenient:
                clients: 1000
                arrive: {over: 2s}
                message: {every: 1s, size: 64B}
                reconnect: {delay: 100ms..1s}
            """;

    @TempDir
    Path directory;

    private static Map<Integer, Integer> codes(JsonNode results) {
        Map<Integer, Integer> codes = new TreeMap<>();
        results.get("closes")
                .forEach(close -> codes.merge(
                        close.get("code").asInt(), close.get("count").asInt(), Integer::sum));
        return codes;
    }

    @Test
    void aScheduledRestartIsRecoveredFromAndTheServerBehindSeesItsClientsGo() throws Exception {
        ForeignServer.Kind.WS.need();
        try (ForeignServer server = new ForeignServer(ForeignServer.Kind.WS, true, directory)) {
            Squall squall = new Squall(directory);
            squall.experiment("restart", LOAD.formatted("9s", server.url()) + """
                    faults: [{restart: {at: 3s, drain: 1s, downtime: 500ms, deadline: 4s}}]
                    expect: [restart.recovered.rate == 100%, restart.miscoded == 0, echo.rtt.p50 <= 1s]
                    """);

            Squall.Answer run = squall.call("run", "restart.yaml");

            assertThat(run.exitCode()).as(run.toString()).isZero();
            JsonNode results = squall.results("restart");
            assertThat(results.at("/restarts/0/affected").asInt()).isEqualTo(2000);
            assertThat(results.at("/ledger/mode").asText()).isEqualTo("two-sided");
            assertThat(results.at("/ledger/balanced").asBoolean()).isTrue();
            assertThat(codes(results)).isEqualTo(Map.of(1000, 2000, 1012, 2000));
            assertThat(results.at("/echoSeconds/count").asInt()).isPositive();
            // Whom the proxy sent away has gone for the server; who left by itself said so to it.
            assertThat(server.closes(4000)).isEqualTo(Map.of(1000, 2000, 1001, 2000));
            assertThat(run.out()).contains("proxy   before " + server.url());
        }
    }

    @Test
    void aWithheldExtensionIs1010ThoughTheServerBehindHasIt() throws Exception {
        ForeignServer.Kind.WS.need();
        try (ForeignServer server = new ForeignServer(ForeignServer.Kind.WS, true, directory)) {
            Squall squall = new Squall(directory);
            squall.experiment("withheld", LOAD.formatted("4s", server.url()) + """
                    faults: [{withhold: permessage-deflate, probability: 30%}]
                    expect: [strict: extension.1010.rate in 25%..35%]
                    """);

            Squall.Answer run = squall.call("run", "withheld.yaml");

            assertThat(run.exitCode()).as(run.toString()).isZero();
            JsonNode results = squall.results("withheld");
            JsonNode deflate = results.at("/extensions/0");
            assertThat(deflate.get("handshakes").asInt()).isEqualTo(1000);
            assertThat(deflate.get("closed1010").asInt())
                    .isPositive()
                    .isEqualTo(deflate.get("missing").asInt());
            assertThat(server.closes(2000)).isEqualTo(codes(results));
        }
    }

    @Test
    void clientsComeToItByWss() throws Exception {
        ForeignServer.Kind.WS.need();
        Certificate.make(directory.resolve("store.p12"), "changeit")
                .write(directory.resolve("server.pem"), directory.resolve("server.key"));
        try (ForeignServer server = new ForeignServer(ForeignServer.Kind.WS, true, directory)) {
            Squall squall = new Squall(directory);
            squall.experiment("by-wss", """
                    seed: 5
                    duration: 5s
                    target: {proxy: {upstream: "%s", certificate: server.pem, key: server.key}}
                    load:
                      all: {clients: 100, arrive: {over: 1s}, message: {every: 500ms}, reconnect: {delay: 100ms..1s}}
                    faults: [{restart: {at: 2s, downtime: 200ms, deadline: 2s}}]
                    expect: [restart.recovered.rate == 100%%, restart.miscoded == 0]
                    """.formatted(server.url()));

            Squall.Answer run = squall.call("run", "by-wss.yaml");

            assertThat(run.exitCode()).as(run.toString()).isZero();
            JsonNode results = squall.results("by-wss");
            assertThat(codes(results)).isEqualTo(Map.of(1000, 100, 1012, 100));
            assertThat(results.at("/echoSeconds/count").asInt()).isPositive();
            assertThat(results.at("/target/secured").asBoolean()).isTrue();
            assertThat(server.closes(200)).isEqualTo(Map.of(1000, 100, 1001, 100));
        }
    }

    @Test
    void byHandItStandsBeforeAServerForClientsThatOthersBring() throws Exception {
        ForeignServer.Kind.WS.need();
        ForeignClient.Kind kind = ForeignClient.Kind.RECONNECTING_WEBSOCKET;
        kind.need();
        Squall squall = new Squall(directory);
        int port = Remains.freePort();
        LiveControl control = new LiveControl(Remains.freePort());
        try (ForeignServer server = new ForeignServer(ForeignServer.Kind.WS, true, directory)) {
            Process proxy = squall.start(
                    "proxy",
                    "--upstream=" + server.url(),
                    "--port=" + port,
                    "--admin-port=" + control.port(),
                    "--identify=query:client",
                    "--expect=client.close-echo.rate == 100%");
            try {
                Remains.await("proxy", 30, control::listens);
                try (ForeignClient client =
                        new ForeignClient(kind, "ws://127.0.0.1:" + port + "/?client=theirs", directory)) {
                    Remains.await("client", 30, () -> opened(control) == 1);
                    control.send("POST", "/restart", "{\"code\": 1012, \"downtime\": \"200ms\"}");
                    Remains.await("its return", 30, () -> opened(control) == 2);
                }
                assertThat(server.closes(1))
                        .as("what became of the first connection")
                        .containsKey(1001);
            } finally {
                proxy.toHandle().destroy();
            }
            assertThat(proxy.waitFor(30, TimeUnit.SECONDS)).isTrue();
            Squall.Answer answer = squall.answer(proxy);
            assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(130);
            assertThat(answer.out()).contains("theirs").contains("1012").contains(server.url());
        }
    }

    private static int opened(LiveControl control) throws IOException {
        JsonNode client = control.clients().get("theirs");
        return client == null ? 0 : client.at("/connections/opened").asInt();
    }

    @Test
    void byHandAServerBehindThatIsElsewhereNeedsLeave() throws Exception {
        Squall.Answer answer = new Squall(directory).call("proxy", "--upstream=ws://198.51.100.7/", "--for=1s");

        assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(2);
        assertThat(answer.err()).contains("198.51.100.7").contains("--allow-target");
    }
}
