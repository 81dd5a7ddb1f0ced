package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example simulations beside {@code squall serve} with the faults that lie beside them, as a user runs them. */
@Timeout(90)
@Execution(ExecutionMode.CONCURRENT)
class SimulationsIT {

    private static final Path SIMULATIONS =
            Path.of("..", "simulations").toAbsolutePath().normalize();

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"RestartSimulation", "StrictSimulation"})
    void itsAssertionsHold(String simulation) throws Exception {
        int port = Remains.freePort();
        Path faults = SIMULATIONS.resolve(Path.of("src", "test", "java", "example", simulation + ".yaml"));
        Process server = new Squall(directory)
                .start(
                        "serve",
                        "--for",
                        "60s",
                        "--port",
                        Integer.toString(port),
                        "--admin-port",
                        "0",
                        "--faults",
                        faults.toString());
        Path out = directory.resolve("gatling.txt");
        try {
            Remains.await("server", 30, () -> listens(port));
            Process gatling = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--add-opens=java.base/java.lang=ALL-UNNAMED",
                            "-XX:TieredStopAtLevel=1",
                            "-Dgatling.data.enableAnalytics=false",
                            "-Durl=ws://127.0.0.1:" + port + "/",
                            "-cp",
                            SIMULATIONS.resolve(Path.of("target", "test-classes")) + ":"
                                    + System.getProperty("java.class.path"),
                            "io.gatling.app.Gatling",
                            "--simulation",
                            "example." + simulation,
                            "--results-folder",
                            directory.toString(),
                            "--no-reports"))
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            try {
                boolean ended = gatling.waitFor(45, TimeUnit.SECONDS);
                String told = Files.readString(out);
                assertThat(ended).as(told).isTrue();
                assertThat(gatling.exitValue()).as(told).isZero();
                assertThat(told).contains(": true (actual : ").doesNotContain(": false (actual : ", "ERROR");
            } finally {
                gatling.destroyForcibly();
            }
        } finally {
            server.destroy();
            server.waitFor(20, TimeUnit.SECONDS);
        }
    }

    private static boolean listens(int port) throws IOException {
        try (Socket ignored = new Socket("127.0.0.1", port)) {
            return true;
        } catch (ConnectException notYet) {
            return false;
        }
    }
}
