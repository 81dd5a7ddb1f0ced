package dev.squall.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.squall.journal.HarnessJournal;
import dev.squall.plan.Observation;
import dev.squall.plan.Plan;
import dev.squall.stats.Runs;
import dev.squall.stats.SteadyState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Observations and the steady state, judged. */
class SteadyStateTest {

    private static final String YAML = """
            duration: 20s
            target: {mock: {nodes: 1}}
            load: {phones: {clients: 100, arrive: {over: 1s}, message: {every: 1s}, reconnect: {delay: 0s..1s}}}
            faults: [{restart: {at: 10s, deadline: 5s}}]
            observe:
              db: {json: "http://localhost/", field: /a}
              health: {status: "http://localhost/", every: 2s}
            expect: [EXPECT]
            """;

    private static Plan plan(String... expectations) {
        return Runs.plan(YAML.replace("EXPECT", "'" + String.join("', '", expectations) + "'"), 1);
    }

    private static HarnessJournal journal(List<HarnessJournal.Polled> polled, List<HarnessJournal.Steady> steady) {
        return new HarnessJournal(
                Long.MAX_VALUE,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                polled,
                steady,
                List.of(),
                List.of(),
                List.of());
    }

    private static List<Finding> judge(Plan plan, HarnessJournal journal) {
        return new Judge(Runs.of(plan, journal, row -> row), 0)
                .judge(plan.expectations().stream().map(Expectation::parse).toList());
    }

    /** So many answers of 1, 2, ..., and of the rest none. */
    private static List<HarnessJournal.Polled> polled(String name, int of, int answers) {
        List<HarnessJournal.Polled> polled = new ArrayList<>();
        for (int i = 0; i < of; i++) {
            polled.add(
                    i < answers
                            ? new HarnessJournal.Polled(name, i, i + 1, "")
                            : new HarnessJournal.Polled(name, i, Double.NaN, "HTTP 500"));
        }
        return polled;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "20|observed.db.max <= 20|PASS|20|''",
                "20|observed.db.max <= 19|FAIL|20|''",
                "20|observed.db.mean == 10.5|PASS|10.5|''",
                "20|observed.db.min == 1|PASS|1|''",
                "20|observed.db.p50 == 10|PASS|10|''",
                "20|observed.db.p99 == 20|PASS|20|''",
                "20|observed.db.last == 20|PASS|20|''",
                "20|observed.db.gaps == 0|PASS|0|''",
                "18|observed.db.mean == 9.5|PASS|9.5|2 of 20 polls without an answer: HTTP 500",
                "17|observed.db.mean == 9|INCONCLUSIVE|9|3 of 20 polls without an answer: HTTP 500 (expected: at most 10%)",
                "17|observed.db.gaps <= 5|PASS|3|3 of 20 polls without an answer: HTTP 500",
                "17|observed.db.max <= 20|INCONCLUSIVE|17|3 of 20 polls without an answer: HTTP 500 (expected: at most 10%)",
                // What is known suffices: it cannot have been less.
                "17|observed.db.max <= 10|FAIL|17|''",
                "0|observed.db.max <= 20|INCONCLUSIVE|NaN|20 of 20 polls without an answer"
            })
    void anObservationIsJudgedIfEnoughOfItIsKnown(
            int answers, String expectation, Verdict verdict, double observed, String note) {
        Finding finding = judge(plan(expectation), journal(polled("db", 20, answers), List.of()))
                .get(0);

        assertThat(finding.verdict()).as(finding.note()).isEqualTo(verdict);
        assertThat(finding.observed()).isEqualTo(Double.valueOf(observed));
        assertThat(finding.note()).contains(note);
    }

    @Test
    void aGapIsNotUpAndNeitherIsAnError() {
        List<HarnessJournal.Polled> polled = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            polled.add(new HarnessJournal.Polled("health", i, i == 3 ? 503 : 204, ""));
        }
        polled.add(new HarnessJournal.Polled("health", 8, Double.NaN, "no connection"));

        Finding finding = judge(plan("observed.health.up.rate >= 70%"), journal(polled, List.of()))
                .get(0);

        // Of the ten that were due, one of which the harness did not even make.
        assertThat(finding.observed()).isEqualTo(0.7);
        assertThat(finding.verdict()).isEqualTo(Verdict.PASS);
        assertThat(finding.note()).isEqualTo("2 of 10 polls without an answer: no connection");
    }

    @Test
    void anObservationIsASeriesBySecondWithNothingWhereNobodyAsked() {
        Plan plan = plan("observed.health.max <= 300");
        double[] series = Runs.of(plan, journal(polled("health", 10, 9), List.of()), row -> row)
                .observed("health")
                .orElseThrow()
                .series(20);

        assertThat(series).startsWith(1, Double.NaN, 2, Double.NaN, 3).endsWith(9, Double.NaN, Double.NaN, Double.NaN);
    }

    @Test
    void aSteadyStateThatHeldIsAFindingOfItsOwnAndTheRunIsJudgedAsEver() {
        List<Finding> findings = judge(
                plan("steady: observed.db.max <= 9", "observed.db.max <= 20"),
                journal(polled("db", 20, 20), List.of(new HarnessJournal.Steady(true, 8, ""))));

        assertThat(findings.get(0).expectation().steady()).isTrue();
        assertThat(findings.get(0).verdict()).isEqualTo(Verdict.PASS);
        assertThat(findings.get(0).observed()).isEqualTo(8);
        assertThat(findings.get(0).note()).isEqualTo("measured from 2 s to 8.5 s, before the first fault");
        assertThat(findings.get(1).verdict()).isEqualTo(Verdict.PASS);
        assertThat(Judge.verdict(findings)).isEqualTo(Verdict.PASS);
    }

    @Test
    void whereItDidNotHoldNothingOfTheRunIsConcludedAndNothingFails() {
        List<Finding> findings = judge(
                plan("steady: observed.db.max <= 9", "observed.db.max <= 10"),
                journal(polled("db", 20, 20), List.of(new HarnessJournal.Steady(false, 12, "why"))));

        assertThat(findings.get(0).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(findings.get(0).note())
                .isEqualTo("steady state did not hold: measured from 2 s to 8.5 s, before the first fault; why");
        assertThat(findings.get(1).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(findings.get(1).note()).isEqualTo("steady state did not hold, so nothing was injected");
        assertThat(Judge.verdict(findings)).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void aRunThatEndedBeforeSaysSo() {
        Finding finding = judge(plan("steady: clients.open.rate == 1"), journal(List.of(), List.of()))
                .get(0);

        assertThat(finding.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(finding.note()).isEqualTo("the run ended before the steady state was judged");
    }

    @Test
    void beforeItRecoveryIsStillExpectedWhereNothingElseIs() {
        assertThat(judge(
                        plan("steady: observed.db.max <= 9"),
                        journal(List.of(), List.of(new HarnessJournal.Steady(true, 8, "")))))
                .extracting(finding -> finding.expectation().text())
                .contains("restart.recovered.rate >= 100%");
    }

    // ---- while the run goes on

    private static SteadyState live(Plan plan) {
        return new SteadyState(plan, Objects.requireNonNull(plan.steady()));
    }

    private static Finding judge(Plan plan, SteadyState state) {
        return new Judge(state, 0)
                .judge(List.of(Expectation.parse(plan.expectations().get(0))))
                .get(0);
    }

    private static Histogram interval(String tag, long fromMillis, long... micros) {
        Histogram interval = new Histogram(3);
        interval.setTag(tag);
        interval.setStartTimeStamp(fromMillis);
        interval.setEndTimeStamp(fromMillis + 1000);
        for (long value : micros) {
            interval.recordValue(value);
        }
        return interval;
    }

    @Test
    void onlyWhatWasDueWithinTheWindowCounts() {
        Plan plan = plan("steady: observed.db.max <= 100");
        SteadyState state = live(plan);
        Observation db = plan.observations().get(0);
        for (int poll = 0; poll < 12; poll++) {
            state.answered(db, poll, poll < 2 || poll >= 9 ? 1_000 : poll);
        }

        assertThat(judge(plan, state).observed()).isEqualTo(8);
        assertThat(judge(plan, state).verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void whatNobodyCouldObserveDoesNotHold() {
        Plan plan = plan("steady: observed.db.max <= 100");
        SteadyState state = live(plan);
        state.answered(plan.observations().get(0), 2, 5);
        state.missed(plan.observations().get(0), 3, "no connection");

        assertThat(judge(plan, state).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(judge(plan, state).note()).contains("6 of 7 polls without an answer: no connection");
    }

    @ParameterizedTest
    @CsvSource({
        "steady: echo.rtt.max <= 20ms, 5000, PASS",
        "steady: phones: echo.rtt.max <= 20ms, 5000, PASS",
        "steady: echo.rtt.max <= 1ms, 5000, FAIL",
        "steady: injector.stall.max <= 5ms, 3000, PASS",
        "steady: injector.stall.max <= 2ms, 3000, FAIL"
    })
    void roundTripsAndStallsAreOfTheIntervalsWithinIt(String expectation, double observed, Verdict verdict) {
        Plan plan = plan(expectation);
        SteadyState state = live(plan);
        state.latencies(-1, interval("echo.phones", 1_500, 900_000));
        state.latencies(-1, interval("echo.phones", 2_500, 1_000, 5_000));
        state.latencies(-1, interval("stall", 2_500, 3_000));
        state.latencies(0, interval("stall", 2_500, 10));

        Finding finding = judge(plan, state);
        assertThat(finding.verdict()).as(finding.note()).isEqualTo(verdict);
        assertThat(finding.observed()).isCloseTo(observed, withinPercentage(0.1));
    }

    @Test
    void aRoundTripThatAStallMayHaveTurnedIsNotKnown() {
        Plan plan = plan("steady: echo.rtt.max <= 50ms");
        SteadyState state = live(plan);
        state.latencies(-1, interval("echo.phones", 2_500, 60_000));
        state.latencies(-1, interval("stall", 2_500, 40_000));

        assertThat(judge(plan, state).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void clientsThatAreAwayOrFailAreCounted() {
        Plan away = plan("steady: clients.open.rate >= 99%");
        SteadyState state = live(away);
        state.clients(97, 100, 3);

        assertThat(judge(away, state).verdict()).isEqualTo(Verdict.FAIL);
        assertThat(judge(away, state).note()).isEqualTo("97 of 100");
        Plan failing = plan("steady: attempts.failed.count == 3");
        assertThat(judge(failing, state).verdict()).isEqualTo(Verdict.PASS);
    }
}
