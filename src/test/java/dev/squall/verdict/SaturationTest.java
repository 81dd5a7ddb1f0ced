package dev.squall.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.HarnessJournal.Pressed;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalRow;
import dev.squall.plan.Plan;
import dev.squall.stats.Runs;
import dev.squall.stats.Statistics;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the machine did to the times of a run. */
class SaturationTest {

    private static final long NONE = Long.MIN_VALUE;
    private static final long SECOND = 1_000_000;
    private static final String TIME = "restart.outage.p99 <= 30s";

    private static final Plan PLAN = Runs.plan("""
            duration: 60s
            load: {phones: {clients: 200, arrive: {over: 5s}, reconnect: guide}}
            faults: [{restart: {at: 20s, drain: 1s, downtime: 2s, deadline: 20s}}]
            """, 3);

    /** A run with the processors in full use for so many seconds from 18 s on, and a row of load in each of them. */
    private static Statistics run(int seconds, int permille, JournalEvent event, long value) {
        List<Pressed> pressed = IntStream.rangeClosed(1, 60)
                .mapToObj(
                        second -> new Pressed(second * SECOND, second > 18 && second <= 18 + seconds ? permille : 300))
                .toList();
        HarnessJournal harness =
                new HarnessJournal(Long.MAX_VALUE, List.of(), List.of(), List.of(), List.of(), pressed, List.of());
        List<JournalRow> more = IntStream.range(18, 18 + seconds)
                .mapToObj(second ->
                        new JournalRow(0, second * SECOND + 500_000, "", NONE, NONE, event, NONE, NONE, value, ""))
                .toList();
        return Runs.beside(PLAN, harness, more);
    }

    private static Finding finding(Statistics statistics, String expectation) {
        return new Judge(statistics, 0)
                .judge(List.of(Expectation.parse(expectation)))
                .get(0);
    }

    @Test
    void fullProcessorsThatMakeAProcessStandStillLeaveNoClaimAboutTime() {
        Statistics statistics = run(8, 990, JournalEvent.STALL, 60_000);

        assertThat(statistics.trust().saturatedSeconds()).isEqualTo(8);
        assertThat(finding(statistics, TIME).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(finding(statistics, TIME).note())
                .contains("the processors were saturated for 6 s: its times are this machine's");
        assertThat(finding(statistics, "restart.outage.p99 <= 1s").verdict())
                .as("nor a failed one")
                .isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(finding(statistics, "restart.recovered.rate >= 100%").verdict())
                .as("counts stand")
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void fullProcessorsThatDelayNobodyAreJustUsed() {
        assertThat(finding(run(20, 1000, JournalEvent.STALL, 20_000), TIME).verdict())
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void aPeakOfAFewSecondsIsNoSaturation() {
        assertThat(finding(run(4, 1000, JournalEvent.STALL, 60_000), TIME).verdict())
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void stallsOfAMachineWithTimeToSpareAreStallsOnly() {
        assertThat(finding(run(20, 940, JournalEvent.STALL, 60_000), TIME).verdict())
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void aProcessWhoseQuotaIsUsedUpFindsNoProcessorsEither() {
        Statistics throttled = run(20, 300, JournalEvent.THROTTLED, 400_000);

        assertThat(throttled.trust().throttledMicros()).isEqualTo(20 * 400_000);
        assertThat(throttled.trust().saturatedSeconds())
                .as("nobody stood still for it")
                .isZero();
    }

    @Test
    void pausesOfCollectorsAreTold() {
        Statistics statistics = run(3, 300, JournalEvent.GC, 40_000);

        assertThat(statistics.trust().collections().getTotalCount()).isEqualTo(3);
        assertThat(statistics.trust().collections().getMaxValue()).isBetween(40_000L, 40_100L);
    }

    @Test
    void lateTriesAndStallsTogetherMayTurnATime() {
        Statistics late = Runs.of(
                PLAN,
                Runs.QUIET,
                row -> row.event() == JournalEvent.CONNECTING && row.micros() > 20 * SECOND && row.client() == 7
                        ? new JournalRow(
                                row.row(),
                                row.micros(),
                                row.population(),
                                row.client(),
                                row.connection(),
                                row.event(),
                                row.code(),
                                row.attempt(),
                                25 * SECOND,
                                row.detail())
                        : row);

        assertThat(late.trust().lateness().getMaxValue()).isGreaterThanOrEqualTo(25 * SECOND);
        assertThat(finding(late, TIME).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(finding(late, TIME).note()).contains("tries up to 25 s late could have turned it");
        assertThat(finding(late, TIME).stallMicros()).isGreaterThanOrEqualTo(25_000_000);
        assertThat(finding(late, "restart.outage.p99 <= 50s").verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void intendedAndActualDelaysStandBesideOneAnother() {
        Statistics statistics = run(0, 0, JournalEvent.GC, 0);

        assertThat(statistics.trust().intendedDelays().getTotalCount()).isGreaterThanOrEqualTo(200);
        assertThat(statistics.trust().actualDelays())
                .isEqualTo(statistics.trust().intendedDelays());
        assertThat(statistics.trust().intendedDelays().getMaxValue()).isBetween(1 * SECOND, 5_010_000L);
    }
}
