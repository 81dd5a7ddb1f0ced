package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The experiments of docs/targets, as they stand there. */
@Timeout(120)
class TargetPagesIT {

    private static final Path PAGES = Path.of("..", "docs", "targets");

    @TempDir
    Path directory;

    private Squall squall;

    @BeforeEach
    void setUp() throws IOException {
        squall = new Squall(directory);
        // As in a checkout, or an unpacked tarball.
        Path launcher = directory.resolve("squall");
        Files.writeString(launcher, "#!/bin/bash\nexec bash '" + squall.home().resolve("squall") + "' \"$@\"\n");
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
    }

    private static String block(String page, String kind) throws IOException {
        Matcher block = Pattern.compile("```" + kind + "\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PAGES.resolve(page)));
        assertThat(block.find()).as(kind + " of " + page).isTrue();
        return block.group(1);
    }

    private JsonNode run(String page, String name) throws Exception {
        Files.writeString(directory.resolve("experiment.yaml"), block(page, "yaml"));

        Squall.Answer answer = squall.call("run", "experiment.yaml");

        assertThat(answer.exitCode()).as(answer.toString()).isZero();
        assertThat(answer.err()).doesNotContain("warning").doesNotContain("left behind");
        return squall.results(name);
    }

    private static List<String> codes(JsonNode results) {
        List<String> codes = new ArrayList<>();
        results.get("restarts")
                .forEach(restart -> codes.add(restart.get("codes").toString()));
        return codes;
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aServerBehindAUrl() throws Exception {
        // What the page has in another terminal.
        assertThat(Files.readString(PAGES.resolve("url.md"))).contains("squall serve --port 21001 --admin-port 21002");
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Process server = new Squall(elsewhere).start("serve", "--port", "21001", "--admin-port", "21002");
        try {
            awaitListening(21_001);
            JsonNode results = run("url.md", "behind-a-url");

            assertThat(codes(results)).containsExactly("{\"1012\":200}");
            assertThat(results.at("/restarts/0/seenByNode/0/node").asText()).isEqualTo("unnamed");
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aProxy() throws Exception {
        assertThat(Files.readString(PAGES.resolve("proxy.md"))).contains("squall serve --port 21007 --admin-port 0");
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Process server = new Squall(elsewhere).start("serve", "--port", "21007", "--admin-port", "0");
        try {
            awaitListening(21_007);
            JsonNode results = run("proxy.md", "a-proxy");

            assertThat(codes(results)).containsExactly("{\"1012\":200}");
            assertThat(results.at("/extensions/0/closed1010").asInt()).isPositive();
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    private static void awaitListening(int port) throws Exception {
        Remains.await("server", 30, () -> {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return socket.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aProcess() throws Exception {
        assertThat(codes(run("process.md", "a-process"))).containsExactly("{\"1012\":200}", "{\"1006\":200}");
    }

    @Test
    @DockerEngine.Needed
    @Execution(ExecutionMode.CONCURRENT)
    void aContainer() throws Exception {
        DockerEngine.images(directory);
        assertThat(codes(run("container.md", "a-container"))).containsExactly("{\"1012\":200}");
    }

    @Test
    @DockerEngine.Needed
    @Execution(ExecutionMode.CONCURRENT)
    void aServiceOfAComposeFile() throws Exception {
        DockerEngine.images(directory);
        Files.writeString(directory.resolve("compose.yml"), block("compose.md", "compose"));
        assertThat(codes(run("compose.md", "a-service"))).containsExactly("{\"1012\":200}");
        assertThat(DockerEngine.networks("a-service-")).isEmpty();
    }
}
