package dev.squall.gatling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.client.ScriptedServer;
import dev.squall.client.ScriptedServer.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SquallDslTest {

    @TempDir
    Path folder;

    private final Queue<String> clients = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> closes = new ConcurrentLinkedQueue<>();

    /** Echoes; says goodbye and restarts, or resets, if a client tells it to. */
    private void play(Peer peer) throws Exception {
        peer.open();
        clients.add(peer.header("client"));
        while (true) {
            ScriptedServer.Frame frame = peer.readFrame();
            if (frame.opcode() == ScriptedServer.CLOSE) {
                closes.add(frame.closeCode());
                peer.write(Peer.frame(ScriptedServer.CLOSE, frame.payload()));
                return;
            }
            switch (new String(frame.payload(), StandardCharsets.UTF_8)) {
                case "restart" -> {
                    peer.write(
                            Peer.frame(ScriptedServer.TEXT, new byte[] {'b', 'y', 'e'}),
                            Peer.closeFrame(1012, "restart"));
                    peer.readClose();
                    return;
                }
                case "reset" -> {
                    peer.reset();
                    return;
                }
                default -> peer.write(Peer.frame(ScriptedServer.TEXT, frame.payload()));
            }
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyVirtualUserGoesOnOnceAndEveryTimeAwayIsOneRecord() throws Exception {
        Path out = folder.resolve("out");
        int exitCode;
        try (ScriptedServer server = new ScriptedServer((peer, n) -> play(peer))) {
            Process gatling = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--add-opens=java.base/java.lang=ALL-UNNAMED",
                            "-XX:TieredStopAtLevel=1",
                            "-Dgatling.data.enableAnalytics=false",
                            "-Durl=ws://127.0.0.1:" + server.port() + "/",
                            "-Dnobody=ws://127.0.0.1:" + ScriptedServer.freePort() + "/",
                            "-cp",
                            System.getProperty("java.class.path"),
                            "io.gatling.app.Gatling",
                            "--simulation",
                            EveryActionSimulation.class.getName(),
                            "--results-folder",
                            folder.toString(),
                            "--no-reports")
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            try {
                assertThat(gatling.waitFor(20, TimeUnit.SECONDS))
                        .as(() -> read(out))
                        .isTrue();
                exitCode = gatling.exitValue();
            } finally {
                gatling.destroyForcibly();
            }
        }
        List<String> lines = Files.readAllLines(out);

        assertThat(exitCode).as(String.join("\n", lines)).isZero();
        // The session after each scenario; of the one that exits there is none.
        assertThat(lines.stream().filter(line -> line.contains(" tries ")))
                .containsExactlyInAnyOrder(
                        "restarted well code 1000 tries 0 message price of tea?",
                        "restarted well code 1000 tries 0 message price of tea?",
                        "restarted well code 1000 tries 0 message price of tea?",
                        "reset well code 4001 tries 0 message null",
                        "twice well code 4002 tries 0 message null",
                        "without close well code 0 tries 0 message null",
                        "connected already failed code 0 tries 0 message null",
                        "not connected failed code 0 tries 0 message null",
                        "too late failed code 0 tries 0 message null",
                        "no attribute failed code 1012 tries 0 message null",
                        "gives up failed code 0 tries 2 message null",
                        "strict failed code 1010 tries 1 message null");
        assertThat(closes)
                .as("of the clients")
                .containsExactlyInAnyOrder(1000, 1000, 1000, 4001, 1000, 4002, 1000, 1000, 1000, 1000, 1000, 1010);
        // The eleven of one protocol have a number each, though they are of eight scenarios; the strict one is of
        // another.
        assertThat(new TreeSet<>(clients)).hasSize(11);
        assertThat(lines).filteredOn(line -> line.contains("'send' crashed")).hasSize(1);
    }

    @Test
    void whatIsWrongIsToldBeforeTheRun() {
        assertThatThrownBy(() -> SquallDsl.squall("http://127.0.0.1/")).hasMessageContaining("expected: ws:");
        assertThatThrownBy(() -> SquallDsl.squall("ws://127.0.0.1/").reconnect("phoenix"))
                .hasMessageContaining("phoenix")
                .hasMessageContaining("phoenix-js");
        assertThatThrownBy(() -> SquallDsl.close(1006)).hasMessageContaining("1006");
    }
}
