package dev.squall.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalRow;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Plan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatisticsTest {

    private static final String RESTART = """
            duration: 100s
            target: {mock: {nodes: auto}}
            load:
              phones: {clients: %d, arrive: {over: 10s}, reconnect: rfc6455}
            faults:
              - restart: {at: 20s, drain: 2s, downtime: 3s, deadline: 60s}
            """;

    private static final String STRICT = """
            duration: 60s
            load:
              strict:
                clients: 10000
                arrive: {over: 10s}
                offer: [permessage-deflate]
                require: [permessage-deflate]
                on-1010: %s
                reconnect: guide
              lenient: {clients: 2000, arrive: {over: 10s}, offer: [permessage-deflate]}
            faults:
              - {withhold: permessage-deflate, probability: 10%%, from: 0s, to: 20s}
            """;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aHundredThousandClientsThroughARestartAreAllAccountedFor(long seed) {
        Plan plan = Runs.plan(String.format(RESTART, 100_000), seed);
        Statistics statistics = Runs.of(plan);

        RestartFigures restart = RestartFigures.together(statistics.all().restarts());
        assertThat(restart.affected()).as("seed %d", seed).isEqualTo(100_000);
        assertThat(restart.recovered() + restart.late()).isEqualTo(100_000);
        assertThat(restart.success().rate()).isGreaterThan(0.999);
        assertThat(statistics.ledger().unmatched()).isZero();
        assertThat(statistics.trust().complete()).isTrue();
        Scope all = statistics.all();
        assertThat(all.arrived())
                .isEqualTo(all.connecting() + all.open() + all.waiting() + all.gaveUp() + all.finished() + all.lost());
        assertThat(all.arrived()).isEqualTo(100_000);
    }

    @Test
    void theFiguresOfSeveralNodesAddUpToThoseOfOne() {
        Plan plan = Runs.plan(String.format(RESTART, 50_000), 5);
        List<RestartFigures> ofNodes = Runs.of(plan).all().restarts();
        RestartFigures together = RestartFigures.together(ofNodes);

        assertThat(ofNodes).hasSizeGreaterThan(1);
        assertThat(together.affected()).isEqualTo(50_000);
        assertThat(together.outage().count()).isEqualTo(50_000);
        assertThat(Quantile.MAX.of(together.outage()))
                .isEqualTo(ofNodes.stream()
                        .mapToDouble(each -> Quantile.MAX.of(each.outage()))
                        .max()
                        .orElseThrow());
        assertThat(together.attempts())
                .isEqualTo(ofNodes.stream().mapToLong(RestartFigures::attempts).sum());
        assertThat(together.peakAttemptsPerSecond())
                .isBetween(
                        ofNodes.get(0).peakAttemptsPerSecond() + 1,
                        ofNodes.stream()
                                .mapToLong(RestartFigures::peakAttemptsPerSecond)
                                .sum());
        assertThat(together.complete()).isTrue();
    }

    @Test
    void outageRunsFromTheNodesCloseAndRecoveryFromTheClientsLearning() {
        RestartFigures restart = Runs.of(Runs.plan(String.format(RESTART, 500), 5))
                .all()
                .restarts()
                .get(0);

        assertThat(Quantile.P50.of(restart.detection())).isEqualTo(VirtualFleet.LATENCY_MICROS / 2.0);
        assertThat(Quantile.P50.of(restart.outage()))
                .isCloseTo(Quantile.P50.of(restart.timeToRecover()) + VirtualFleet.LATENCY_MICROS / 2.0, within(1.0));
        assertThat(restart.downMicros()).isEqualTo(5_000_000);
        // rfc6455 first waits up to 5 s, and nothing listens for 3 to 5 s: everybody is back later than the downtime.
        assertThat(Quantile.MAX.of(restart.outage())).isGreaterThan(3_000_000);
        assertThat(Quantile.MAX.of(restart.timeToFirstAttempt())).isBetween(4_000_000.0, 5_100_000.0);
    }

    @Test
    void attemptsFailedOnesAmongThemAddUpToTheStorm() {
        RestartFigures restart = Runs.of(Runs.plan(String.format(RESTART, 2000), 5))
                .all()
                .restarts()
                .get(0);

        long failed =
                restart.failed().values().stream().mapToLong(Long::longValue).sum();
        assertThat(restart.attempts()).isEqualTo(restart.affected() + failed);
        assertThat(restart.amplification()).isGreaterThan(1);
        assertThat(restart.failed()).containsOnlyKeys("refused");
        assertThat(restart.peakAttemptsPerSecond()).isBetween(200L, 2000L);
    }

    @Test
    void leavingWith1010EqualsWhatTheNodeWithheld() {
        Plan plan = Runs.plan(String.format(STRICT, "stop"), 42);
        JournalPass pass = new JournalPass(plan, Runs.QUIET);
        VirtualFleet fleet = new VirtualFleet(plan, pass::accept);
        fleet.run();
        Statistics statistics = pass.finish();

        ExtensionFigures strict =
                statistics.scope("strict").extension("permessage-deflate").orElseThrow();
        assertThat(strict.closed1010()).isEqualTo(fleet.withheld);
        assertThat(strict.withheldByNode()).isEqualTo(fleet.withheld);
        assertThat(strict.failureRate().rate()).isBetween(0.09, 0.11);
        assertThat(strict.plannedRate()).isEqualTo(0.1);
        assertThat(statistics.scope("strict").finished()).isEqualTo(fleet.withheld);
        assertThat(statistics.outcomesUnmatched()).isZero();
        ExtensionFigures lenient =
                statistics.scope("lenient").extension("permessage-deflate").orElseThrow();
        assertThat(lenient.missing()).isPositive();
        assertThat(lenient.closed1010()).isZero();
        assertThat(lenient.failureRate().whole())
                .as("lenient clients are not divided by")
                .isZero();
    }

    @Test
    void aClientThatDropsItsRequirementIsNoLongerDividedBy() {
        Statistics statistics = Runs.of(Runs.plan(String.format(STRICT, "retry-without"), 42));

        ExtensionFigures strict =
                statistics.scope("strict").extension("permessage-deflate").orElseThrow();
        assertThat(strict.failureRate().whole()).isEqualTo(10_000);
        assertThat(strict.handshakes()).isEqualTo(10_000 + strict.closed1010());
        assertThat(statistics.scope("strict").open()).isEqualTo(10_000);
    }

    @Test
    void clientsThatGiveUpStayInThePercentiles() {
        Statistics statistics = Runs.of(Runs.plan("""
                duration: 60s
                load:
                  quitters: {clients: 100, reconnect: none}
                  phones: {clients: 900, reconnect: guide}
                faults: [{restart: {at: 10s, deadline: 30s}}]
                """, 1));

        RestartFigures restart = statistics.all().restarts().get(0);
        assertThat(restart.gaveUp()).isEqualTo(100);
        assertThat(restart.success()).isEqualTo(new Share(900, 1000));
        assertThat(Quantile.P90.of(restart.outage())).isFinite();
        assertThat(Quantile.P95.of(restart.outage())).isInfinite();
        assertThat(statistics.all().gaveUp()).isEqualTo(100);
        assertThat(statistics.scope("quitters").availability()).isCloseTo(10.0 / 60, within(0.02));
    }

    @Test
    void aClientBackAfterTheDeadlineIsLateButItsOutageIsKnown() {
        Statistics statistics = Runs.of(Runs.plan("""
                duration: 40s
                load: {phones: {clients: 100, reconnect: {delay: 10s}}}
                faults: [{restart: {at: 5s, downtime: 1s, deadline: 2s}}]
                """, 1));

        RestartFigures restart = statistics.all().restarts().get(0);
        assertThat(restart.late()).isEqualTo(100);
        assertThat(restart.recovered()).isZero();
        assertThat(Quantile.P99.of(restart.outage())).isBetween(10e6, 10.1e6);
    }

    @Test
    void eachRestartOfEachNodeHasFiguresOfItsOwn() {
        Statistics statistics = Runs.of(Runs.plan("""
                duration: 60s
                target: {mock: {nodes: 2}}
                load: {phones: {clients: 1000, reconnect: guide}}
                faults:
                  - restart: {at: 5s, deadline: 10s, nodes: [1]}
                  - restart: {at: 30s, deadline: 10s}
                """, 1));

        assertThat(statistics.all().restarts()).extracting(RestartFigures::node).containsExactly(1, 0, 1);
        assertThat(statistics.all().restarts())
                .extracting(RestartFigures::affected)
                .containsExactly(500L, 500L, 500L);
        assertThat(statistics.all().restarts())
                .extracting(RestartFigures::recovered)
                .containsExactly(500L, 500L, 500L);
    }

    @Test
    void ofANodeThatIsDownForGoodNobodyComesBack() {
        Statistics statistics = Runs.of(Runs.plan("""
                duration: 60s
                target: {mock: {nodes: 2}}
                load:
                  quitters: {clients: 100, reconnect: {delay: 1s, attempts: 5}}
                  phones: {clients: 300, reconnect: guide}
                faults:
                  - restart: {at: 10s, drain: 2s, downtime: forever, deadline: 30s, nodes: [0]}
                  - restart: {at: 20s, deadline: 30s, nodes: [1]}
                """, 1));

        RestartFigures forGood = statistics.all().restarts().get(0);
        assertThat(forGood.affected()).isEqualTo(200);
        assertThat(forGood.recovered()).isZero();
        assertThat(forGood.gaveUp()).isEqualTo(50);
        assertThat(forGood.late()).isEqualTo(150);
        assertThat(forGood.success()).isEqualTo(new Share(0, 200));
        assertThat(forGood.downMicros()).as("it never listened again").isNegative();
        assertThat(forGood.complete())
                .as("its deadline, 42 s, was within the run")
                .isTrue();
        assertThat(Quantile.P50.of(forGood.outage())).isInfinite();
        assertThat(forGood.attempts()).isEqualTo(forGood.failed().get("refused"));
        assertThat(forGood.peakAttemptsPerSecond()).isPositive();
        assertThat(statistics.all().waiting()).isEqualTo(150);
        assertThat(statistics.all().restarts().get(1).success()).isEqualTo(new Share(200, 200));
        assertThat(statistics.ledger().unmatched()).isZero();
    }

    @Test
    void ofANodeThatIsKilledForGoodNobodyComesBackEither() {
        HarnessJournal harness = new HarnessJournal(
                Long.MAX_VALUE,
                List.of(new HarnessJournal.Kill(0, 0, 10_000_000)),
                List.of(),
                List.of(),
                List.of(),
                List.of());
        Statistics statistics = Runs.of(Runs.plan("""
                        duration: 60s
                        load: {phones: {clients: 100, reconnect: guide}}
                        faults: [{restart: {at: 10s, kill: true, downtime: forever, deadline: 30s}}]
                        """, 4), harness, row -> row);

        RestartFigures restart = statistics.all().restarts().get(0);
        assertThat(restart.late()).isEqualTo(100).isEqualTo(restart.affected());
        assertThat(restart.code()).isEqualTo(1006);
        assertThat(restart.complete()).isTrue();
    }

    @Test
    void eachNodeOfARollingRestartHasFiguresOfItsOwn() {
        Statistics statistics = Runs.of(Runs.plan("""
                duration: 60s
                target: {mock: {nodes: 3}}
                load: {phones: {clients: 300, reconnect: guide}}
                faults: [{restart: {at: 10s, rolling: 10s, deadline: 15s}}]
                """, 1));

        List<RestartFigures> restarts = statistics.all().restarts();
        assertThat(restarts).extracting(RestartFigures::node).containsExactly(0, 1, 2);
        assertThat(restarts).extracting(RestartFigures::begun).containsExactly(10_000_000L, 20_000_000L, 30_000_000L);
        assertThat(restarts)
                .allMatch(each -> each.success().equals(new Share(100, 100)) && each.downMicros() == 1_000_000);
    }

    @Test
    void batchesMakeOneStormEach() {
        Statistics statistics = Runs.of(Runs.plan("""
                duration: 60s
                load: {phones: {clients: 400, reconnect: {delay: 1s}}}
                faults: [{restart: {at: 10s, batches: {of: 100, every: 5s}, downtime: 0s, deadline: 20s}}]
                """, 1));

        RestartFigures restart = statistics.all().restarts().get(0);
        assertThat(restart.affected()).isEqualTo(400);
        assertThat(restart.downMicros()).isEqualTo(15_000_000);
        long[] closed = statistics.all().series().closedByCode().get(1012);
        for (int second : new int[] {10, 15, 20, 25}) {
            assertThat(closed[second]).as("second %d", second).isBetween(75L, 125L);
        }
        assertThat(sum(closed)).isEqualTo(400);
    }

    @Test
    void whoIsServedOnlyToBeSentAwayIsNotBack() {
        Plan plan = Runs.plan("""
                duration: 60s
                target: {mock: {capacity: {handshakes: 50/s, queue: 0, when-full: 1013}}}
                load: {phones: {clients: 300, arrive: {over: 9s}, reconnect: {delay: 1s}}}
                faults: [{restart: {at: 10s, downtime: 1s, deadline: 30s}}]
                """, 4);
        JournalPass pass = new JournalPass(plan, Runs.QUIET);
        VirtualFleet fleet = new VirtualFleet(plan, pass::accept);
        fleet.run();
        Statistics statistics = pass.finish();

        RestartFigures restart = statistics.all().restarts().get(0);
        assertThat(restart.affected()).isEqualTo(300);
        assertThat(restart.recovered()).isEqualTo(300);
        assertThat(restart.failed().get("1013")).isEqualTo(fleet.turnedAway).isGreaterThan(500);
        assertThat(restart.attempts())
                .isEqualTo(300 + fleet.turnedAway + restart.failed().getOrDefault("refused", 0L));
        assertThat(Quantile.MAX.of(restart.outage()))
                .as("50 a second of 300 take five seconds after the first")
                .isGreaterThan(5e6);
        assertThat(statistics.all().closes())
                .containsEntry(new Scope.Close(1013, "server", "capacity"), fleet.turnedAway)
                .containsEntry(new Scope.Close(1012, "server", "restart"), 300L);
        assertThat(statistics.ledger().unmatched()).isZero();
        Series series = statistics.all().series();
        assertThat(sum(series.attempts())).isEqualTo(sum(series.opened()) + sum(series.failed()));
    }

    @Test
    void whoIsSentAwayWhileItsNodeDrainsHasNotLostItToTheRestart() {
        Statistics statistics = Runs.of(Runs.plan("""
                duration: 60s
                target: {mock: {capacity: {handshakes: 50/s, queue: 0, when-full: 1013}}}
                load:
                  early: {clients: 40, arrive: {over: 2s}, reconnect: {delay: 20s}}
                  eager: {clients: 300, arrive: {over: 12s}, reconnect: {delay: 100ms}}
                faults: [{restart: {at: 5s, drain: 5s, listen-while-draining: true, deadline: 40s}}]
                """, 4));

        RestartFigures restart = statistics.all().restarts().get(0);
        assertThat(restart.recovered()).isEqualTo(restart.affected());
        assertThat(restart.affected()).as("some came only after it").isBetween(150L, 339L);
        assertThat(restart.codes()).as("none by 1013").containsOnlyKeys(1012);
    }

    @Test
    void theSeriesAddUp() {
        Statistics statistics = Runs.of(Runs.plan(String.format(RESTART, 1000), 3));

        Series series = statistics.all().series();
        long attempts = sum(series.attempts());
        assertThat(attempts).isEqualTo(sum(series.opened()) + sum(series.failed()));
        assertThat(series.open()[15]).isEqualTo(1000);
        assertThat(series.open()[22]).isLessThan(500);
        assertThat(sum(series.closedByCode().get(1012))).isEqualTo(1000);
    }

    private static long sum(long[] counts) {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    @Test
    void aCloseThatOneClientNeverReceivedIsUnmatched() {
        assertThat(unmatched(
                        once(row -> row.event() == JournalEvent.CLOSE_RECEIVED && row.code() == 1012, row -> null)))
                .isEqualTo(1);
    }

    @Test
    void anotherCodeThanSentIsUnmatchedAtBothEnds() {
        assertThat(unmatched(once(
                        row -> row.event() == JournalEvent.CLOSE_RECEIVED
                                && row.code() == 1012
                                && row.attempt() == JournalWriter.NONE,
                        row -> withCode(row, 1000))))
                .isEqualTo(2);
    }

    private static long unmatched(UnaryOperator<JournalRow> alter) {
        return Runs.of(Runs.plan(String.format(RESTART, 200), 3), Runs.QUIET, alter)
                .ledger()
                .unmatched();
    }

    private static UnaryOperator<JournalRow> once(Predicate<JournalRow> which, UnaryOperator<JournalRow> alteration) {
        AtomicBoolean done = new AtomicBoolean();
        return row -> which.test(row) && done.compareAndSet(false, true) ? alteration.apply(row) : row;
    }

    private static JournalRow withCode(JournalRow row, int code) {
        return Runs.altered(row, code, row.value(), row.detail());
    }

    @Test
    void aReceiveBeforeItsSendIsAgainstCausality() {
        Plan plan = Runs.plan(String.format(RESTART, 50), 3);
        // The node's clock runs 5 ms behind for its Closes, so that they seem to be sent after they came.
        List<Object[]> rows = new ArrayList<>();
        new VirtualFleet(plan, (node, row) -> rows.add(new Object[] {node, row})).run();
        JournalPass pass = new JournalPass(plan, Runs.QUIET);
        rows.stream()
                .map(pair -> {
                    JournalRow row = (JournalRow) pair[1];
                    boolean shift = (int) pair[0] >= 0 && row.event() == JournalEvent.CLOSE_SENT && row.code() == 1012;
                    return new Object[] {pair[0], shift ? later(row, 5000) : row};
                })
                .sorted(Comparator.comparingLong(pair -> ((JournalRow) pair[1]).micros()))
                .forEach(pair -> pass.accept((int) pair[0], (JournalRow) pair[1]));

        assertThat(pass.finish().trust().causality()).isEqualTo(50);
    }

    static JournalRow later(JournalRow row, long micros) {
        return new JournalRow(
                row.row(),
                row.micros() + micros,
                row.population(),
                row.client(),
                row.connection(),
                row.event(),
                row.code(),
                row.attempt(),
                row.value(),
                row.detail());
    }

    @Test
    void whatAnInterruptionCutsOffIsNotComplete() {
        Plan plan = Runs.plan(String.format(RESTART, 100), 3);
        Statistics statistics = Runs.of(
                plan,
                new HarnessJournal(25_500_000, List.of(), List.of(), List.of(), List.of(), List.of()),
                row -> row);

        assertThat(statistics.interrupted()).isTrue();
        assertThat(statistics.endMicros()).isEqualTo(25_500_000);
        assertThat(statistics.all().restarts().get(0).complete()).isFalse();
        assertThat(statistics.all().arrived())
                .isEqualTo(statistics.all().open()
                        + statistics.all().waiting()
                        + statistics.all().connecting());
    }

    @Test
    void clientsOfALostInjectorAreLost() {
        Plan plan = Runs.plan(String.format(RESTART, 100), 3);
        HarnessJournal harness = new HarnessJournal(
                30_000_000,
                List.of(),
                List.of(),
                List.of(new HarnessJournal.Lost("injector", 0, 30_000_000, "lost with exit code 137")),
                List.of(),
                List.of());
        Statistics statistics = Runs.of(plan, harness, row -> row);

        assertThat(statistics.all().lost()).isEqualTo(100);
        assertThat(statistics.trust().complete()).isFalse();
        assertThat(statistics.trust().reasons()).containsExactly("injector 0 lost with exit code 137");
    }

    @Test
    void aClientClosedAgainWhileItsNodeDrainsIsOneCase() {
        Statistics statistics = Runs.of(Runs.plan("""
                duration: 60s
                load: {phones: {clients: 500, reconnect: immediate}}
                faults:
                  - restart: {at: 5s, drain: 5s, downtime: 1s, deadline: 20s, listen-while-draining: true}
                """, 4));

        RestartFigures restart = statistics.all().restarts().get(0);
        assertThat(restart.affected()).isEqualTo(500);
        assertThat(restart.recovered()).isEqualTo(500);
        // Nobody is back for good before the node listens again, 6 s after the first Close.
        assertThat(restart.back().quantile(0.01).orElseThrow()).isGreaterThan(6e6);
        assertThat(statistics.ledger().unmatched()).isZero();
    }

    @Test
    void aClientThatLearnsOfAKillAfterTheNewProcessListensIsAffectedToo() {
        Plan plan = Runs.plan("""
                duration: 60s
                load: {phones: {clients: 400, reconnect: guide}}
                faults: [{restart: {at: 10s, kill: true, downtime: 1s, deadline: 30s}}]
                """, 4);
        HarnessJournal harness = new HarnessJournal(
                Long.MAX_VALUE,
                List.of(new HarnessJournal.Kill(0, 0, 10_000_000)),
                List.of(),
                List.of(),
                List.of(),
                List.of());
        Statistics statistics = Runs.of(plan, harness, row -> row);

        RestartFigures restart = statistics.all().restarts().get(0);
        assertThat(restart.affected()).isEqualTo(400);
        assertThat(Quantile.MAX.of(restart.detection())).isGreaterThan(1_500_000);
        assertThat(statistics.ledger().unmatched()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whoeverRelapsesOrIsNotReadyIsAccountedForToo(long seed) {
        Plan plan = Runs.plan("""
                duration: 120s
                load:
                  phones: {clients: 2000, arrive: {over: 10s}, hold: 4s, reconnect: {delay: 1s..3s, attempts: 6}}
                faults:
                  - restart: {at: 20s, drain: 4s, downtime: 3s, deadline: 20s, listen-while-draining: true}
                  - restart: {at: 30s, drain: 2s, downtime: 3s, deadline: 20s}
                  - restart: {at: 100s, deadline: 18s}
                """, seed);
        Statistics statistics = Runs.of(
                Runs.with(plan, "phones", p -> Runs.with(p, new Dialogue(null, null, 2_000_000), null, p.reconnect())));

        for (RestartFigures restart : statistics.all().restarts()) {
            assertThat(restart.affected()).as("seed %d", seed).isBetween(1000L, 2000L);
            assertThat(restart.recovered()).isPositive();
            assertThat(restart.relapsed()).isPositive();
            assertThat(restart.ready()).isBetween(restart.recovered(), restart.affected());
            assertThat(restart.outage().count()).isEqualTo(restart.affected());
            assertThat(restart.detection().count()).isEqualTo(restart.affected());
            long failed = restart.failed().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            assertThat(restart.failed().get("not-ready")).isPositive();
            assertThat(restart.attempts()).isGreaterThanOrEqualTo(restart.recovered() + failed);
        }
        Scope all = statistics.all();
        assertThat(all.ready()).isPositive().isLessThan(all.open());
        assertThat(all.series().ready()).endsWith(all.ready());
        assertThat(all.arrived())
                .isEqualTo(all.connecting() + all.open() + all.waiting() + all.gaveUp() + all.finished() + all.lost());
        assertThat(all.attempts()).isEqualTo(sum(all.series().attempts()));
        assertThat(statistics.ledger().unmatched()).isZero();
    }

    @Test
    void eachStormIsItsOwnRestarts() {
        Statistics statistics = Runs.of(Runs.plan("""
                duration: 60s
                load:
                  phones: {clients: 300, reconnect: {delay: 5s}}
                faults:
                  - restart: {at: 5s, drain: 3s, downtime: 0s, deadline: 30s}
                  - restart: {at: 20s, downtime: 0s, deadline: 30s}
                """, 4));

        assertThat(statistics.all().restarts().get(0).peakAttemptsPerSecond()).isLessThan(150);
        assertThat(statistics.all().restarts().get(1).peakAttemptsPerSecond()).isEqualTo(300);
    }

    @Test
    void attemptsThatEndIn1010AreFailedOnes() {
        Statistics statistics = Runs.of(Runs.plan("""
                duration: 60s
                load:
                  strict:
                    clients: 300
                    offer: [permessage-deflate]
                    require: [permessage-deflate]
                    reconnect: guide
                faults:
                  - {withhold: permessage-deflate, probability: 50%, from: 10s, to: 20s}
                  - restart: {at: 10s, deadline: 40s}
                """, 4));

        RestartFigures restart = statistics.all().restarts().get(0);
        assertThat(restart.failed().get("1010")).isPositive();
        long failed =
                restart.failed().values().stream().mapToLong(Long::longValue).sum();
        assertThat(restart.attempts()).isEqualTo(restart.recovered() + failed);
    }

    @Test
    void aLostRowOfA1010CostsTrustAndNothingElse() {
        Plan plan = Runs.plan(String.format(STRICT, "stop"), 42);
        UnaryOperator<JournalRow> withoutOne = once(
                row -> row.event() == JournalEvent.NEGOTIATED && row.detail().endsWith("=missing"), row -> null);

        ExtensionFigures strict = Runs.of(plan, Runs.QUIET, withoutOne)
                .scope("strict")
                .extension("permessage-deflate")
                .orElseThrow();

        assertThat(strict.failureRate().whole()).isLessThanOrEqualTo(10_000);
        assertThat(strict.closed1010()).isEqualTo(strict.withheldByNode());
    }

    @Test
    void aHandshakeWhoseExtensionsTheClientSeesOtherwiseThanTheNodeIsUnmatched() {
        Plan plan = Runs.plan(String.format(STRICT, "stop"), 42);
        UnaryOperator<JournalRow> altered = once(
                row -> row.event() == JournalEvent.NEGOTIATED
                        && row.value() == JournalWriter.NONE
                        && row.detail().endsWith("=negotiated"),
                row -> Runs.altered(row, row.code(), row.value(), "permessage-deflate=missing"));

        assertThat(Runs.of(plan, Runs.QUIET, altered).outcomesUnmatched()).isEqualTo(1);
    }

    @Test
    void aHandshakeThatFailedBeforeTheClientJudgedItsOfferIsNotUnmatched() {
        Plan plan = Runs.plan(String.format(STRICT, "stop"), 42);
        UnaryOperator<JournalRow> unjudged = once(
                row -> row.event() == JournalEvent.NEGOTIATED
                        && row.value() == JournalWriter.NONE
                        && row.detail().endsWith("=missing"),
                row -> Runs.altered(row, row.code(), row.value(), ""));

        assertThat(Runs.of(plan, Runs.QUIET, unjudged).outcomesUnmatched()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1s, 1", "40s, 0"})
    void aCloseIsAFaultsOnlyIfTheFaultCouldHaveActedByThen(String after, long causedByFault) {
        Plan plan = Runs.plan(String.format("""
                duration: 60s
                load:
                  strict: {clients: 10, offer: [permessage-deflate], reconnect: guide}
                faults:
                  - {fin: %s}
                  - restart: {at: 10s, kill: true, downtime: 1s, deadline: 30s}
                """, after), 1);
        UnaryOperator<JournalRow> struck = once(
                row -> row.event() == JournalEvent.NEGOTIATED && row.value() != JournalWriter.NONE,
                row -> new JournalRow(
                        row.row(),
                        row.micros(),
                        row.population(),
                        row.client(),
                        row.connection(),
                        JournalEvent.STRUCK,
                        JournalWriter.NONE,
                        row.attempt(),
                        0,
                        "fin"));

        long byFault = Runs.of(plan, Runs.QUIET, struck).all().closes().entrySet().stream()
                .filter(close -> close.getKey().cause().equals("fault"))
                .mapToLong(Map.Entry::getValue)
                .sum();

        assertThat(byFault).isEqualTo(causedByFault);
    }
}
