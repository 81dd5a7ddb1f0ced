package dev.squall.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.run.Progress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class LiveServerTest {

    private static final String TOKEN = "0123456789abcdef";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient client = HttpClient.newHttpClient();
    private LiveServer server;

    @BeforeEach
    void start() throws IOException {
        server = LiveServer.start("127.0.0.1", 0, Set.of(), null, "t", 20);
        server.begins(Stands.PLAN);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(java.time.Duration.ofSeconds(10));
    }

    private HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path);
        return client.send(
                (headers.length == 0 ? request : request.headers(headers)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write((request + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What of the stream a reader has got when it ends. */
    private static List<String> lines(InputStream in, String prefix) throws IOException {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines()
                    .filter(line -> line.startsWith(prefix))
                    .map(line -> line.substring(prefix.length()))
                    .toList();
        }
    }

    @Test
    void whoComesLateGetsTheWholeRunAndTheStreamEndsWithTheServer() throws Exception {
        for (int second = 0; second <= 3; second++) {
            server.stands(Stands.at(second));
        }
        HttpResponse<InputStream> stream =
                client.send(request("/events").build(), HttpResponse.BodyHandlers.ofInputStream());
        server.stands(Stands.at(Progress.Phase.JUDGING, 4));
        server.ends("pass", Path.of("/runs/x/report.html"));
        CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
        List<String> data = lines(stream.body(), "data: ");
        closing.get(10, TimeUnit.SECONDS);

        assertThat(stream.headers().firstValue("Content-Type")).hasValue("text/event-stream; charset=utf-8");
        List<JsonNode> events = new ArrayList<>();
        for (String each : data) {
            events.add(JSON.readTree(each));
        }
        assertThat(events).hasSize(7);
        JsonNode run = events.get(0);
        assertThat(run.get("experiment").asText()).isEqualTo(Stands.PLAN.experiment());
        assertThat(run.at("/faults/0/fault").asText()).isEqualTo("restart");
        assertThat(run.at("/faults/1/toSeconds").asDouble()).isEqualTo(2);
        assertThat(run.at("/restarts/0/atSeconds").asDouble()).isEqualTo(5);
        assertThat(run.at("/names/1012").asText()).isEqualTo("Service Restart");
        assertThat(events.get(3)).isEqualTo(JSON.readTree("""
                {"second": 2, "phase": "running", "open": 90, "ready": 80, "attempts": 20, "opened": 14, "failed": 6,
                 "failedByCause": {"http-503": 2, "refused": 4}, "closedByCode": {"1012": 6},
                 "processors": 0.25, "stallSeconds": 0.012}
                """));
        assertThat(events.get(5).get("phase").asText()).isEqualTo("judging");
        assertThat(events.get(6))
                .isEqualTo(JSON.readTree("{\"verdict\": \"pass\", \"report\": \"/runs/x/report.html\"}"));
    }

    @Test
    void whoComesAgainGetsOnlyWhatItHasNotSeen() throws Exception {
        server.stands(Stands.at(0));
        server.stands(Stands.at(1));
        HttpResponse<InputStream> stream = client.send(
                request("/events").header("Last-Event-ID", "t-2").build(), HttpResponse.BodyHandlers.ofInputStream());
        CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);

        assertThat(lines(stream.body(), "id: ")).containsExactly("t-3");
        closing.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aReaderThatTakesNothingIsDroppedAndHoldsNobodyUp() throws Exception {
        try (Socket slow = new Socket()) {
            slow.setReceiveBufferSize(1024);
            slow.connect(new InetSocketAddress("127.0.0.1", server.port()));
            slow.getOutputStream()
                    .write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            awaitReaders(1);
            for (int second = 0; second < Feed.MOST_EVENTS; second++) {
                server.stands(Stands.at(second)); // More than the kernel holds for it.
            }
            awaitReaders(0); // The stream is not over: it was dropped.
            slow.setSoLinger(true, 0); // What the kernel still holds for it would trickle for minutes.
        }
        assertThat(get("/healthz").body()).isEqualTo("ok\n");
    }

    private void awaitReaders(int count) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (server.readers() != count && System.nanoTime() - until < 0) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        assertThat(server.readers()).isEqualTo(count);
    }

    @Test
    void thereAreOnlySoManyReaders() throws Exception {
        List<Socket> readers = new ArrayList<>();
        try {
            for (int i = 0; i < LiveServer.MOST_STREAMS; i++) {
                Socket reader = new Socket("127.0.0.1", server.port());
                readers.add(reader);
                OutputStream out = reader.getOutputStream();
                out.write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            awaitReaders(LiveServer.MOST_STREAMS);

            HttpResponse<String> answer = get("/events");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            assertThat(get("/metrics").statusCode()).isEqualTo(200);
        } finally {
            for (Socket reader : readers) {
                reader.close();
            }
        }
    }

    @Test
    void thePageNeedsNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = get("/");

        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("X-Frame-Options")).hasValue("DENY");
        assertThat(page.body())
                .contains("default-src 'none'", "connect-src 'self'", "Timeline.mount", "uPlot")
                .doesNotContain("{{", " src=");
    }

    @Test
    void itOnlyTells() throws Exception {
        HttpResponse<String> posted = client.send(
                request("/metrics")
                        .POST(HttpRequest.BodyPublishers.ofString("x"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(posted.statusCode()).isEqualTo(405);
        assertThat(posted.headers().firstValue("Allow")).hasValue("GET, HEAD");
        assertThat(get("/status").statusCode()).isEqualTo(404);
        HttpResponse<String> head = client.send(
                request("/metrics")
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void aForeignNameAndAForeignPageAreRefused() throws Exception {
        for (String path : List.of("/", "/healthz", "/events", "/metrics")) {
            assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: evil.example\r\n"))
                    .startsWith("HTTP/1.1 421 ")
                    .contains("\"field\":\"Host\"");
        }
        assertThat(get("/metrics", "Origin", "http://evil.example").statusCode())
                .isEqualTo(403);
        assertThat(raw("GET /metrics HTTP/1.1\r\n")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void withATokenOnlyItsBearerIsToldOfTheRun() throws Exception {
        server.close();
        server = LiveServer.start("0.0.0.0", 0, Set.of(), TOKEN, "t");
        server.begins(Stands.PLAN);

        for (String path : List.of("/events", "/metrics")) {
            HttpResponse<String> answer = get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(401);
            assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"squall\"");
        }
        assertThat(get("/metrics", "Authorization", "Bearer " + TOKEN).statusCode())
                .isEqualTo(200);
        assertThat(get("/").statusCode()).isEqualTo(200);
        assertThat(get("/").body()).doesNotContain(Stands.PLAN.experiment() + "\"");
        assertThatThrownBy(() -> LiveServer.start("0.0.0.0", 0, Set.of(), null, "t"))
                .hasMessageContaining("live token: none (expected: a token");
    }

    @Test
    void whereThePortIsTakenOrNeededTheNextIs() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            try (LiveServer next = LiveServer.start("127.0.0.1", port, Set.of(port + 1), null, "t")) {
                assertThat(next.port()).isGreaterThan(port + 1).isLessThan(port + LiveServer.MOST_PORTS);
                assertThat(next.url()).isEqualTo("http://127.0.0.1:" + next.port() + "/");
            }
        }
    }

    @Test
    void theEndWaitsForNobodyForLong() throws Exception {
        try (Socket slow = new Socket("127.0.0.1", server.port())) {
            slow.getOutputStream().write("GET /eve".getBytes(StandardCharsets.US_ASCII));
            long began = System.nanoTime();
            server.close();
            assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(3));
        }
        assertThatThrownBy(() -> new Socket("127.0.0.1", server.port()).close()).isInstanceOf(IOException.class);
    }
}
