package dev.squall.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.journal.JournalEvent;
import dev.squall.plan.Plan;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that leave and come, in a whole run on virtual time. */
class LoadModelTest {

    private static final String CLOSED = """
            duration: 100s
            load: {phones: {clients: 1000, arrive: {over: 5s}, model: closed, stay: 5s..15s, reconnect: %s}}
            """;

    private static final String RESTART = "faults: [{restart: {at: 40s, drain: 2s, downtime: 3s, deadline: 20s}}]\n";

    private static Statistics statistics(VirtualFleet[] fleet, String yaml, long seed) {
        Plan plan = Runs.plan(yaml, seed);
        JournalPass pass = new JournalPass(plan, Runs.QUIET);
        fleet[0] = new VirtualFleet(plan, pass::accept);
        fleet[0].run();
        return pass.finish();
    }

    private static void assertBalanced(Scope all) {
        assertThat(all.arrived())
                .isEqualTo(all.connecting() + all.open() + all.waiting() + all.gaveUp() + all.finished() + all.lost());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theClosedModelHoldsTheNumberOfClientsConstant(long seed) {
        VirtualFleet[] fleet = new VirtualFleet[1];
        Statistics statistics = statistics(fleet, String.format(CLOSED, "rfc6455"), seed);

        Scope all = statistics.all();
        // A place is empty for 11 of 10,000 ms.
        assertThat(Arrays.stream(all.series().open()).skip(7))
                .as("seed %d", seed)
                .allSatisfy(open -> assertThat(open).isBetween(985L, 1000L));
        assertThat(all.planned()).isEqualTo(1000);
        assertThat(all.arrived()).isEqualTo(fleet[0].arrived).isBetween(9_500L, 11_000L);
        assertThat(all.finished()).isEqualTo(fleet[0].left);
        assertThat(all.gaveUp()).isZero();
        assertBalanced(all);
        assertThat(all.availability()).isCloseTo(1, within(1e-9));
        assertThat(all.closes(1000)).isGreaterThanOrEqualTo(fleet[0].left);
        assertThat(statistics.ledger().unmatched()).isZero();
        assertThat(statistics.trust().complete()).isTrue();
    }

    @Test
    void inTheOpenModelNobodyComesForThoseWhoLeave() {
        VirtualFleet[] fleet = new VirtualFleet[1];
        Scope all = statistics(fleet, """
                        duration: 60s
                        load: {phones: {arrive: {stages: [{for: 40s, rate: 10/s}]}, stay: 5s}}
                        """, 3).all();

        assertThat(Arrays.stream(all.series().open()).skip(7).limit(33)) // 10 a second, for 5 s each.
                .allSatisfy(open -> assertThat(open).isBetween(49L, 51L));
        assertThat(all.arrived()).isEqualTo(400);
        assertThat(all.finished()).isEqualTo(400);
        assertThat(all.availability()).isCloseTo(1, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({"rfc6455, 1", "none, 2", "guide, 3", "'{delay: 1s, attempts: 3}', 4"})
    void whateverBecomesOfClientsInARestartEachIsCountedOnce(String policy, long seed) {
        VirtualFleet[] fleet = new VirtualFleet[1];
        Statistics statistics = statistics(fleet, String.format(CLOSED, policy) + RESTART, seed);

        Scope all = statistics.all();
        assertThat(all.arrived()).as("seed %d", seed).isEqualTo(fleet[0].arrived);
        assertBalanced(all);
        RestartFigures restart = all.restarts().get(0);
        assertThat(restart.codes().get(1012).longValue())
                .isEqualTo(restart.affected())
                .isBetween(800L, 1000L); // Some left of themselves before their Close came.
        assertThat(statistics.ledger().unmatched()).isZero();
        assertThat(all.open()).isBetween(950L, 1000L);
    }

    @Test
    void whoLeavesBeforeItIsDueIsLateUnlessItWouldHaveBeenBack() {
        VirtualFleet[] fleet = new VirtualFleet[1];
        Statistics statistics = statistics(fleet, String.format(CLOSED, "rfc6455") + RESTART, 5);

        RestartFigures restart = statistics.all().restarts().get(0);
        // Outages of 5 s and more, in which many a stay of 10 s on average ends.
        assertThat(restart.left()).isBetween(300L, 800L).isEqualTo(restart.late());
        assertThat(restart.success().part()).isEqualTo(restart.affected() - restart.left());
        assertThat(restart.successAtBest().rate()).isEqualTo(1);
        assertThat(restart.outage().never()).isEqualTo(restart.left());
        assertThat(restart.outage().atBest().never()).isZero();
        assertThat(restart.outage().atBest().count()).isEqualTo(restart.affected());
        assertThat(Quantile.P50.of(restart.outage().atBest())).isBetween(2e6, 10e6);
        assertThat(Quantile.P90.of(restart.outage())).isInfinite();
        assertThat(statistics.all().availability()).isBetween(0.90, 0.99);
    }

    @Test
    void whoLeavesAfterItWasDueIsLate() {
        VirtualFleet[] fleet = new VirtualFleet[1];
        RestartFigures restart = statistics(fleet, """
                        duration: 60s
                        load: {phones: {clients: 100, stay: 30s, reconnect: {delay: 50s}}}
                        faults: [{restart: {at: 10s, downtime: 1s, deadline: 5s}}]
                        """, 5).all().restarts().get(0);

        assertThat(restart.late()).isEqualTo(100);
        assertThat(restart.left()).isZero();
        assertThat(restart.outage().never()).isEqualTo(100);
    }

    @Test
    void whoGivesUpIsMissedUntilTheNextTakesItsPlace() {
        VirtualFleet[] fleet = new VirtualFleet[1];
        Statistics statistics = statistics(fleet, """
                        duration: 60s
                        load: {phones: {clients: 100, arrive: at-once, model: closed, reconnect: none}}
                        faults: [{restart: {at: 30s, downtime: 0s, deadline: 5s}}]
                        """, 5);

        // The first hundred are missed for half a second, until the second hundred come.
        assertThat(statistics.all().gaveUp()).isEqualTo(100);
        assertThat(statistics.all().arrived()).isEqualTo(200);
        assertThat(statistics.all().availability()).isCloseTo(59.5 / 60, within(0.002));
    }

    @Test
    void aNewClientAtAPlaceHasARequirementAgain() {
        Plan plan = Runs.plan("""
                duration: 60s
                load:
                  strict:
                    clients: 100
                    arrive: at-once
                    model: closed
                    stay: 20s
                    offer: [permessage-deflate]
                    require: [permessage-deflate]
                    on-1010: retry-without
                    reconnect: immediate
                faults: [{withhold: permessage-deflate}]
                """, 1);
        Statistics statistics = Runs.of(plan);

        ExtensionFigures deflate =
                statistics.scope("strict").extension("permessage-deflate").orElseThrow();
        // Three clients at each place, each of which drops its requirement after its first 1010.
        assertThat(deflate.closed1010()).isEqualTo(300);
        assertThat(deflate.failureRate().whole()).isEqualTo(300);
    }

    @Test
    void aSlowAnswerToAClosingClientIsNotHeldAgainstTheServer() {
        Plan plan = Runs.plan("duration: 60s\nload: {phones: {clients: 10, arrive: at-once, stay: 10s}}\n", 1);
        // It says goodbye at 10 s, and has its answer at 20 s.
        Statistics statistics = Runs.of(
                plan,
                Runs.QUIET,
                row -> row.event() == JournalEvent.FINISHED ? StatisticsTest.later(row, 10_000_000) : row);

        assertThat(statistics.all().availability()).isEqualTo(1);
    }
}
