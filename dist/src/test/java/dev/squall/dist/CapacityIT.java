package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A search whose trials are runs; how it goes on from there is proved without them, in SearchTest. */
@Timeout(value = 100, unit = TimeUnit.SECONDS)
class CapacityIT {

    /** Clients dial 200 ms after their loss, and 200 of them a second get in: 99% of n are back after 0.2 s + 0.99 n / 200. */
    private static final double KNOWN = (1.2 - 0.2) * 200 / 0.99;

    @TempDir
    private Path directory;

    @Test
    void twoRunsAboutAKnownCapacityBracketItEachInARunDirectoryOfItsOwn() throws Exception {
        Squall squall = new Squall(directory);
        squall.experiment("queue", """
                duration: 3500ms
                target: {mock: {nodes: 1, port: PORT, capacity: {handshakes: 200/s, queue: 10000}}}
                load: {fleet: {clients: 130, arrive: {over: 1s}, reconnect: {delay: 200ms, jitter: none, attempts: 50}}}
                faults: [{restart: {at: 1500ms, downtime: 100ms, deadline: 1800ms}}]
                expect: [restart.fleet-recovery.p99 <= 1200ms]
                """.replace("PORT", String.valueOf(Remains.freePort())));

        Squall.Answer answer =
                squall.call("capacity", "queue.yaml", "--seed", "5", "--trials", "2", "--report", "brief.html");

        assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(3);
        assertThat(answer.out())
                .contains("1/2  130 clients  pass  (bracket from 130)\n")
                .containsPattern(
                        "2/2  260 clients  fail  restart\\.fleet-recovery\\.p99 <= 1200ms: 1\\.\\d s  \\(bracket ")
                .contains("\nNot known to 5% after 2 trials. As far as is known the edge is at ");
        Path folder;
        try (var all = Files.list(directory.resolve("runs/queue"))) {
            folder = all.filter(each -> each.getFileName().toString().startsWith("capacity-"))
                    .findFirst()
                    .orElseThrow();
        }
        JsonNode capacity = JsonMapper.builder()
                .build()
                .readTree(folder.resolve("capacity.json").toFile());
        assertThat(capacity.at("/interval/0").asDouble()).isLessThan(KNOWN);
        assertThat(capacity.at("/interval/1").asDouble()).isGreaterThan(KNOWN);
        for (int i = 0; i < 2; i++) {
            JsonNode trial = capacity.at("/trials/" + i);
            JsonNode results = JsonMapper.builder()
                    .build()
                    .readTree(folder.resolve(trial.get("directory").asText())
                            .resolve("results.json")
                            .toFile());
            assertThat(results.get("seed").asLong()).isEqualTo(5 + i);
            assertThat(results.at("/clients/planned").asDouble())
                    .isEqualTo(trial.get("value").asDouble());
            assertThat(trial.at("/findings/0/observed")).isEqualTo(results.at("/findings/0/observed"));
        }
        assertThat(folder.resolve("capacity.html")).exists();
        assertThat(directory.resolve("brief.html")).exists();
        assertThat(Squall.children()).isEmpty();
    }
}
