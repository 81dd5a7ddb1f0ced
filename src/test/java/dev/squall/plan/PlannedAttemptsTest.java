package dev.squall.plan;

import static org.assertj.core.api.Assertions.assertThat;

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
    void firstTriesFollowThePolicies() {
        // 300 at once; 1,000 spread over 1 to 5 s, so 250 a second; 50 never.
        assertThat(new PlannedAttempts(PLAN).peakAfter(PLAN.restarts().get(0))).isEqualTo(300);
    }

    @Test
    void aDrainSpreadsThem() {
        assertThat(new PlannedAttempts(PLAN).peakAfter(PLAN.restarts().get(1))).isBetween(110L, 170L);
    }
}
