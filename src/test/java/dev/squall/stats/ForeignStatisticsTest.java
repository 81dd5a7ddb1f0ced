package dev.squall.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalRow;
import dev.squall.plan.Plan;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Finding;
import dev.squall.verdict.Judge;
import dev.squall.verdict.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same run on virtual time measured twice: with its nodes' journals, and with those of its clients alone, as against a
 * server that is not ours. What the clients can know must come out the same.
 */
class ForeignStatisticsTest {

    private static final String LOAD = """
            load:
              phones: {clients: 3000, arrive: {over: 10s}, reconnect: rfc6455}
              eager: {clients: 1000, arrive: {over: 10s}, reconnect: {delay: 20ms..1s, growth: 2, cap: 4s}}
            """;
    private static final String OURS = "duration: 100s\n" + LOAD + """
            faults: [{restart: {at: 20s, code: %d, drain: 2s, downtime: 3s, deadline: 60s}}]
            """;
    private static final String THEIRS = "duration: 100s\n" + LOAD + """
            target: {url: "ws://127.0.0.1:9300/", restart: {deadline: 60s%s}}
            """;

    private static List<JournalRow> clientRows(Plan ours) {
        List<JournalRow> rows = new ArrayList<>();
        new VirtualFleet(ours, (node, row) -> {
                    if (node < 0) {
                        rows.add(row);
                    }
                })
                .run();
        return rows;
    }

    private static Statistics measured(
            Plan theirs, HarnessJournal harness, List<JournalRow> rows, UnaryOperator<JournalRow> alter) {
        Plan.Endpoint endpoint = theirs.endpoint();
        assertThat(endpoint).isNotNull();
        RestartFinder finder = new RestartFinder(theirs, endpoint, harness, JournalPass.end(theirs, harness));
        rows.forEach(row -> finder.accept(alter.apply(row)));
        JournalPass pass = new JournalPass(theirs, harness, finder.found(), each -> {});
        rows.forEach(row -> pass.accept(-1, alter.apply(row)));
        return pass.finish();
    }

    private static Verdict verdict(Statistics statistics, String expectation) {
        return new Judge(statistics, 0)
                .judge(List.of(Expectation.parse(expectation))).stream()
                        .map(Finding::verdict)
                        .findFirst()
                        .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {1012, 1001, 1000})
    void aRestartFoundInTheLossesHasTheFiguresOfTheOneThatTheNodeTold(int code) {
        Plan ours = Runs.plan(String.format(OURS, code), 3);
        Statistics told = Runs.of(ours);
        Statistics found = measured(Runs.plan(String.format(THEIRS, ""), 3), Runs.QUIET, clientRows(ours), row -> row);

        RestartFigures truth = told.all().restarts().get(0);
        assertThat(found.all().restarts()).hasSize(1);
        RestartFigures restart = found.all().restarts().get(0);
        assertThat(restart.source()).isEqualTo(RestartFigures.Source.BURST);
        assertThat(restart.codes()).isEqualTo(truth.codes());
        assertThat(restart.affected()).isEqualTo(truth.affected());
        assertThat(restart.recovered()).isEqualTo(truth.recovered());
        assertThat(restart.attempts()).isEqualTo(truth.attempts());
        assertThat(restart.failed()).isEqualTo(truth.failed());
        assertThat(Quantile.P99.of(restart.timeToRecover())).isEqualTo(Quantile.P99.of(truth.timeToRecover()));
        assertThat(found.populations().get(1).restarts().get(0).affected()).isEqualTo(1000);
        assertThat(restart.untouched()).isZero();
        assertThat(found.populations()).allMatch(its -> its.restarts().get(0).untouched() == 0);
        assertThat(found.ledger().twoSided()).isFalse();
        assertThat(found.all().closes().keySet())
                .contains(new Scope.Close(code, "server", "restart"))
                .hasSameSizeAs(told.all().closes().keySet());
    }

    @Test
    void whoWasUntouchedIsCountedOfEachScope() {
        String mixed = LOAD.replace("reconnect: rfc6455}", "reconnect: {mix: {rfc6455: 60%, phoenix-js: 40%}}}");
        Plan ours = Runs.plan(String.format(OURS, 1012).replace(LOAD, mixed), 3);
        Plan theirs = Runs.plan(
                String.format(THEIRS, ", command: [restart-it]").replace(LOAD, mixed)
                        + "faults: [{restart: {at: 85s, deadline: 10s}}]\n",
                3);
        HarnessJournal.Command command = new HarnessJournal.Command(0, 85_000_000, 86_000_000, 0, "");

        Statistics found = measured(
                theirs,
                new HarnessJournal(Long.MAX_VALUE, List.of(), List.of(command), List.of(), List.of(), List.of()),
                clientRows(ours),
                row -> row);

        assertThat(found.all().restarts()).hasSize(2);
        assertThat(found.all().restarts().get(0).untouched()).isZero();
        assertThat(found.all().restarts().get(1).affected()).isZero();
        assertThat(found.all().restarts().get(1).untouched()).isEqualTo(4000);
        assertThat(found.populations())
                .extracting(its -> its.restarts().get(1).untouched())
                .containsExactly(3000L, 1000L);
        List<Scope> followers = found.populations().get(0).parts();
        assertThat(followers)
                .extracting(its -> its.restarts().get(1).untouched())
                .isEqualTo(followers.stream().map(its -> (long) its.planned()).toList());
    }

    @Test
    void aRestartByCommandHasItsCommandAndItsVerdict() {
        Plan ours = Runs.plan(String.format(OURS, 1012), 3);
        Plan theirs = Runs.plan(
                String.format(THEIRS, ", command: [restart-it]") + "faults: [{restart: {at: 20s, deadline: 30s}}]\n",
                3);
        for (String failure : List.of("", "exit code 3")) {
            HarnessJournal.Command command =
                    new HarnessJournal.Command(0, 19_900_000, 25_000_000, failure.isEmpty() ? 0 : 3, failure);
            Statistics found = measured(
                    theirs,
                    new HarnessJournal(Long.MAX_VALUE, List.of(), List.of(command), List.of(), List.of(), List.of()),
                    clientRows(ours),
                    row -> row);

            RestartFigures restart = found.all().restarts().get(0);
            assertThat(found.all().restarts()).hasSize(1);
            assertThat(restart.source()).isEqualTo(RestartFigures.Source.COMMAND);
            assertThat(restart.command()).isEqualTo(command);
            assertThat(restart.begun()).isEqualTo(19_900_000);
            assertThat(restart.affected()).isEqualTo(4000);
            assertThat(verdict(found, "restart.recovered.rate >= 90%"))
                    .isEqualTo(failure.isEmpty() ? Verdict.PASS : Verdict.INCONCLUSIVE);
        }
    }

    @Test
    void aPlannedRestartWhoseCommandNeverRanIsInconclusive() {
        Plan theirs = Runs.plan(
                String.format(THEIRS, ", command: [restart-it]") + "faults: [{restart: {at: 20s, deadline: 30s}}]\n",
                3);

        Statistics statistics = measured(theirs, Runs.QUIET, List.of(), row -> row);

        assertThat(verdict(statistics, "restart.recovered.rate >= 90%")).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void aStormThatTheLimitShapedIsInconclusiveAndSoIsWhatCountsDialling() {
        Plan ours = Runs.plan(String.format(OURS, 1012), 3);
        Plan theirs =
                Runs.plan(String.format(THEIRS, "").replace("restart: {", "limits: {attempts: 500/s}, restart: {"), 3);
        UnaryOperator<JournalRow> held =
                row -> row.event() == JournalEvent.CONNECTING && row.micros() > 30_000_000 && row.client() % 10 == 0
                        ? Runs.altered(row, row.code(), row.value(), "limited")
                        : row;
        Statistics free = measured(theirs, Runs.QUIET, clientRows(ours), row -> row);
        Statistics limited = measured(theirs, Runs.QUIET, clientRows(ours), held);

        for (String expectation :
                List.of("restart.recovered.rate >= 10%", "restart.outage.p50 >= 1ms", "handshake.time.p50 <= 60s")) {
            assertThat(verdict(free, expectation)).as(expectation).isEqualTo(Verdict.PASS);
            assertThat(verdict(limited, expectation)).as(expectation).isEqualTo(Verdict.INCONCLUSIVE);
        }
        assertThat(verdict(limited, "closes.1012.count == 4000")).isEqualTo(Verdict.PASS);
        assertThat(limited.all().restarts().get(0).limited())
                .isPositive()
                .isLessThanOrEqualTo(limited.trust().limited());
    }

    @Test
    void anIdleClientWasNotLostBeforeTheRestart() {
        Plan ours = Runs.plan(String.format(OURS, 1012), 3);
        // The connection breaks without a Close, and the last byte came long ago.
        List<JournalRow> rows = clientRows(ours).stream()
                .filter(row -> row.event() != JournalEvent.CLOSE_RECEIVED && row.event() != JournalEvent.CLOSE_SENT)
                .map(row ->
                        row.event() == JournalEvent.CLOSED ? Runs.altered(row, 1006, 15_000_000, "network eof") : row)
                .toList();

        Statistics found = measured(Runs.plan(String.format(THEIRS, ""), 3), Runs.QUIET, rows, row -> row);

        RestartFigures restart = found.all().restarts().get(0);
        assertThat(restart.codes()).isEqualTo(Map.of(1006, 4000L));
        assertThat(Quantile.MAX.of(restart.detection())).isLessThan(3_000_000);
    }

    @Test
    void aRunInWhichNobodyAnsweredPassesNothing() {
        Plan ours = Runs.plan("duration: 100s\n" + LOAD, 3);
        List<JournalRow> refused = clientRows(ours).stream()
                .filter(row -> row.event() == JournalEvent.ARRIVED || row.event() == JournalEvent.CONNECTING)
                .toList();

        Statistics statistics = measured(Runs.plan(String.format(THEIRS, ""), 3), Runs.QUIET, refused, row -> row);

        assertThat(statistics.trust().reasons()).contains("no client completed a handshake");
        assertThat(verdict(statistics, "clients.lost.count == 0")).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void aRunWithoutARestartSaysNothingOfRestarts() {
        Plan ours = Runs.plan("duration: 100s\n" + LOAD, 3);
        Statistics found = measured(Runs.plan(String.format(THEIRS, ""), 3), Runs.QUIET, clientRows(ours), row -> row);

        assertThat(new Judge(found, 0).judge(List.of()))
                .extracting(finding -> finding.expectation().text())
                .containsExactly("clients.lost.count == 0");
        assertThat(verdict(found, "restart.recovered.rate >= 99%")).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void aBurstThatTheEndOfTheRunCutIsNotKnown() {
        Plan ours = Runs.plan(String.format(OURS, 1012), 3);
        // The drain goes on from 20 s to 22 s.
        HarnessJournal interrupted =
                new HarnessJournal(21_000_000, List.of(), List.of(), List.of(), List.of(), List.of());

        Statistics statistics =
                measured(Runs.plan(String.format(THEIRS, ""), 3), interrupted, clientRows(ours), row -> row);

        assertThat(statistics.all().restarts()).hasSize(1);
        assertThat(verdict(statistics, "restart.recovered.rate >= 0%")).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void whatIsOfTheWholeRunCannotPassInHalfOfIt() {
        Plan ours = Runs.plan("duration: 100s\n" + LOAD, 3);
        HarnessJournal interrupted =
                new HarnessJournal(50_000_000, List.of(), List.of(), List.of(), List.of(), List.of());

        Statistics statistics =
                measured(Runs.plan(String.format(THEIRS, ""), 3), interrupted, clientRows(ours), row -> row);

        assertThat(verdict(statistics, "closes.1006.count == 0")).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(statistics, "closes.1006.count == 1")).isEqualTo(Verdict.FAIL);
    }

    @Test
    void theLimitThatHeldOnePopulationBackShapedTheStormOfAll() {
        Plan ours = Runs.plan(String.format(OURS, 1012), 3);
        UnaryOperator<JournalRow> held = row -> row.event() == JournalEvent.CONNECTING
                        && row.micros() > 25_000_000
                        && row.population().equals("phones")
                ? Runs.altered(row, row.code(), row.value(), "limited")
                : row;

        Statistics statistics = measured(
                Runs.plan(String.format(THEIRS, "").replace("restart: {", "limits: {attempts: 500/s}, restart: {"), 3),
                Runs.QUIET,
                clientRows(ours),
                held);

        assertThat(verdict(statistics, "eager: restart.recovered.rate >= 1%")).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void aBurstOfOnePopulationSaysNothingOfAnother() {
        Plan ours = Runs.plan(String.format(OURS, 1012), 3);
        Plan calm = Runs.plan("duration: 100s\n" + LOAD, 3);
        // Only what the phones lost is a loss.
        List<JournalRow> rows = Stream.concat(
                        clientRows(ours).stream().filter(row -> row.population().equals("phones")),
                        clientRows(calm).stream()
                                .filter(row -> !row.population().equals("phones")))
                .sorted(Comparator.comparingLong(JournalRow::micros))
                .toList();

        Statistics statistics = measured(Runs.plan(String.format(THEIRS, ""), 3), Runs.QUIET, rows, row -> row);

        assertThat(statistics.all().restarts()).hasSize(1);
        assertThat(verdict(statistics, "phones: restart.recovered.rate >= 10%")).isEqualTo(Verdict.PASS);
        assertThat(new Judge(statistics, 0)
                        .judge(List.of(Expectation.parse("eager: restart.recovered.rate >= 10%")))
                        .get(0)
                        .note())
                .isEqualTo("no restart was found");
    }

    @Test
    void aRestartThatNeverBeganHasANumberAfterThoseThatWereFound() {
        Plan ours = Runs.plan(String.format(OURS, 1012), 3);
        Plan theirs = Runs.plan(
                String.format(THEIRS, ", command: [restart-it]") + "faults: [{restart: {at: 60s, deadline: 30s}}]\n",
                3);

        Statistics statistics = measured(theirs, Runs.QUIET, clientRows(ours), row -> row);

        assertThat(statistics.all().restarts())
                .extracting(restart -> restart.restart().index() + " " + restart.source() + " " + restart.hasBegun())
                .containsExactly("0 BURST true", "1 PLAN false");
    }

    @Test
    void whereTwoCommandsWindowsOverlapALossIsTheLaterOnesAndBothPassesAgree() {
        Plan ours = Runs.plan(String.format(OURS, 1012), 3);
        Plan theirs = Runs.plan(
                String.format(THEIRS, ", command: [restart-it]")
                        + "faults: [{restart: {at: 17s, every: 3s, deadline: 60s}}]\n",
                3);
        List<HarnessJournal.Command> commands = List.of(
                new HarnessJournal.Command(0, 17_000_000, 17_100_000, 0, ""),
                new HarnessJournal.Command(1, 20_000_000, 20_100_000, 0, ""));

        Statistics statistics = measured(
                theirs,
                new HarnessJournal(Long.MAX_VALUE, List.of(), commands, List.of(), List.of(), List.of()),
                clientRows(ours),
                row -> row);

        assertThat(statistics.all().restarts())
                .filteredOn(RestartFigures::hasBegun)
                .extracting(restart -> restart.code() + " " + restart.affected())
                .containsExactly("0 0", "1012 4000");
    }
}
