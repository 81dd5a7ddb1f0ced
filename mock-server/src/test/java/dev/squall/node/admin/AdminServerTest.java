package dev.squall.node.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.OpenAPIVersion;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The HTTP API on a real socket, in front of a control that is none. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class AdminServerTest {

    private static final String TOKEN = "0123456789abcdef";
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final FakeControl control = new FakeControl();
    private final List<Throwable> defects = new CopyOnWriteArrayList<>();
    private AdminServer server;

    @BeforeEach
    void start() throws IOException {
        server = AdminServer.start("127.0.0.1", 0, null, control, defects::add);
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
        assertThat(defects).isEmpty();
    }

    // Faults.

    @Test
    void faultsAreInflictedListedAndLifted() throws Exception {
        HttpResponse<String> inflicted = post("/faults", "application/yaml", "close: {after: 5s, code: 1011}");

        assertThat(inflicted.statusCode()).isEqualTo(201);
        assertThat(inflicted.headers().firstValue("Location")).contains("/faults/0");
        JsonObject fault = new JsonObject(inflicted.body());
        assertThat(fault.getString("settings")).isEqualTo("close: {after: 5s, code: 1011}");
        assertThat(fault.getMap()).containsEntry("toMicros", null);
        assertThat(new JsonObject(get("/faults/0").body())).isEqualTo(fault);
        assertThat(new JsonObject(get("/faults").body()).getJsonArray("faults")).containsExactly(fault);

        assertThat(delete("/faults/0").statusCode()).isEqualTo(204);
        assertThat(control.faults()).isEmpty();
        assertThat(delete("/faults/0").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/yaml",
                "Application/JSON; charset=utf-8",
                "text/yaml",
                "application/x-yaml;charset=utf-8"
            })
    void aFaultIsYamlOrJson(String type) throws Exception {
        assertThat(post("/faults", type, "{\"close\": {\"after\": \"5s\"}}").statusCode())
                .isEqualTo(201);
        assertThat(control.asked).containsExactly("{\"close\": {\"after\": \"5s\"}}");
    }

    @Test
    void deletingFaultsLiftsThemAll() throws Exception {
        post("/faults", "application/yaml", "abort: {after: 5s}");
        post("/faults", "application/yaml", "stall: pings");

        assertThat(delete("/faults").statusCode()).isEqualTo(204);

        assertThat(control.faults()).isEmpty();
    }

    @Test
    void everyKindIsToldWithAnExampleThatIsTaken() throws Exception {
        JsonArray kinds = new JsonObject(get("/faults/kinds").body()).getJsonArray("kinds");

        assertThat(kinds).hasSameSizeAs(control.kinds());
        for (int i = 1; i < kinds.size(); i++) {
            String example = kinds.getJsonObject(i).getString("example");
            assertThat(post("/faults", "application/yaml", example).statusCode())
                    .isEqualTo(201);
        }
    }

    @Test
    void aRestartNeedsNoBody() throws Exception {
        HttpResponse<String> begun = post("/restart", null, "");
        assertThat(begun.statusCode()).isEqualTo(202);
        assertThat(begun.body()).isEqualTo("{\"index\":0}");
        assertThat(new JsonObject(get("/healthz").body()).getString("state")).isEqualTo("draining");

        assertThat(post("/restart", "application/yaml", "restart: {code: 1001}").body())
                .isEqualTo("{\"index\":1}");
        assertThat(control.asked).containsExactly("", "restart: {code: 1001}");

        assertThat(post("/reset", null, "").statusCode()).isEqualTo(204);
        assertThat(new JsonObject(get("/healthz").body()).getString("state")).isEqualTo("serving");
    }

    // Lists.

    @ParameterizedTest
    @CsvSource({"/connections,connections,connection,1", "/clients,clients,client,0"})
    void listsComeInPages(String path, String name, String number, int first) throws Exception {
        List<Integer> numbers = new ArrayList<>();
        String query = "?limit=99";
        while (query != null) {
            JsonObject page = new JsonObject(get(path + query).body());
            assertThat(page.getJsonArray(name)).hasSizeLessThanOrEqualTo(99);
            page.getJsonArray(name).forEach(item -> numbers.add(((JsonObject) item).getInteger(number)));
            Integer next = page.getInteger("next");
            query = next == null ? null : "?limit=99&after=" + next;
        }
        assertThat(numbers).hasSize(251 - first).isSorted().doesNotHaveDuplicates();
        assertThat(new JsonObject(get(path).body()).getJsonArray(name)).hasSize(100);
    }

    @Test
    void theStatusHasOnlyTheSamplesThatAreAskedFor() throws Exception {
        JsonObject status = new JsonObject(get("/status").body());
        JsonArray samples = status.getJsonArray("samples");
        assertThat(samples).isNotEmpty();
        assertThat(status.getJsonArray("closes").getJsonObject(1).getMap())
                .isEqualTo(Map.of("code", 1012, "name", "Service Restart", "count", 4790));

        long last = samples.getJsonObject(samples.size() - 1).getLong("micros");
        JsonArray later = new JsonObject(get("/status?after=" + last).body()).getJsonArray("samples");
        assertThat(later)
                .allSatisfy(sample ->
                        assertThat(((JsonObject) sample).getLong("micros")).isGreaterThan(last));
    }

    @Test
    void metricsAreInPrometheusText() throws Exception {
        HttpResponse<String> metrics = get("/metrics");

        assertThat(metrics.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(metrics.body().lines())
                .contains(
                        "# TYPE squall_connections_closed_total counter",
                        "squall_connections_closed_total{code=\"1012\"} 4790.0",
                        "squall_connections_open 250.0",
                        "squall_handshakes_rejected_total 3.0",
                        "squall_messages_echoed_total 123456.0",
                        "squall_faults_active 0.0",
                        "squall_state{state=\"serving\"} 1.0",
                        "squall_state{state=\"down\"} 0.0")
                .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"));

        control.close(4000, 2);
        assertThat(get("/metrics").body().lines()).contains("squall_connections_closed_total{code=\"4000\"} 2.0");
    }

    // Errors.

    @ParameterizedTest
    @CsvSource({
        "GET, /nothing, 404, ''",
        "GET, /%ff, 404, ''",
        "GET, /page/nothing, 404, ''",
        "GET, /faults/9, 404, index",
        "GET, /faults/x, 404, index",
        "DELETE, /faults/99999999999, 404, index",
        "GET, /connections?limit=0, 400, limit",
        "GET, /connections?limit=1001, 400, limit",
        "GET, /clients?after=x, 400, after",
        "GET, /status?after=-2, 400, after",
        "PUT, /faults, 405, ''",
        "DELETE, /restart, 405, ''",
        "OPTIONS, /faults, 405, ''"
    })
    void whatCannotBeAnsweredIsToldWithFieldAndReason(String method, String path, int status, String field)
            throws Exception {
        HttpResponse<String> answer = send(request(path).method(method, BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(error(answer).getString("field")).isEqualTo(field);
        assertThat(error(answer).getString("reason")).contains("(expected: ");
    }

    @Test
    void aMethodThatIsNotThereIsAnsweredWithThoseThatAre() throws Exception {
        HttpResponse<String> answer = send(request("/faults").method("PUT", BodyPublishers.noBody()));

        assertThat(Set.of(answer.headers().firstValue("Allow").orElse("").split(", *")))
                .isEqualTo(Set.of("GET", "HEAD", "POST", "DELETE"));
    }

    @Test
    void aHeadIsAGetWithoutItsBody() throws Exception {
        HttpResponse<String> answer = send(request("/healthz").method("HEAD", BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void aFaultThatIsNoneIsToldWithThePathOfTheValue() throws Exception {
        HttpResponse<String> answer = post("/faults", "application/yaml", "bad");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(new JsonObject(answer.body()).getJsonArray("errors")).anySatisfy(error -> {
            assertThat(((JsonObject) error).getString("field")).isEqualTo("duration");
            assertThat(((JsonObject) error).getString("reason")).startsWith("line 1, column 11: bad (expected: ");
        });

        HttpResponse<String> noYaml = post("/restart", "application/yaml", "[");
        assertThat(noYaml.statusCode()).isEqualTo(400);
        assertThat(error(noYaml).getString("reason")).contains("not YAML");
    }

    @Test
    void whatCannotBeDoneNowIsAConflict() throws Exception {
        control.busy = true;

        HttpResponse<String> answer = post("/restart", null, "");

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(error(answer).getString("reason")).startsWith("a restart is under way");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""})
    void aBodyOfAnotherTypeIsNotTaken(String type) throws Exception {
        for (String path : List.of("/faults", "/restart")) {
            HttpResponse<String> answer = post(path, type.isEmpty() ? null : type, "abort: {after: 5s}");

            assertThat(answer.statusCode()).isEqualTo(415);
            assertThat(error(answer).getString("field")).isEqualTo("Content-Type");
        }
        assertThat(control.asked).isEmpty();
    }

    @Test
    void aBodyOverTheLimitIsNotRead() throws Exception {
        String most = "#" + "x".repeat(Api.MAX_BODY_BYTES - 1);
        assertThat(post("/faults", "application/yaml", most).statusCode()).isEqualTo(201);

        HttpResponse<String> answer = post("/faults", "application/yaml", most + "x");
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(error(answer).getString("reason")).contains("64 KiB");

        // In chunks, so that its length is not known before.
        HttpResponse<String> chunked = send(request("/faults")
                .header("Content-Type", "application/yaml")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[10 * Api.MAX_BODY_BYTES]))));
        assertThat(chunked.statusCode()).isEqualTo(413);
        assertThat(control.asked).hasSize(1);
    }

    @Test
    void whatCannotBeReadIsTheClientsMistakeAndNoDefect() throws Exception {
        String head = " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
        assertThat(raw("GET /connections?limit=%zz" + head + "\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("cannot be decoded");
        assertThat(raw("POST /restart" + head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
    }

    @Test
    void aDefectIsReportedAndNotSwallowed() throws Exception {
        control.defect = new IllegalStateException("broken on purpose");

        HttpResponse<String> answer = get("/faults");

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(defects).containsExactly(control.defect);
        defects.clear();
        control.defect = null;
        assertThat(get("/faults").statusCode()).isEqualTo(200);
    }

    @Test
    void aServerThatDoesNotAnswerIsNotWaitedForWithoutEnd() throws Exception {
        control.silent = true;

        assertThat(get("/connections").statusCode()).isEqualTo(503);
    }

    // Who may speak.

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "10.0.0.1"})
    void aNameThatOnlyPointsHereIsRefused(String host) throws Exception {
        for (String path : List.of("/", "/faults", "/healthz")) {
            assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 421 ")
                    .contains("\"field\":\"Host\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:9002", "127.0.0.1:1", "127.1.2.3", "[::1]:9002", "[::1]"})
    void everyNameOfTheLoopbackIsTaken(String host) throws Exception {
        assertThat(raw("GET /faults HTTP/1.1\r\nHost: " + host + "\r\n\r\n")).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "null", "http://127.0.0.1:1"})
    void aPageOfAnotherSiteCanDoNothing(String origin) throws Exception {
        HttpResponse<String> answer =
                send(request("/restart").header("Origin", origin).POST(BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        assertThat(control.asked).isEmpty();
    }

    @Test
    void itsOwnPageMay() throws Exception {
        String origin = "http://127.0.0.1:" + server.port();
        assertThat(send(request("/restart").header("Origin", origin).POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(202);
    }

    @Test
    void otherMachinesNeedTheToken() throws Exception {
        try (AdminServer open = AdminServer.start("0.0.0.0", 0, TOKEN, control, defects::add)) {
            for (String path : List.of("/faults", "/faults/kinds", "/status", "/metrics", "/connections", "/clients")) {
                HttpResponse<String> answer = send(at(open, path).GET());
                assertThat(answer.statusCode()).as(path).isEqualTo(401);
                assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"squall\"");
                assertThat(error(answer).getString("field")).isEqualTo("Authorization");
            }
            for (String path : List.of("/healthz", "/", "/page/page.js", "/openapi.yaml")) {
                assertThat(send(at(open, path).GET()).statusCode()).as(path).isEqualTo(200);
            }
            for (String wrong : List.of("Bearer x", "Bearer", "Basic " + TOKEN, TOKEN, "Bearer " + TOKEN + "0")) {
                assertThat(send(at(open, "/restart")
                                        .header("Authorization", wrong)
                                        .POST(BodyPublishers.noBody()))
                                .statusCode())
                        .as(wrong)
                        .isEqualTo(401);
            }
            assertThat(control.asked).isEmpty();
            assertThat(send(at(open, "/restart")
                                    .header("Authorization", "bearer " + TOKEN)
                                    .POST(BodyPublishers.noBody()))
                            .statusCode())
                    .isEqualTo(202);
        }
    }

    @Test
    void anOpenAddressWithoutATokenIsNotServed() {
        assertThatThrownBy(() -> AdminServer.start("0.0.0.0", 0, null, control, defects::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("admin token: none (expected: a token, since 0.0.0.0 can be reached from other machines)");
        assertThatThrownBy(() -> AdminServer.start("0.0.0.0", 0, "secret", control, defects::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void aPortInUseIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(() -> AdminServer.start("127.0.0.1", taken.getLocalPort(), null, control, defects::add))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("admin port 127.0.0.1:" + taken.getLocalPort() + ": cannot listen");
        }
    }

    @Test
    void connectionsAreBounded() throws Exception {
        List<Socket> held = new ArrayList<>();
        try {
            for (int i = 0; i < AdminServer.MAX_CONNECTIONS; i++) {
                held.add(new Socket("127.0.0.1", server.port()));
            }
            try (Socket more = new Socket("127.0.0.1", server.port())) {
                assertThat(more.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            for (Socket socket : held) {
                socket.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nContent-Length: 100\r\n\r\nabort",
                "GET /faults HT",
                "\u0000\u0001\u0002 garbage\r\n\r\n",
                "GET /%ff%c0%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n"
            })
    void aClientThatBreaksTheRulesOrItsConnectionIsNobodysDefect(String request) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.setSoLinger(true, 0); // Ends with a reset.
        }
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            socket.setSoTimeout(5000);
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .doesNotContain("HTTP/1.1 2");
        }
        assertThat(get("/faults").statusCode()).isEqualTo(200);
        assertThat(control.asked).isEmpty();
    }

    // The description.

    @Test
    void theDescriptionListsWhatIsServedAndNothingElse() throws Exception {
        Set<String> described = new TreeSet<>();
        description()
                .getJsonObject("paths")
                .forEach(path -> ((JsonObject) path.getValue())
                        .fieldNames().stream()
                                .filter(method -> !method.equals("parameters"))
                                .forEach(method -> described.add(method.toUpperCase() + " " + path.getKey())));
        Vertx vertx = Vertx.vertx();
        try {
            Set<String> served = new TreeSet<>();
            new Api(vertx, control, new Gate(InetAddress.getLoopbackAddress(), null), defects::add)
                    .router().getRoutes().stream()
                            .filter(route -> route.getPath() != null)
                            .forEach(route -> route.methods().stream()
                                    .filter(method -> method != HttpMethod.HEAD)
                                    .forEach(method -> served.add(
                                            method + " " + route.getPath().replaceAll(":(\\w+)", "{$1}"))));
            assertThat(described).isEqualTo(served).hasSizeGreaterThan(10);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    @Test
    void theDescriptionIsValidAndTheAnswersAreAsItSays() throws Exception {
        post("/faults", "application/yaml", "close: {after: 5s, code: 1011}");
        Vertx vertx = Vertx.vertx();
        try {
            JsonObject description = description();
            assertThat(await(OpenAPIVersion.V3_1
                                    .getRepository(vertx, "https://squall.invalid/")
                                    .compose(schemas ->
                                            OpenAPIVersion.V3_1.validateContract(vertx, schemas, description)))
                            .getValid())
                    .isTrue();
            ResponseValidator validator =
                    ResponseValidator.create(vertx, await(OpenAPIContract.from(vertx, onlyJson(description))));
            Map<String, HttpResponse<String>> answers = Map.of(
                    "listFaults", get("/faults"),
                    "inflictFault", post("/faults", "application/json", "{\"abort\": {}}"),
                    "listKinds", get("/faults/kinds"),
                    "getFault", get("/faults/0"),
                    "restart", post("/restart", null, ""),
                    "listConnections", get("/connections"),
                    "listClients", get("/clients"),
                    "status", get("/status"),
                    "health", get("/healthz"),
                    "liftFault", delete("/faults/77"));
            answers.forEach((operation, answer) -> assertThat(validator
                            .validate(
                                    ValidatableResponse.create(
                                            answer.statusCode(), Buffer.buffer(answer.body()), "application/json"),
                                    operation)
                            .toCompletionStage()
                            .toCompletableFuture())
                    .as(operation)
                    .succeedsWithin(Duration.ofSeconds(5)));
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    /** The validator knows no other media types of bodies. */
    private static JsonObject onlyJson(JsonObject described) {
        JsonObject only = new JsonObject();
        described.forEach(entry -> {
            Object value = entry.getValue();
            if (entry.getKey().equals("content")) {
                value = new JsonObject().put("application/json", ((JsonObject) value).getValue("application/json"));
            }
            boolean other = value instanceof JsonObject content
                    && content.containsKey("application/json")
                    && content.getValue("application/json") == null;
            if (!other) {
                only.put(entry.getKey(), value instanceof JsonObject map ? onlyJson(map) : value);
            }
        });
        return only;
    }

    private JsonObject description() throws Exception {
        Object yaml = new Load(LoadSettings.builder().build())
                .loadFromString(get("/openapi.yaml").body());
        return new JsonObject(Buffer.buffer(new ObjectMapper().writeValueAsBytes(yaml)));
    }

    // Requests.

    private HttpRequest.Builder request(String path) {
        return at(server, path);
    }

    private static HttpRequest.Builder at(AdminServer server, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(request(path).GET());
    }

    private HttpResponse<String> delete(String path) throws Exception {
        return send(request(path).DELETE());
    }

    private HttpResponse<String> post(String path, String type, String body) throws Exception {
        HttpRequest.Builder request =
                request(path).POST(body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        return send(type == null ? request : request.header("Content-Type", type));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    private static JsonObject error(HttpResponse<String> answer) {
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        return new JsonObject(answer.body()).getJsonArray("errors").getJsonObject(0);
    }

    /** What java.net.http does not send: any Host. The answer's head and what came with it. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(5000);
            OutputStream out = socket.getOutputStream();
            out.write(
                    request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
