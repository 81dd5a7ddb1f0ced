package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process that stands still for 3 s: times that this could have turned are not known, counts are. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class StallIT {

    private static final long STALL_MILLIS = 3000;

    private static final String EXPERIMENT = """
            seed: 5
            duration: 7s
            load:
              strict:
                clients: 50
                arrive: {over: 500ms}
                offer: [permessage-deflate]
                require: [permessage-deflate]
                on-1010: stop
                message: {every: 500ms, size: 64B}
              phones: {clients: 50, arrive: {over: 500ms}, message: {every: 500ms, size: 64B}}
            faults:
              - {withhold: permessage-deflate, probability: 25%}
            expect:
              - echo.rtt.max <= 2s
              - closes.1006.count == 0
              - clients.lost.count == 0
              - extension.1010.rate <= 60%
            """;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"node-0, nodeStallMillis, stallMillis, node 0", "clients-0, stallMillis, nodeStallMillis, an injector"})
    void aStallIsToldAndCostsOnlyTheTimesThatItCouldHaveTurned(String child, String told, String quiet, String who)
            throws Exception {
        Squall squall = new Squall(directory);
        squall.experiment("stall", EXPERIMENT);
        Process process = squall.start("run", "stall.yaml");
        Remains run = new Remains(squall.latest("stall"));
        Remains.await("open client", 60, () -> run.text("clients-0.csv").contains("OPENED"));
        new CountDownLatch(1).await(1, TimeUnit.SECONDS); // Arrivals are over, so that only echoes meet it.
        ProcessHandle victim = run.children(child).get(0);

        signal("-STOP", victim);
        try {
            new CountDownLatch(1).await(STALL_MILLIS, TimeUnit.MILLISECONDS);
        } finally {
            signal("-CONT", victim);
        }

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Squall.Answer answer = squall.answer(process);
        assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(3);
        assertThat(answer.out())
                .containsPattern(
                        "a stall of [34](\\.\\d)? s of " + who + "( and tries up to .* late)? could have turned it");
        JsonNode results = run.json("results.json");
        assertThat(results.at("/injector/" + told + "/max").asDouble()).isBetween(STALL_MILLIS - 100.0, 10_000.0);
        assertThat(results.at("/injector/" + quiet + "/max").asDouble()).isLessThan(STALL_MILLIS - 500.0);
        assertThat(results.at("/injector/trusted").asBoolean())
                .as(results.at("/injector/reasons").toString())
                .isTrue();
        assertThat(results.at("/findings/0/verdict").asText()).isEqualTo("inconclusive");
        assertThat(results.at("/findings/0/note").asText()).contains("of " + who);
        List<String> others = results.get("findings").findValuesAsText("verdict");
        assertThat(others.subList(1, others.size())).as(answer.toString()).containsOnly("pass");
        assertThat(results.at("/ledger/balanced").asBoolean()).isTrue();
    }

    private static void signal(String signal, ProcessHandle process) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", signal, String.valueOf(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
