package dev.squall.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.squall.journal.HarnessJournal;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cases by hand: a client is there from second 1, its node restarts at 10 and listens at 12; who is back by 32 is in time. */
class RelapseTest {

    private static final String RESTART = "{at: 10s, downtime: 2s, deadline: 20s}";

    private static Story story(String restarts, String settings) {
        Plan plan = Runs.plan("""
                duration: 60s
                load: {phones: {clients: 3, hold: 5s}}
                %s
                faults: [{restart: %s}]
                """.formatted(settings, restarts), 1);
        return new Story(plan).client(0).arrives(1).opens(1).ready(1);
    }

    private static Story story() {
        return story(RESTART, "").restart(0, 10, 12);
    }

    private static RestartFigures restart(Statistics statistics) {
        RestartFigures figures = statistics.all().restarts().get(0);
        assertThat(figures.ready()).isBetween(figures.recovered(), figures.affected());
        return figures;
    }

    @Test
    void whoHoldsItIsBackFromWhenItWasReady() {
        RestartFigures restart =
                restart(story().restarted(0, 10).back(13).breaks(18, 0, "reset").statistics());

        assertThat(restart.success()).isEqualTo(new Share(1, 1));
        assertThat(restart.relapsed()).isZero();
        assertThat(Quantile.MAX.of(restart.outage())).isEqualTo(3e6);
    }

    @Test
    void whoLosesItWithinItsHoldIsBackOnlyWhenItIsReadyForGood() {
        RestartFigures restart = restart(story().restarted(0, 10)
                .back(13)
                .breaks(17.9, 0, "reset")
                .back(19)
                .breaks(20, 0, "eof")
                .back(25)
                .statistics());

        assertThat(restart.affected()).isEqualTo(1);
        assertThat(restart.success()).isEqualTo(new Share(1, 1));
        assertThat(restart.readiness()).isEqualTo(new Share(1, 1));
        assertThat(restart.relapsed()).isEqualTo(2);
        assertThat(Quantile.MAX.of(restart.outage())).isEqualTo(15e6);
        assertThat(Quantile.MAX.of(restart.back())).isEqualTo(15e6);
        assertThat(restart.attemptsPerRecovery().quantile(1)).hasValue(3);
        assertThat(restart.attempts()).isEqualTo(3);
        assertThat(restart.detection().count()).as("one loss to the restart").isEqualTo(1);
    }

    @Test
    void whoWasReadyInTimeButHoldsOnlyALaterOneIsLate() {
        RestartFigures restart = restart(story().restarted(0, 10)
                .back(31)
                .breaks(33, 0, "reset")
                .back(34)
                .statistics());

        assertThat(restart.recovered()).isZero();
        assertThat(restart.late()).isEqualTo(1);
        assertThat(restart.ready()).isEqualTo(1);
        assertThat(Quantile.MAX.of(restart.outage())).isEqualTo(24e6);
    }

    @Test
    void whoWasNotReadyInTimeIsNotReadyByBeingSoTwice() {
        RestartFigures restart = restart(story().restarted(0, 10)
                .back(33)
                .breaks(34, 0, "reset")
                .back(35)
                .statistics());

        assertThat(restart.ready()).isZero();
        assertThat(restart.late()).isEqualTo(1);
        assertThat(restart.relapsed()).isEqualTo(1);
    }

    @Test
    void whoRelapsesAndGivesUpNeverCameBack() {
        RestartFigures restart = restart(story().restarted(0, 10)
                .back(13)
                .breaks(14, 0, "reset")
                .givesUp(14)
                .statistics());

        assertThat(restart.gaveUp()).isEqualTo(1);
        assertThat(restart.recovered()).isZero();
        assertThat(restart.ready()).isEqualTo(1);
        assertThat(Quantile.P50.of(restart.outage())).isInfinite();
    }

    @Test
    void whoIsWithinItsHoldWhenTheLoadEndsIsBack() {
        RestartFigures restart = restart(story("{at: 30s, downtime: 2s, deadline: 28s}", "")
                .restart(0, 30, 32)
                .restarted(0, 30)
                .back(57)
                .statistics());

        assertThat(restart.success()).isEqualTo(new Share(1, 1));
    }

    @ParameterizedTest
    @CsvSource({
        // Quiet since it was ready: TCP told of the end when it came, the client's own patience of one long before.
        "40, 26, reset, 0",
        "40, 26, timeout, 1",
        "40, 20, timeout, 0"
    })
    void aQuietConnectionIsHeldUntilItBreaksUnlessNobodyAnswered(
            double breaks, double silence, String how, long relapsed) {
        RestartFigures restart = restart(story().restarted(0, 10)
                .back(14)
                .breaks(breaks, silence, how)
                .back(41)
                .statistics());

        assertThat(restart.relapsed()).isEqualTo(relapsed);
        assertThat(restart.late()).isEqualTo(relapsed);
        assertThat(restart.recovered()).isEqualTo(1 - relapsed);
    }

    @Test
    void whoRelapsesByAnotherRestartIsAffectedByBothAndRecoversFromBothAtOnce() {
        Plan plan = Runs.plan("""
                duration: 60s
                load: {phones: {clients: 1, hold: 5s}}
                faults:
                  - restart: {at: 10s, downtime: 1s, deadline: 20s}
                  - restart: {at: 15s, downtime: 1s, deadline: 20s}
                """, 1);
        Statistics statistics = new Story(plan)
                .client(0)
                .restart(0, 10, 11)
                .restart(1, 15, 16)
                .arrives(1)
                .opens(1)
                .ready(1)
                .restarted(0, 10)
                .back(13)
                .restarted(1, 15)
                .back(18)
                .statistics();

        assertThat(statistics.all().restarts())
                .extracting(RestartFigures::success, RestartFigures::relapsed)
                .containsExactly(tuple(new Share(1, 1), 1L), tuple(new Share(1, 1), 0L));
        assertThat(Quantile.MAX.of(statistics.all().restarts().get(0).outage())).isEqualTo(8e6);
        assertThat(Quantile.MAX.of(statistics.all().restarts().get(1).outage())).isEqualTo(3e6);
    }

    @Test
    void whoIsClosedAgainByTheSameRestartWithinItsHoldIsOneCaseThatRelapsed() {
        RestartFigures restart =
                restart(story("{at: 10s, drain: 10s, listen-while-draining: true, downtime: 2s, deadline: 20s}", "")
                        .restart(0, 10, 22)
                        .restarted(0, 10)
                        .back(11)
                        .restarted(0, 19)
                        .back(19.2)
                        .restarted(0, 19.9)
                        .back(23)
                        .statistics());

        assertThat(restart.success()).isEqualTo(new Share(1, 1));
        assertThat(restart.relapsed()).as("8 s were held").isEqualTo(1);
        assertThat(Quantile.MAX.of(restart.outage())).isEqualTo(13e6);
    }

    @Test
    void whoIsTurnedAwayWasNotReadyAndHasNotRelapsed() {
        RestartFigures restart =
                restart(story(RESTART, "target: {mock: {capacity: {handshakes: 1/s, queue: 0, when-full: 1013}}}")
                        .restart(0, 10, 12)
                        .restarted(0, 10)
                        .back(13)
                        .turnedAway(13)
                        .givesUp(13)
                        .statistics());

        assertThat(restart.relapsed()).isZero();
        assertThat(restart.ready()).isZero();
        assertThat(restart.failed()).containsOnlyKeys("1013").containsEntry("1013", 1L);
    }

    @Test
    void whoLeavesOnPurposeWithinItsHoldWasBack() {
        RestartFigures restart = restart(story().restarted(0, 10)
                .back(13)
                .closes(14, 1000, "")
                .finishes(14, "left")
                .statistics());

        assertThat(restart.success()).isEqualTo(new Share(1, 1));
        assertThat(restart.relapsed()).isZero();
    }

    @Test
    void whoCameBackAfterItLeftHoldsAnotherConnection() {
        RestartFigures restart = restart(story().restarted(0, 10)
                .back(13)
                .closes(14, 1000, "")
                .back(15)
                .breaks(16, 0, "reset")
                .statistics());

        assertThat(restart.success()).isEqualTo(new Share(1, 1));
        assertThat(restart.relapsed()).isZero();
    }

    @Test
    void whoArrivesInThePlaceOfOneThatLeftIsACaseOfItsOwn() {
        RestartFigures restart =
                restart(story("{at: 10s, drain: 10s, listen-while-draining: true, downtime: 2s, deadline: 20s}", "")
                        .restart(0, 10, 22)
                        .restarted(0, 10)
                        .back(11)
                        .closes(12, 1000, "")
                        .finishes(12, "left")
                        .arrives(13)
                        .opens(13)
                        .ready(13)
                        .restarted(0, 19)
                        .back(23)
                        .statistics());

        assertThat(restart.success()).isEqualTo(new Share(2, 2));
        assertThat(Quantile.MAX.of(restart.outage())).isEqualTo(4e6);
    }

    @Test
    void whomTheServerDrivesAwayWithinItsHoldHasRelapsed() {
        RestartFigures restart = restart(story().restarted(0, 10)
                .back(13)
                .closes(14, 1002, "reserved bits")
                .back(16)
                .statistics());

        assertThat(restart.relapsed()).isEqualTo(1);
        assertThat(restart.recovered()).isEqualTo(1);
        assertThat(Quantile.MAX.of(restart.outage())).isEqualTo(6e6);
    }

    @Test
    void whoOpensButIsNotReadyIsNotBack() {
        Statistics statistics = story().restarted(0, 10)
                .dials(13)
                .opens(13)
                .closes(23, Dialogue.TOO_LATE, "not ready within 10s")
                .waits(23)
                .dials(24)
                .opens(24)
                .breaks(25, 0, "reset")
                .waits(25)
                .dials(26)
                .opens(26)
                .statistics();

        RestartFigures restart = restart(statistics);
        assertThat(restart.late()).isEqualTo(1);
        assertThat(restart.ready()).isZero();
        assertThat(restart.failed()).containsOnlyKeys("not-ready").containsEntry("not-ready", 2L);
        assertThat(restart.attempts()).isEqualTo(3);
        assertThat(statistics.all().closes())
                .containsEntry(new Scope.Close(4504, "client", "not-ready"), 1L)
                .containsEntry(new Scope.Close(1006, "network", "reset"), 1L);
        assertThat(statistics.all().open()).isEqualTo(1);
        assertThat(statistics.all().availability()).isEqualTo(9.0 / 59);
    }

    @Test
    void whoIsClosedByItsRestartWhileItsDialogueGoesOnIsAffectedOnce() {
        RestartFigures restart =
                restart(story("{at: 10s, drain: 10s, listen-while-draining: true, downtime: 2s, deadline: 20s}", "")
                        .restart(0, 10, 22)
                        .restarted(0, 10)
                        .dials(11)
                        .opens(11)
                        .restarted(0, 15)
                        .back(23)
                        .statistics());

        assertThat(restart.success()).isEqualTo(new Share(1, 1));
        assertThat(restart.failed()).containsOnlyKeys("not-ready").containsEntry("not-ready", 1L);
        assertThat(Quantile.MAX.of(restart.outage())).isEqualTo(13e6);
    }

    @Test
    void whoseDialogueGoesOnWhenItsNodeIsKilledIsAffectedAndWhoOpensAfterwardsIsNot() {
        Story story = story("{at: 10s, kill: true, downtime: 2s, deadline: 20s}", "")
                .client(1)
                .arrives(9)
                .opens(9.5)
                .client(0)
                .breaks(10, 0, "reset")
                .dials(13)
                .opens(13);
        // At 14 s all learn of an end: one of a connection from before the kill, the others of what they opened after
        // it.
        Statistics statistics = story.breaks(14, 0, "reset")
                .client(1)
                .breaks(14, 4, "reset")
                .client(2)
                .arrives(13)
                .opens(13)
                .breaks(14, 0, "reset")
                .statistics(new HarnessJournal(
                        Long.MAX_VALUE,
                        List.of(new HarnessJournal.Kill(0, 0, 10_000_000)),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of()));

        RestartFigures restart = restart(statistics);
        assertThat(restart.affected()).isEqualTo(2);
        assertThat(restart.failed()).containsOnlyKeys("not-ready").containsEntry("not-ready", 1L);
    }

    @Test
    void aConnectionThatItsClientEndsOnPurposeIsLeftAndOneThatIsNotAnsweredTimesOut() {
        Statistics statistics = story().closes(8, 1000, "")
                .finishes(8, "left")
                .client(1)
                .arrives(1)
                .opens(1)
                .ready(1)
                .breaks(9, 5, "timeout")
                .waits(9)
                .back(11)
                .closes(60, 1000, "")
                .finishes(60, "end")
                .statistics();

        assertThat(statistics.all().closes())
                .containsOnlyKeys(
                        new Scope.Close(1000, "client", "left"),
                        new Scope.Close(1000, "client", "end-of-run"),
                        new Scope.Close(1006, "network", "timeout"));
    }

    @Test
    void aHoldOfZeroLetsNobodyRelapse() {
        Plan plan = Runs.plan("""
                duration: 60s
                load: {phones: {clients: 1}}
                faults: [{restart: %s}]
                """.formatted(RESTART), 1);
        assertThat(plan.populations()).extracting(Population::holdMicros).containsExactly(0L);

        RestartFigures restart = restart(new Story(plan)
                .restart(0, 10, 12)
                .arrives(1)
                .opens(1)
                .ready(1)
                .restarted(0, 10)
                .back(13)
                .breaks(13.1, 0, "reset")
                .statistics());

        assertThat(restart.success()).isEqualTo(new Share(1, 1));
        assertThat(restart.relapsed()).isZero();
    }
}
