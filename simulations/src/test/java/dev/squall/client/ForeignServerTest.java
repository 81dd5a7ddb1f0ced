package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Message;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.ReconnectPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients at a URL: where they go, what they say of themselves, TLS, and the limit on their attempts. */
@Timeout(60)
class ForeignServerTest {

    @TempDir
    Path folder;

    private static Plan.Endpoint endpoint(String url, boolean insecure, double attempts) {
        return new Plan.Endpoint(
                url, "127.0.0.1", insecure, attempts, new Plan.ForeignRestarts(List.of(), 1, 1, 1_000_000));
    }

    private SSLContext selfSigned() throws Exception {
        return TestCertificate.server(TestCertificate.of(folder, "localhost"));
    }

    private static Population once(String name, int clients) {
        return new Population(0, name, clients, 100_000, List.of(), List.of(), On1010.STOP, null, TestRun.policy(0));
    }

    /** A cold JVM on a busy machine takes seconds for its first TLS. */
    private TestRun patient() {
        return new TestRun(folder)
                .connectWithin(7_000_000)
                .limits(l -> new Plan.Limits(
                        7_000_000, l.clientClosingMicros(), l.nodeClosingMicros(), l.closingPhaseMicros()));
    }

    @Test
    void theRequestHasTheUrlsPathAndNameAndSaysWhoAsks() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        List<Map<String, String>> requests = new CopyOnWriteArrayList<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            lines.add(peer.requestLine);
            requests.add(peer.headers);
            peer.echoUntilClose();
        })) {
            String host = "staging.example.com:" + server.port();
            new TestRun(folder).with(once("all", 1)).run(endpoint("ws://" + host + "/chat?room=1", false, 0), 300);

            assertThat(lines).containsExactly("GET /chat?room=1 HTTP/1.1");
            assertThat(requests)
                    .singleElement()
                    .satisfies(headers -> assertThat(headers)
                            .containsEntry("host", host)
                            .containsEntry("user-agent", "squall/test")
                            .containsEntry("squall-run", "test/1")
                            .containsEntry("squall-connection", "all/0/1"));
        }
    }

    @Test
    void anyCertificateWillDoWhereTheExperimentSaysSo() throws Exception {
        try (ScriptedServer server = new ScriptedServer(selfSigned(), (peer, n) -> {
            peer.open("Sec-WebSocket-Extensions: permessage-deflate");
            peer.write(ScriptedServer.Peer.closeFrame(1012, "restart"));
            peer.readClose();
        })) {
            TestRun run = patient()
                    .with(TestRun.deflate("all", 20, "permessage-deflate", On1010.STOP, 0))
                    .run(endpoint("wss://localhost:" + server.port() + "/", true, 0), 8000);

            assertThat(run.rows("FAILED")).isEmpty();
            assertThat(run.rows("CLOSE_RECEIVED"))
                    .hasSizeGreaterThanOrEqualTo(20)
                    .allMatch(r -> r.code().equals("1012"));
            assertThat(run.rows("CLOSED")).isNotEmpty().allMatch(r -> r.detail().startsWith("server clean"));
        }
    }

    @Test
    void messagesComeBackThroughTls() throws Exception {
        try (ScriptedServer server = new ScriptedServer(selfSigned(), (peer, n) -> {
            peer.open();
            peer.echoUntilClose();
        })) {
            Population talking = new Population(
                    0, "all", 5, 1000, List.of(), List.of(), On1010.STOP, new Message(50_000, 3000), TestRun.policy(0));
            TestRun run =
                    patient().with(talking).run(endpoint("wss://localhost:" + server.port() + "/", true, 0), 3000);

            assertThat(run.rows("OPENED")).hasSize(5);
            assertThat(run.rows("CLOSED")).hasSize(5).allMatch(r -> r.code().equals("1000"));
            assertThat(Files.readString(run.latencies())).contains("Tag=echo.all");
        }
    }

    @Test
    void aCertificateThatNobodyTrustsIsATlsFailure() throws Exception {
        try (ScriptedServer server = new ScriptedServer(selfSigned(), (peer, n) -> peer.open())) {
            TestRun run = patient()
                    .with(once("all", 10))
                    .run(endpoint("wss://localhost:" + server.port() + "/", false, 0), 8000);

            assertThat(run.rows("FAILED")).hasSize(10).allMatch(r -> r.detail().equals("tls"));
            assertThat(run.rows("OPENED")).isEmpty();
        }
    }

    @Test
    void aServerThatSpeaksNoTlsIsATlsFailure() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            peer.waitForEnd();
        })) {
            TestRun run = new TestRun(folder)
                    .with(once("all", 3))
                    .run(endpoint("wss://localhost:" + server.port() + "/", true, 0), 8000);

            assertThat(run.rows("FAILED")).hasSize(3).allMatch(r -> r.detail().equals("tls"));
        }
    }

    @Test
    void aTlsHandshakeThatNeverEndsIsATimeout() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> peer.waitForEnd())) {
            TestRun run = new TestRun(folder)
                    .with(once("all", 3))
                    .connectWithin(300_000)
                    .limits(l -> new Plan.Limits(300_000, 300_000, l.nodeClosingMicros(), l.closingPhaseMicros()))
                    .run(endpoint("wss://localhost:" + server.port() + "/", true, 0), 1000);

            assertThat(run.rows("FAILED")).hasSize(3).allMatch(r -> r.detail().equals("timeout"));
        }
    }

    @Test
    void noSecondHasMoreAttemptsThanTheLimitAndTheHeldOnesAreTold() throws Exception {
        ReconnectPolicy eager = TestRun.policy(ReconnectPolicy.UNLIMITED);
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        })) {
            TestRun run = new TestRun(folder)
                    .with(new Population(0, "all", 100, 1000, List.of(), List.of(), On1010.STOP, null, eager))
                    .run(endpoint("ws://localhost:" + server.port() + "/", false, 40), 3500);

            long[] dialled = run.rows("CONNECTING").stream()
                    .mapToLong(r -> r.micros())
                    .sorted()
                    .toArray();
            assertThat(dialled.length).isBetween(100, 160);
            for (int i = 40; i < dialled.length; i++) {
                assertThat(dialled[i] - dialled[i - 40])
                        .as("the 41st attempt after attempt %d", i - 40)
                        // Its own second and no less, but for a timer's millisecond.
                        .isGreaterThanOrEqualTo(998_000);
            }
            assertThat(run.rows("CONNECTING"))
                    .filteredOn(r -> r.detail().equals("limited"))
                    .hasSizeGreaterThan(90)
                    .allMatch(r -> r.longValue() > 0);
        }
    }
}
