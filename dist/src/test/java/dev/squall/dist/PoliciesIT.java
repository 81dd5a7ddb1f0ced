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

/** A contest of policies whose best is run. */
@Timeout(value = 100, unit = TimeUnit.SECONDS)
class PoliciesIT {

    @TempDir
    private Path directory;

    @Test
    void theBestPolicyIsRunAndItsRunDecidesWhatAPredictionCannotKnow() throws Exception {
        Squall squall = new Squall(directory);
        squall.experiment("contest", """
                duration: 7s
                target: {mock: {nodes: 1, port: PORT}}
                load: {fleet: {clients: 40, arrive: {over: 1s}, reconnect: none}}
                faults: [{restart: {at: 1500ms, downtime: 300ms, deadline: 5s}}]
                expect: [restart.recovered.rate >= 100%, ledger.unmatched == 0]
                """.replace("PORT", String.valueOf(Remains.freePort())));

        Squall.Answer answer = squall.call(
                "predict",
                "contest.yaml",
                "--policies",
                "phoenix-js,immediate",
                "--measure",
                "1",
                "--clients",
                "80",
                "--seed",
                "5");

        assertThat(answer.exitCode()).as(answer.toString()).isZero();
        assertThat(answer.out()).contains("PASS  contest   predicted   seed 5   80 clients");
        JsonNode policies;
        try (var all = Files.list(directory.resolve("runs/contest"))) {
            policies = JsonMapper.builder()
                    .build()
                    .readTree(all.filter(each -> each.getFileName().toString().startsWith("policies-"))
                            .findFirst()
                            .orElseThrow()
                            .resolve("policies.json")
                            .toFile());
        }
        assertThat(policies.at("/policies").findValuesAsText("name"))
                .containsExactly("as it is", "phoenix-js", "immediate");
        assertThat(policies.at("/unpredicted/0").asText()).isEqualTo("ledger.unmatched == 0");
        assertThat(policies.at("/measured").findValuesAsText("name")).containsExactly("phoenix-js");
        JsonNode results = squall.results("contest"); // The latest is the run.
        assertThat(results.at("/clients/planned").asInt()).isEqualTo(80);
        assertThat(policies.at("/measured/0/attempts").asInt())
                .isEqualTo(results.at("/restarts/0/attempts/total").asInt());
        JsonNode run = JsonMapper.builder()
                .build()
                .readTree(squall.latest("contest").resolve("run.json").toFile());
        assertThat(run.at("/set").toString())
                .contains("load.fleet.reconnect=phoenix-js")
                .contains("load.fleet.clients=80");
        assertThat(Squall.children()).isEmpty();
    }
}
