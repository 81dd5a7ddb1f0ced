package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.node.MockServer;
import dev.squall.plan.Plan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code squall probe} as a user calls it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ProbeIT {

    private static final String DEFLATE = "permessage-deflate";

    @TempDir
    private Path directory;

    private static String url(int port) {
        return "ws://127.0.0.1:" + port + "/";
    }

    @Test
    void aServerThatNegotiatesKeepsAStrictClient() throws Exception {
        int port = Remains.freePort();
        try (MockServer server = MockServer.on("127.0.0.1", port)) {
            server.start();

            Squall.Answer answer = new Squall(directory).call("probe", url(port), "--require", DEFLATE);

            assertThat(answer.exitCode()).as(answer.toString()).isZero();
            assertThat(answer.err()).isEmpty();
            assertThat(answer.out())
                    .contains("extension  permessage-deflate: negotiated (required)")
                    .contains("we sent 1000, the server answered 1000 Normal Closure")
                    .contains("closed TCP (FIN)")
                    .contains("PASS  " + url(port) + "   a client that requires permessage-deflate stays");
        }
    }

    @Test
    void aServerThatDeclinesLosesAStrictClientAndKeepsALenientOne() throws Exception {
        int port = Remains.freePort();
        try (MockServer server = declining(port)) {
            server.start();
            Squall squall = new Squall(directory);

            Squall.Answer strict = squall.call("probe", url(port), "--require", DEFLATE, "--json");
            Squall.Answer lenient = squall.call("probe", url(port));

            assertThat(strict.exitCode()).as(strict.toString()).isOne();
            var facts = JsonMapper.builder().build().readTree(strict.out());
            assertThat(facts.at("/client/code").asInt()).isEqualTo(1010);
            assertThat(facts.at("/close/received").asInt()).isEqualTo(1010);
            assertThat(facts.at("/close/tcp").asText()).isEqualTo("fin");
            assertThat(lenient.exitCode()).as(lenient.toString()).isZero();
        }
    }

    private static MockServer declining(int port) throws IOException {
        return MockServer.of(
                new Plan(
                        Plan.SCHEMA,
                        "declining",
                        0,
                        0,
                        1,
                        List.of(new Plan.Node(0, "127.0.0.1", port)),
                        null,
                        null,
                        List.of(),
                        null,
                        List.of(),
                        List.of(),
                        List.of(),
                        new Plan.Limits(10_000_000, 10_000_000, 60_000_000, 60_000_000),
                        List.of(),
                        0),
                0);
    }

    @Test
    void nobodyThereIsToldWithAdvice() throws Exception {
        Squall.Answer answer = new Squall(directory).call("probe", url(Remains.freePort()));

        assertThat(answer.exitCode()).as(answer.toString()).isOne();
        assertThat(answer.out()).contains("nobody is there: refused").contains("advice  Nothing listens");
    }

    @Test
    void itEndsWithWhoCalledIt() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Process squall = new Squall(directory).start("probe", url(silent.getLocalPort()), "--timeout", "2m");
            silent.accept(); // The child has dialled.
            List<ProcessHandle> children = squall.children().toList();
            assertThat(children).isNotEmpty();

            squall.destroyForcibly().waitFor();

            for (int i = 0; i < 100 && children.stream().anyMatch(ProcessHandle::isAlive); i++) {
                new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
            }
            assertThat(children).noneMatch(ProcessHandle::isAlive);
        }
    }
}
