package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The shipped experiment of a quarter of a million clients, small: what is the same however many processes share the clients. */
@Timeout(value = 100, unit = TimeUnit.SECONDS)
class ScaleIT {

    private static final int CLIENTS = 600;

    @TempDir
    private Path directory;

    @Test
    void clientsOfSeveralInjectorsComeBackToSeveralNodesAndEveryCloseIsAccountedFor() throws Exception {
        Squall squall = new Squall(directory);
        List<String> command = new ArrayList<>(List.of("run", "scale"));
        Map.of(
                        "injectors", "3",
                        "target.mock.nodes", "3",
                        "duration", "9s",
                        "load.fleet.clients", "" + CLIENTS,
                        "load.fleet.arrive.over", "1s",
                        "load.fleet.reconnect", "{delay: 500ms..1s}",
                        "faults.0.restart.at", "2s",
                        "faults.0.restart.drain", "1s",
                        "faults.0.restart.downtime", "500ms",
                        "faults.0.restart.deadline", "5s")
                .forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));

        Squall.Answer run = squall.call(command.toArray(String[]::new));

        assertThat(run.exitCode()).as(run.toString()).isZero();
        assertThat(run.out()).contains("ledger balanced");
        JsonNode results = squall.results("scale");
        assertThat(results.get("restarts"))
                .as(run.toString())
                .hasSize(3)
                .allSatisfy(node -> assertThat(node.get("affected").asInt())
                        .isEqualTo(CLIENTS / 3)
                        .isEqualTo(node.get("recovered").asInt()));
        assertThat(results.get("ledger").get("unmatched").asInt()).isZero();
        for (int i = 0; i < 3; i++) {
            assertThat(squall.latest("scale").resolve("clients-" + i + ".csv")).isNotEmptyFile();
            assertThat(squall.latest("scale").resolve("node-" + i + ".csv")).isNotEmptyFile();
        }
    }
}
