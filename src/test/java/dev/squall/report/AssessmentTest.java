package dev.squall.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.LatencyLog;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Plan;
import dev.squall.reconnect.Mix;
import dev.squall.stats.RestartFigures;
import dev.squall.stats.Runs;
import dev.squall.verdict.Metrics;
import dev.squall.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssessmentTest {

    private static final String EXPERIMENT = """
            name: restart-and-strict
            duration: 60s
            target: {mock: {nodes: 1}}
            load:
              strict:
                clients: 200
                arrive: {over: 10s}
                offer: [permessage-deflate]
                require: [permessage-deflate]
                on-1010: stop
                reconnect: guide
              phones: {clients: 300, arrive: {over: 10s}, reconnect: {delay: 1s..5s, growth: 1.5, cap: 30s, attempts: 20}}
            faults:
              - {withhold: permessage-deflate, probability: 10%, from: 0s, to: 15s}
              - restart: {at: 20s, code: 1012, drain: 2s, downtime: 3s, deadline: 30s}
            expect:
              - restart.recovered.rate >= 99.9%
              - restart.outage.p99 <= SIXTEEN
              - strict: extension.1010.rate <= 20%
            """;

    @TempDir
    private Path directory;

    private Assessment assess(String limit) throws IOException {
        return assess(Runs.plan(EXPERIMENT.replace("SIXTEEN", limit), 42));
    }

    private Assessment assess(Plan plan) throws IOException {
        Runs.write(plan, directory);
        new RunInfo(
                        RunInfo.SCHEMA,
                        plan.experiment(),
                        "2026-01-01T00:00:00Z",
                        42,
                        List.of("run"),
                        "",
                        List.of(),
                        Map.of(),
                        Map.of(),
                        Map.of())
                .write(directory.resolve("run.json"));
        return Assessment.of(new RunDirectory(directory));
    }

    @Test
    void theSummaryTellsOfManyNodesTogether() throws IOException {
        Assessment assessment =
                assess(Runs.plan(EXPERIMENT.replace("SIXTEEN", "16s").replace("nodes: 1", "nodes: 5"), 42));
        List<RestartFigures> ofNodes = assessment.statistics().all().restarts();
        long affected = ofNodes.stream().mapToLong(RestartFigures::affected).sum();

        assertThat(ofNodes).hasSize(5);
        assertThat(new Summary(assessment).toString().lines().filter(line -> line.startsWith("1012")))
                .singleElement()
                .asString()
                .startsWith("1012 restart at 20 s of 5 nodes   " + affected + " affected, " + affected + " back");
    }

    @Test
    void theSummaryOfAPassIsAsDesigned() throws IOException {
        Assessment assessment = assess("16s");

        assertThat(new Summary(assessment).toString().replace(directory.toString(), "RUN"))
                .isEqualTo("""
                        PASS  restart-and-strict   seed 42   60 s
                        1012 restart at 20 s   477 affected, 477 back within 30 s (100%, 95% >= 99.2%)
                          412 attempts failed: refused
                          outage p50 6.1 s  p99 11.3 s   storm 169 attempts/s (amplification 1.9)
                        1010 missing permessage-deflate   23 of 200 strict handshakes (11.5%, planned 10%)
                        trust   ledger balanced
                        files   RUN/results.json      next: squall run --set load.phones.reconnect=immediate
                        """);
    }

    @Test
    void aStormStandsBesideWhatThePoliciesSayAndCurvesEndWhereClientsNeverCame() throws IOException {
        Plan plan = Runs.plan("""
                name: curves
                duration: 60s
                target: {mock: {nodes: 2}}
                load:
                  quitters: {clients: 40, reconnect: {delay: 1s, attempts: 2}}
                  phones: {clients: 960, reconnect: guide}
                faults:
                  - restart: {at: 20s, drain: 4s, downtime: 5s, deadline: 20s}
                  - {withhold: permessage-deflate, from: 5s}
                """, 42);
        JsonNode results = JsonMapper.builder().build().readTree(assess(plan).results());

        assertThat(results.get("faults")).hasSize(2);
        assertThat(results.at("/faults/0").toString())
                .isEqualTo("{\"index\":0,\"fault\":\"restart\",\"text\":\"1012, drain 4 s, downtime 5 s\","
                        + "\"fromSeconds\":20,\"toSeconds\":29,\"nodes\":[0,1]}");
        assertThat(results.at("/faults/1/toSeconds").asInt()).isEqualTo(60);
        for (JsonNode restart : results.get("restarts")) {
            JsonNode storm = restart.get("storm");
            assertThat(sum(storm.get("attempts")))
                    .isEqualTo(restart.at("/attempts/total").asLong());
            assertThat((double) sum(storm.get("predicted")))
                    .isCloseTo(sum(storm.get("attempts")), withinPercentage(10));
            JsonNode curve = restart.at("/outageSeconds/curve");
            assertThat(curve).hasSameSizeAs(results.get("quantiles"));
            int median = index(results.get("quantiles"), 0.5);
            assertThat(curve.get(median)).isEqualTo(restart.at("/outageSeconds/p50"));
            assertThat(restart.at("/outageSeconds/count")).isEqualTo(restart.get("affected"));
            assertThat(restart.at("/outageSeconds/never").asInt()).isPositive();
            assertThat(curve.get(curve.size() - 1).isNull()).as("one gave up").isTrue();
        }
        assertThat(results.at("/populations/0/restarts/0").has("storm")).isFalse();
        assertThat(results.at("/series/stallMillis")).hasSameSizeAs(results.at("/series/open"));
        assertThat(results.at("/series/busy/0").isNull()).as("nobody looked").isTrue();
        assertThat(results.get("processes"))
                .extracting(process -> process.get("name").asText())
                .containsExactlyInAnyOrder("node-0", "clients-0");
    }

    private static long sum(JsonNode numbers) {
        long sum = 0;
        for (JsonNode number : numbers) {
            sum += number.asLong();
        }
        return sum;
    }

    private static int index(JsonNode numbers, double of) {
        for (int i = 0; i < numbers.size(); i++) {
            if (numbers.get(i).asDouble() == of) {
                return i;
            }
        }
        throw new AssertionError(of + " is not among " + numbers);
    }

    @Test
    void whatARolloutDidToAClientAndToTheNodesIsTold() throws IOException {
        Plan plan = Runs.plan("""
                name: deploy
                duration: 60s
                target: {mock: {nodes: 3, balance: round-robin}}
                load: {phones: {clients: 300, reconnect: {delay: 1s..3s}}}
                faults: [{restart: {at: 20s, nodes: [0], downtime: 10s, deadline: 10s}}]
                """, 42);
        Assessment assessment = assess(plan);

        assertThat(new Summary(assessment).toString())
                .contains("\nrollout drops a client p50 0  p99 1  max 1   reconnects p50 0  p99 1  max 1   round-robin,"
                        + " fullest node 1.52 x the mean at the end, at most 1.52 x\n");
        JsonNode results = JsonMapper.builder().build().readTree(assessment.results());
        assertThat(results.at("/target/balance").asText()).isEqualTo("round-robin");
        assertThat(results.at("/rollout/dropsPerClient/mean").asDouble()).isEqualTo(1 / 3.0);
        assertThat(results.at("/populations/0/rollout/reconnectsPerClient/max").asInt())
                .isEqualTo(1);
        assertThat(results.at("/nodes/0").toString())
                .isEqualTo("{\"node\":0,\"open\":0,\"peak\":100,\"inRotation\":true}");
        assertThat(results.at("/imbalance/end").asDouble()).isEqualTo(1.52);
    }

    @Test
    void aNodeThatIsDownForGoodIsToldWithoutRecoveryAndFailsNothing() throws IOException {
        Plan plan = Runs.plan("""
                name: gone
                duration: 60s
                load:
                  quitters: {clients: 100, reconnect: {delay: 1s, attempts: 5}}
                  phones: {clients: 300, reconnect: guide}
                faults: [{restart: {at: 20s, downtime: forever}}]
                """, 42);
        Assessment assessment = assess(plan);

        assertThat(assessment.verdict()).isEqualTo(Verdict.PASS);
        assertThat(new Summary(assessment).toString())
                .startsWith("PASS  gone")
                .contains(
                        "1012 restart at 20 s, down for good   400 affected\n",
                        "  300 still trying when the run ended, 100 gave up, ",
                        "\n  storm ")
                .doesNotContain("back within", "outage", "never");
        JsonNode restart =
                JsonMapper.builder().build().readTree(assessment.results()).at("/restarts/0");
        assertThat(restart.get("downSeconds").isNull()).isTrue();
        assertThat(restart.get("successRate").asDouble(1)).isZero();
        assertThat(restart.get("late").asInt()).isEqualTo(300);
        assertThat(restart.get("gaveUp").asInt()).isEqualTo(100);
        assertThat(restart.at("/outageSeconds/reasons/p50").asText()).isEqualTo("400 of 400 never came back");
    }

    @Test
    void whoOfAMixIsBackAndWhoIsReadyAgainIsTold() throws IOException {
        Plan plan = Runs.plan("""
                name: mixed
                duration: 60s
                load:
                  quitters: {clients: 1, reconnect: none}
                  desks: {clients: 1, reconnect: guide}
                  phones: {clients: 100}
                faults: [{restart: {at: 20s}}]
                """, 42);
        Mix guided = plan.population("desks").orElseThrow().reconnect();
        Plan talking = Runs.with(plan, "desks", p -> Runs.with(p, new Dialogue(null, null, 100_000), null, guided));
        Assessment assessment = assess(Runs.mixed(talking, "phones", "desks", "quitters"));

        assertThat(new Summary(assessment).toString())
                .contains("1012 restart at 20 s   102 affected, 49 back within 30 s (48%")
                .contains("\n  49 ready again in time (48%), 53 gave up, 2 attempts failed: not-ready")
                .contains("\n  back  phones/guide 48 of 48 (100%), phones/none 0 of 52 (0%)\n")
                .doesNotContain("relapsed");
        JsonNode json = JsonMapper.builder().build().readTree(assessment.results());
        JsonNode policies = json.at("/populations/2/policies");
        assertThat(policies.at("/0/name").asText()).isEqualTo("guide");
        assertThat(policies.at("/0/share").asDouble()).isEqualTo(0.5);
        assertThat(policies.at("/0/restarts/0/recovered").asInt()).isEqualTo(48);
        assertThat(policies.at("/1/clients/gaveUp").asInt()).isEqualTo(52);
        assertThat(policies.at("/0/echoSeconds").isMissingNode())
                .as("not told apart")
                .isTrue();
        assertThat(json.at("/populations/0/policies/0").has("restarts"))
                .as("the population's own")
                .isFalse();
    }

    @Test
    void roundTripsOfPingsAreToldAsThoseOfEchoes() throws IOException {
        assess("16s");
        Files.delete(directory.resolve("clients-0.hlog"));
        try (LatencyLog log = new LatencyLog(directory.resolve("clients-0.hlog"))) {
            log.series("ping.phones").record(3_000);
            log.series("ping.phones").recordNever(1);
            log.series("ping.strict").record(1_000);
            log.series("echo.strict").record(9_000);
            log.flush(0, 1_000_000);
            log.series("ping.phones").record(500_000);
            log.flush(60_000_000, 61_000_000);
        }

        Assessment assessment = Assessment.of(new RunDirectory(directory));

        JsonNode json = JsonMapper.builder().build().readTree(assessment.results());
        JsonNode phones = json.at("/populations/1/pingSeconds");
        assertThat(phones.get("count").asInt()).as("but for the closing phase").isEqualTo(2);
        assertThat(phones.get("p50").asDouble()).isCloseTo(0.003, within(1e-5));
        assertThat(phones.get("max").isNull()).as("one pong never came").isTrue();
        assertThat(json.at("/pingSeconds/count").asInt()).isEqualTo(3);
        assertThat(json.at("/populations/0/pingSeconds/max").asDouble()).isCloseTo(0.001, within(1e-5));
        assertThat(json.at("/echoSeconds/count").asInt()).isEqualTo(1);
        assertThat(Metrics.find("ping.rtt.p50").orElseThrow().reader().read(assessment.statistics(), "phones"))
                .singleElement()
                .satisfies(reading -> assertThat(reading.value()).isCloseTo(3_000, within(10.0)));
    }

    @Test
    void aFailedExpectationIsToldWithWhatWasObserved() throws IOException {
        Assessment assessment = assess("2s");

        assertThat(assessment.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(new Summary(assessment).toString())
                .startsWith("FAIL  restart-and-strict")
                .contains("  fail  restart.outage.p99 <= 2s   observed 11.3 s")
                .contains("next: squall explain 1012");
    }

    @Test
    void theSameJournalsGiveTheSameResultsByteForByte() throws IOException {
        String first = assess("16s").results();

        assertThat(Assessment.of(new RunDirectory(directory)).results()).isEqualTo(first);
        JsonNode json = JsonMapper.builder().build().readTree(first);
        assertThat(json.fieldNames())
                .toIterable()
                .contains(
                        "schema",
                        "experiment",
                        "seed",
                        "startedAt",
                        "durationSeconds",
                        "verdict",
                        "findings",
                        "clients",
                        "closes",
                        "restarts",
                        "extensions",
                        "ledger",
                        "injector",
                        "populations",
                        "series");
        assertThat(json.at("/restarts/0/affected").asInt()).isEqualTo(477);
        assertThat(json.at("/restarts/0/outageSeconds/p50").asDouble()).isBetween(6.0, 6.2);
        assertThat(json.at("/extensions/0/plannedRate").asDouble()).isEqualTo(0.1);
        assertThat(json.at("/ledger/balanced").asBoolean()).isTrue();
        assertThat(json.at("/populations/1/name").asText()).isEqualTo("phones");
        assertThat(json.at("/series/open").size()).isEqualTo(60);
        assertThat(json.at("/findings/1/observed").asDouble()).isLessThan(16);
    }

    @Test
    void aMissingRowCostsThePassButIsNoFailure() throws IOException {
        assess("16s");
        Path journal = directory.resolve("clients-0.csv");
        List<String> lines = new ArrayList<>(Files.readAllLines(journal));
        // A row whose absence changes no figure, so that only its number tells.
        lines.remove(
                lines.stream().filter(l -> l.contains(",WAITING,")).findFirst().orElseThrow());
        Files.write(journal, lines);

        Assessment assessment = Assessment.of(new RunDirectory(directory));

        assertThat(assessment.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(new Summary(assessment).toString()).contains("1 journal rows missing by their running numbers");
    }

    @Test
    void aJournalOfAnotherVersionIsRefused() throws IOException {
        assess("16s");
        Path journal = directory.resolve("node-0.csv");
        Files.writeString(journal, Files.readString(journal).replaceFirst("t_us", "t_ms"));

        assertThatThrownBy(() -> Assessment.of(new RunDirectory(directory)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("node-0.csv")
                .hasMessageContaining("expected");
    }

    @Test
    void aRunWhoseHarnessDiedCannotPass() throws IOException {
        assess("16s");
        Path harness = directory.resolve("harness.csv");
        List<String> lines = new ArrayList<>(Files.readAllLines(harness));
        lines.removeIf(line -> line.contains("RUN_ENDED") || line.contains("JOURNAL_ENDED"));
        Files.write(harness, lines);

        Assessment assessment = Assessment.of(new RunDirectory(directory));

        assertThat(assessment.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(new Summary(assessment).toString()).contains("the harness died during the run");
    }

    @Test
    void whoIsStillOnTheWayWhenARunIsInterruptedIsNoFailure() throws IOException {
        assess("16s");
        Runs.harness(directory, rows -> rows.add(24_000_000, JournalEvent.INTERRUPTED, 0, "by a signal"));

        Assessment assessment = Assessment.of(new RunDirectory(directory));

        assertThat(assessment.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(new Summary(assessment).toString())
                .contains("interrupted")
                .contains("not back when the run ended")
                .doesNotContain("fail  ");
    }

    @Test
    void aCutIntervalLogCostsTheTrustButNotTheResults() throws IOException {
        assess("16s");
        Files.delete(directory.resolve("clients-0.hlog"));
        try (LatencyLog log = new LatencyLog(directory.resolve("clients-0.hlog"))) {
            log.series("stall").record(5_000);
            log.flush(0, 1_000_000);
            log.series("stall").record(6_000);
            log.flush(1_000_000, 2_000_000);
        }
        Path log = directory.resolve("clients-0.hlog");
        byte[] bytes = Files.readAllBytes(log);
        Files.write(log, Arrays.copyOf(bytes, bytes.length - 60));

        Assessment assessment = Assessment.of(new RunDirectory(directory));

        assertThat(assessment.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(new Summary(assessment).toString())
                .contains("clients-0.hlog ends in the middle of a line")
                .contains("injector stall p99 5 ms");
    }
}
