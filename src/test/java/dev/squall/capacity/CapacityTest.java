package dev.squall.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapacityTest {

    private static final String ALL =
            "meet every expectation (restart.outage.p99 <= 15s, restart.recovered.rate >= 99.9%).";

    private static Study clients(int start, double most, int trials) {
        return new Study(new Clients(Map.of("phones", start), most, 0.05), trials, 7);
    }

    @Test
    void theStatementHasTheAnswerItsIntervalAndWhatBreaksFirst() {
        Capacity capacity = MadeUp.capacity();
        Answer answer = capacity.answer();

        assertThat(capacity.verdict()).isEqualTo(Verdict.PASS);
        assertThat(answer.low()).isLessThanOrEqualTo(15_000);
        assertThat(answer.high()).isGreaterThanOrEqualTo(15_000);
        assertThat(capacity.statement())
                .startsWith(String.format(
                                "Up to %,.0f clients (95%%: %,.0f to %,.0f) ",
                                answer.value(), answer.low(), answer.high())
                        + ALL.substring(0, ALL.length() - 1)
                        + String.format(" in half of the runs, %,.0f in 95%% of them.", answer.safe()))
                .containsPattern("The first to break is restart\\.outage\\.p99 <= 15s:"
                        + " 1[45](\\.\\d)? s at 1[45],\\d00 clients, 15\\.\\d s at 15,\\d00 clients\\.$");
    }

    @Test
    void theJsonHasEveryTrialWithItsSeedItsRunAndWhatWasObserved() {
        Capacity capacity = MadeUp.capacity();
        JsonNode json = capacity.json();

        assertThat(json.get("schema").asText()).isEqualTo("squall/capacity/1");
        assertThat(json.get("answer").asDouble()).isEqualTo(capacity.answer().value());
        assertThat(json.at("/interval/1").asDouble())
                .isEqualTo(capacity.answer().high());
        assertThat(json.get("safe").asDouble())
                .isBetween(12_000.0, capacity.answer().value());
        assertThat(json.get("trials")).hasSameSizeAs(capacity.trials());
        for (int i = 0; i < json.get("trials").size(); i++) {
            JsonNode trial = json.get("trials").get(i);
            assertThat(trial.get("seed").asLong()).isEqualTo(7 + i);
            assertThat(trial.get("directory").asText()).isEqualTo("../run " + (7 + i));
            assertThat(trial.at("/findings/0/observed").asDouble())
                    .isEqualTo(trial.get("value").asDouble() / 1000);
        }
        assertThat(json.at("/firstToBreak/expect").asText()).isEqualTo("restart.outage.p99 <= 15s");
        assertThat(json.at("/firstToBreak/lastPassing/observed").asDouble()).isLessThanOrEqualTo(15);
        assertThat(json.at("/firstToBreak/firstFailing/observed").asDouble()).isGreaterThan(15);
        assertThat(json.at("/expectations/0/limits/0").asDouble()).isEqualTo(15);
        assertThat(json.get("expectations")).hasSize(2);
    }

    @Test
    void whatPassesUpToTheMostAndWhatNeverPassesIsSaid() {
        assertThat(MadeUp.capacity(clients(100, 1_000, 24), MadeUp::trial).statement())
                .isEqualTo("1,000 clients, the most that was to be tried, " + ALL);

        Capacity none = MadeUp.capacity(
                clients(2, 1_000, 24), (value, seed) -> MadeUp.trial(value, seed, MadeUp.results(null, "fail", "")));
        assertThat(none.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(none.statement())
                .startsWith("Not even 1 client meets every expectation (restart.outage.p99")
                .endsWith("The first to break is restart.outage.p99 <= 15s: never at 1 client.");
    }

    @Test
    void theMachineThatBindsIsNamedWithWhatIsKnown() {
        Capacity refused = MadeUp.capacity(
                clients(4_000, 1e6, 24),
                (value, seed) -> value > 5_000
                        ? Trial.refused(value, seed, "the machine, not the service, is what binds: memory")
                        : MadeUp.trial(value, seed));

        assertThat(refused.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(refused.statement())
                .isEqualTo(
                        "At 8,000 clients the machine, not the service, is what binds: memory; 4,000 clients " + ALL);
        assertThat(refused.json().at("/trials/1/directory").isNull()).isTrue();
    }

    @Test
    void theHarnessThatBindsOnTheEdgeIsNamedWithWhatIsKnownOfIt() {
        Capacity stalled = MadeUp.capacity(
                clients(4_000, 1e6, 24),
                (value, seed) -> Math.abs(value - 15_000) < 1_000
                        ? MadeUp.trial(value, seed, MadeUp.results(15.0, "inconclusive", "a stall of 2 s", 2.0))
                        : MadeUp.trial(value, seed));

        assertThat(stalled.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(stalled.statement())
                .matches(
                        "At 1[45],\\d00 clients the harness, not the service, is what binds: restart\\.outage\\.p99 <= 15s:"
                                + " a stall of 2 s\\. As far as is known the edge is at 1\\d,\\d00 \\(95%: .*");
        assertThat(stalled.json().get("ending").asText()).isEqualTo("harness");
    }

    @Test
    void aSettingIsToldFromTheSideThatPasses() {
        Setting drain = Setting.parse("faults.0.restart.drain", "0s..60s", 0.05);
        Capacity capacity = MadeUp.capacity(new Study(drain, 40, 7), (value, seed) -> {
            double outage = 30 - value / 1e6; // The longer the drain the shorter.
            return MadeUp.trial(value, seed, MadeUp.results(outage, outage <= 15 ? "pass" : "fail", ""));
        });

        assertThat(capacity.statement())
                .matches(
                        "faults\\.0\\.restart\\.drain of at least 1\\d(\\.5)? s \\(95%: 1\\d(\\.5)? s to 1\\d(\\.5)? s\\) meets .*");
        assertThat(capacity.json().get("unit").asText()).isEqualTo("s");
        assertThat(capacity.json().get("answer").asDouble()).isBetween(12.0, 18.0);
        assertThat(capacity.json().at("/trials/1/value").asDouble()).isEqualTo(60);
        JsonNode broken = capacity.json().get("firstToBreak");
        assertThat(broken.at("/lastPassing/value").asDouble()
                        - broken.at("/firstFailing/value").asDouble())
                .isBetween(0.0, 3.0);
    }

    @Test
    void anInterruptedSearchTellsWhatIsKnown() {
        Study study = clients(4_000, 1e6, 24);
        List<Double> tried = new ArrayList<>();
        Study.Done done = study.carryOut(
                (value, seed) -> {
                    tried.add(value);
                    return tried.size() > 2 ? Optional.empty() : Optional.of(MadeUp.trial(value, seed));
                },
                (number, trial, bracket) -> {});

        assertThat(done.trials()).hasSize(2);
        assertThat(MadeUp.capacity(study, done).statement())
                .isEqualTo("Interrupted after 2 trials; 8,000 clients " + ALL);
    }

    // ---- what a run says

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "14.9 | pass | '' | PASS",
                "15.1 | fail | '' | FAIL",
                "15.01 | inconclusive | the processors were saturated for 7 s: its times are this machine's | UNKNOWN",
                "'' | inconclusive | nothing was measured | UNKNOWN"
            })
    void aRunPassesFailsOrSaysNothing(String observed, String verdict, String note, Outcome outcome) {
        Double value = observed.isEmpty() ? null : Double.valueOf(observed);
        assertThat(MadeUp.trial(1, 1, MadeUp.results(value, verdict, note)).outcome())
                .isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource({"14.99, 0.05, PASS", "15.01, 0.05, FAIL", "14.9, 0.75, PASS", "15.01, 0.76, UNKNOWN", "14, 2, UNKNOWN"})
    void aTimeThatAShortStallCouldHaveTurnedIsTakenAsObservedAndOneThatALongStallCouldSaysNothing(
            double observed, double stall, Outcome outcome) {
        Trial trial = MadeUp.trial(1, 1, MadeUp.results(observed, "inconclusive", "a stall", stall));

        assertThat(trial.outcome()).isEqualTo(outcome);
        assertThat(trial.note())
                .isEqualTo(
                        outcome == Outcome.UNKNOWN
                                ? "the harness, not the service, is what binds: restart.outage.p99 <= 15s: a stall"
                                : "");
        assertThat(trial.broken()).hasSize(outcome == Outcome.FAIL ? 1 : 0);
    }

    @Test
    void aFailureStandsUnlessAChildWasLostOrOnlyTheMeasuringFailed() {
        ObjectNode lost = MadeUp.results(20.0, "fail", "");
        ((ObjectNode) lost.get("injector"))
                .put("trusted", false)
                .withArray("reasons")
                .add("injector 1 was lost");
        assertThat(MadeUp.trial(1, 1, lost).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(MadeUp.trial(1, 1, lost).note()).endsWith("what binds: injector 1 was lost");

        ObjectNode onTheEdge = MadeUp.results(14.99, "inconclusive", "a stall", 0.05);
        ((ObjectNode) onTheEdge.get("injector")).put("trusted", false);
        assertThat(MadeUp.trial(1, 1, onTheEdge).outcome()).isEqualTo(Outcome.UNKNOWN);

        ObjectNode unbalanced = MadeUp.results(1.0, "pass", "");
        ((ObjectNode) unbalanced.at("/findings/2")).put("verdict", "fail").put("observed", 3);
        assertThat(MadeUp.trial(1, 1, unbalanced).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(MadeUp.trial(1, 1, unbalanced).broken()).isEmpty();
    }

    @Test
    void countsThatFailOnASaturatedMachineStandButTheStatementWarns() {
        Capacity capacity = MadeUp.capacity(clients(4_000, 1e6, 24), (value, seed) -> {
            ObjectNode results = MadeUp.results(value / 1e3, value <= 15_000 ? "pass" : "inconclusive", "saturated");
            if (value > 15_000) {
                ((ObjectNode) results.at("/findings/1")).put("verdict", "fail").put("observed", 0.9);
                ((ObjectNode) results.at("/injector/processors")).put("saturatedSeconds", 9);
            }
            return MadeUp.trial(value, seed, results);
        });

        assertThat(capacity.verdict()).isEqualTo(Verdict.PASS);
        assertThat(capacity.statement())
                .contains("The first to break is restart.recovered.rate >= 99.9%: 100% at ")
                .endsWith("In trials that failed near the edge the processors were saturated for up to 9 s:"
                        + " on a larger machine more may pass.");
    }
}
