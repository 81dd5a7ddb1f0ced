package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.testcontainers.MockServerContainer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;

/** Squall's own images, as a server under test, as a server of somebody's tests, and as what loads one. */
@DockerEngine.Needed
@Timeout(180)
class ContainersIT {

    private static final String EXPERIMENT = """
            duration: %s
            seed: 5
            target:
              %s
              restart: {settle: 500ms}
            load:
              all:
                clients: 200
                arrive: {over: 500ms}
                message: {every: 200ms}
                ping: {every: 300ms, within: 500ms}
                reconnect: {delay: 50ms..300ms}
            faults:
              %s
            """;

    private static final String CONTAINER =
            "container: {image: squall-mock-server, port: 9001, command: [--admin-port, '0'], restart: %s}";

    @TempDir
    Path directory;

    @BeforeEach
    void build() throws Exception {
        DockerEngine.images(directory);
    }

    private Squall.Answer run(String name, String duration, String target, String faults) throws Exception {
        Squall squall = new Squall(directory);
        return squall.call(
                "run",
                squall.experiment(name, String.format(EXPERIMENT, duration, target, faults))
                        .toString());
    }

    @Test
    void aStopIs1012AndAKillIs1006() throws Exception {
        Squall.Answer answer = run(
                "container",
                "17s",
                String.format(CONTAINER, "stop"),
                "[{restart: {at: 1500ms, deadline: 6s}}, {restart: {at: 9s, deadline: 6s, kill: true}}]");

        assertThat(answer.exitCode()).as(answer.toString()).isZero();
        JsonNode results = new Squall(directory).results("container");
        assertThat(results.at("/restarts/0/codes").toString()).isEqualTo("{\"1012\":200}");
        assertThat(results.at("/restarts/0/recovered").asInt()).isEqualTo(200);
        assertThat(results.at("/restarts/0/command/exitCode").asInt())
                .as("it ended in order")
                .isEqualTo(130);
        assertThat(results.at("/restarts/1/codes").toString()).isEqualTo("{\"1006\":200}");
        assertThat(results.at("/restarts/1/recovered").asInt()).isEqualTo(200);
        assertThat(results.at("/restarts/1/command/exitCode").asInt()).isEqualTo(137);
        assertThat(answer.out())
                .contains("1012 stop of a container of squall-mock-server")
                .contains("1006 kill of a container of squall-mock-server");
        assertThat(new Squall(directory).latest("container").resolve("server.log"))
                .content()
                .contains("1012:200");
        assertThat(DockerEngine.containers("squall-mock-server")).isEmpty();
    }

    @Test
    void aPauseClosesNothingAndClientsLearnOfItByTheirOwnPatience() throws Exception {
        Squall.Answer answer = run(
                "paused",
                "6s",
                String.format(CONTAINER, "pause"),
                "[{restart: {at: 1500ms, downtime: 1500ms, deadline: 2s}}]");

        assertThat(answer.exitCode()).as(answer.toString()).isZero();
        JsonNode results = new Squall(directory).results("paused");
        assertThat(results.at("/restarts/0/codes").toString()).isEqualTo("{\"1006\":200}");
        boolean timeout = false;
        for (JsonNode close : results.get("closes")) {
            timeout |= close.get("code").asInt() == 1006
                    && close.get("cause").asText().equals("timeout")
                    && close.get("count").asInt() == 200;
        }
        assertThat(timeout).as(results.get("closes").toString()).isTrue();
        assertThat(answer.out()).contains("pause of a container of squall-mock-server");
        assertThat(DockerEngine.containers("squall-mock-server")).isEmpty();
    }

    @Test
    void aKilledHarnessTakesItsContainerAlong() throws Exception {
        String yaml = String.format(
                EXPERIMENT, "30s", String.format(CONTAINER, "stop"), "[{restart: {at: 20s, deadline: 5s}}]");
        Squall squall = new Squall(directory);
        Process harness = squall.start("run", squall.experiment("killed", yaml).toString());
        Path journal = squall.latest("killed").resolve("clients-0.csv");
        Remains.await(
                "ready client",
                60,
                () -> Files.exists(journal) && Files.readString(journal).contains("READY"));
        assertThat(DockerEngine.containers("squall-mock-server")).hasSize(1);

        harness.destroyForcibly();

        Remains.await(
                "end of its container",
                15,
                () -> DockerEngine.containers("squall-mock-server").isEmpty());
    }

    @Test
    void whatComposeMakesForARunGoesWithIt() throws Exception {
        int port = Remains.freePort();
        Files.writeString(directory.resolve("Dockerfile"), "FROM squall-mock-server\n");
        Files.writeString(directory.resolve("compose.yml"), """
                version: "3"
                services:
                  chat:
                    build: .
                    command: [--admin-port, "0"]
                    ports: ["127.0.0.1:%d:9001"]
                    volumes: ["data:/runs"]
                volumes: {data: {}}
                """.formatted(port));
        Squall squall = new Squall(directory);

        Squall.Answer answer = squall.call(
                "run", squall.experiment("made", """
                                duration: 1s
                                target: {compose: {file: compose.yml, service: chat, port: %d}}
                                load: {all: {clients: 10, arrive: {over: 200ms}}}
                                """.formatted(port)).toString());

        assertThat(answer.exitCode()).as(answer.toString()).isZero();
        assertThat(squall.latest("made").resolve("compose.log"))
                .content()
                .contains("_data")
                .contains("_default");
        assertThat(DockerEngine.networks("made-")).isEmpty();
        assertThat(DockerEngine.volumes("made-")).isEmpty();
        assertThat(DockerEngine.images("made-")).isEmpty();
    }

    /** An independent client: the JDK's. */
    private static final class Client implements WebSocket.Listener {
        final CompletableFuture<String> echo = new CompletableFuture<>();
        final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            echo.complete(data.toString());
            socket.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return CompletableFuture.completedFuture(null);
        }

        WebSocket dial(String url) {
            return HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create(url), this)
                    .join();
        }
    }

    @Test
    void theMockServersContainerServesSomebodysTestsAndTheInjectorsLoadsIt() throws Exception {
        try (MockServerContainer server = new MockServerContainer().withSeed(7)) {
            server.start();
            assertThat(server.getContainerInfo().getConfig().getUser()).isEqualTo("10001:10001");
            Client first = new Client();
            first.dial(server.url()).sendText("hello", true).join();
            assertThat(first.echo.get(10, TimeUnit.SECONDS)).isEqualTo("hello");
            server.restart("{code: 1012, downtime: 200ms}");
            assertThat(first.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1012);

            int fault = server.inflict("close: {after: 100ms, code: 1011}");
            Client second = new Client();
            Remains.await("server that is back", 10, () -> dials(second, server.url()));
            assertThat(second.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1011);
            server.lift(fault);
            assertThatThrownBy(() -> server.inflict("close: {after: soon}"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("after");

            assertInjectorLoads(server);

            Client last = new Client();
            last.dial(server.url());
            DockerClientFactory.instance()
                    .client()
                    .stopContainerCmd(server.getContainerId())
                    .withTimeout(10)
                    .exec();
            assertThat(last.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1012);
        }
    }

    private static boolean dials(Client client, String url) {
        try {
            client.dial(url);
            return true;
        } catch (CompletionException down) {
            return false;
        }
    }

    /** As docs/images.md runs it. */
    private void assertInjectorLoads(MockServerContainer server) throws Exception {
        Files.writeString(directory.resolve("inside.yaml"), """
                duration: 2s
                seed: 5
                target: {url: '%s'}
                load: {all: {clients: 50, arrive: {over: 500ms}, message: {every: 500ms}}}
                expect: [clients.lost.count == 0, echo.rtt.p50 <= 5s]
                """.formatted(server.url()));
        Process docker = new ProcessBuilder(
                        "docker",
                        "run",
                        "--rm",
                        "--network",
                        "host",
                        "-v",
                        directory + ":/work",
                        "squall-injector",
                        "run",
                        "inside.yaml")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("docker.txt").toFile())
                .start();
        assertThat(docker.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(directory.resolve("docker.txt"));
        assertThat(docker.exitValue()).as(said).isZero();
        JsonNode results = JsonMapper.builder()
                .build()
                .readTree(directory
                        .resolve("runs")
                        .resolve("inside")
                        .resolve("latest")
                        .resolve("results.json")
                        .toFile());
        assertThat(results.get("verdict").asText()).isEqualTo("pass");
        assertThat(results.at("/clients/arrived").asInt()).isEqualTo(50);
    }

    @Test
    void anImageThatIsNotBuiltIsToldWithWhatBuildsIt() {
        try (MockServerContainer server = new MockServerContainer("squall-mock-server:no-such-version")) {
            assertThatThrownBy(server::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("squall images");
        }
    }
}
