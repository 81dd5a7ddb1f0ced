package dev.squall.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.stats.Runs;
import org.junit.jupiter.api.Test;

class PlannedAttemptsTest {

    private static final Plan PLAN = Runs.plan("""
            duration: 60s
            load:
              slow: {clients: 1000, arrive: {over: 10s}, reconnect: guide}
              eager: {clients: 300, arrive: {over: 10s}, reconnect: immediate}
              gone: {clients: 50, arrive: {over: 10s}, reconnect: none}
            faults:
              - restart: {at: 20s, deadline: 10s}
              - restart: {at: 40s, drain: 10s, deadline: 5s}
            """, 9);

    @Test
    void arrivalsOfAllPopulationsAddUp() {
        assertThat(new PlannedAttempts(PLAN).peakOfArrivals()).isBetween(135L, 138L);
    }

    @Test
    void populationsThatComeOneAfterTheOtherDoNotAddUp() {
        Plan plan = Runs.plan("""
                duration: 60s
                load:
                  early: {clients: 1000, arrive: {over: 10s}}
                  late: {clients: 600, arrive: {after: 20s, over: 5s}}
                """, 9);

        assertThat(PlannedAttempts.arrivalsWithinSecond(plan.populations())).isCloseTo(120, within(1e-6));
        assertThat(new PlannedAttempts(plan).peakOfArrivals()).isBetween(119L, 121L);
    }

    @Test
    void successorsOfTheClosedModelCount() {
        Plan plan = Runs.plan(
                "duration: 60s\nload: {a: {clients: 900, arrive: {over: 9s}, model: closed, stay: 8s..10s}}", 9);

        assertThat(PlannedAttempts.arrivalsWithinSecond(plan.populations())).isCloseTo(199.9, within(0.1));
        assertThat(new PlannedAttempts(plan).peakOfArrivals()).isBetween(199L, 201L);
    }

    @Test
    void firstTriesFollowThePolicies() {
        // 300 at once; 1,000 spread over 1 to 5 s, so 250 a second; 50 never.
        assertThat(new PlannedAttempts(PLAN).peakAfter(PLAN.restarts().get(0))).isEqualTo(300);
    }

    @Test
    void aDrainSpreadsThem() {
        assertThat(new PlannedAttempts(PLAN).peakAfter(PLAN.restarts().get(1))).isBetween(110L, 170L);
    }
}
